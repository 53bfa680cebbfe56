// Blanks in a film (MP4, QuickTime) what it says of place, camera and person: boxes that say it become free space of the
// same size, so that nothing else has to move (ISO/IEC 14496-12).
import { textAt } from "./file_bytes.js";

const NOTES = new Set(["udta", "meta", "uuid"]);
const HOLDERS = new Set(["moov", "trak", "mdia", "moof", "traf"]);
const LARGEST_HOLDER = 128 * 1024 * 1024;
const FREE = [0x66, 0x72, 0x65, 0x65];

/** @typedef {{ type: string, head: number, size: number }} Box `size` is all of it, its head included */

/**
 * The box that begins at a place; null where none can begin there. `left` is how many bytes there are.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} left
 * @returns {Box | null}
 */
function boxAt(bytes, at, left) {
  if (bytes.length < at + 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const short = view.getUint32(at);
  const isLong = short === 1 && bytes.length >= at + 16;
  const head = isLong ? 16 : 8;
  let size = short || left;
  if (isLong) size = Number(view.getBigUint64(at + 8));
  return size < head || size > left ? null : { type: textAt(bytes, at + 4, 4), head, size };
}

/**
 * Blank the notes between two places. Says whether boxes filled all of it.
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {number} to
 */
function blank(bytes, from, to) {
  let at = from;
  while (at < to) {
    const box = boxAt(bytes, at, to - at);
    if (!box) return false;
    const end = at + box.size;
    if (NOTES.has(box.type)) {
      bytes.set(FREE, at + 4);
      bytes.fill(0, at + box.head, end);
    } else if (HOLDERS.has(box.type) && !blank(bytes, at + box.head, end)) return false;
    at = end;
  }
  return true;
}

/**
 * The film without its notes; null where it is built in a way that is not understood. Only what holds notes is read.
 * @param {Blob} film
 * @returns {Promise<Blob | null>}
 */
export async function cleanFilm(film) {
  const parts = [];
  for (let at = 0; at < film.size; ) {
    const head = new Uint8Array(await film.slice(at, at + 16).arrayBuffer());
    const box = boxAt(head, 0, film.size - at);
    if (!box) return null;
    const part = film.slice(at, at + box.size);
    at += box.size;
    if (!NOTES.has(box.type) && !HOLDERS.has(box.type)) parts.push(part);
    else {
      if (box.size > LARGEST_HOLDER) return null;
      const bytes = new Uint8Array(await part.arrayBuffer());
      if (!blank(bytes, 0, bytes.length)) return null;
      parts.push(bytes);
    }
  }
  return new Blob(parts, { type: film.type });
}
