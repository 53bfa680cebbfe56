// Takes out of pictures that move what they say of place and camera. All others are drawn anew instead.
import { textAt } from "./file_bytes.js";

// What WebP says of its own parts in its first chunk (RFC 9649, 2.7).
const WEBP_NOTES = new Set(["EXIF", "XMP "]);
const WEBP_FLAGS = 0x08 | 0x04;
// What of PNG is neither picture nor motion nor colour.
const PNG_NOTES = new Set(["eXIf", "tEXt", "zTXt", "iTXt", "tIME"]);
const [GIF_NOTE, GIF_APPLICATION] = [0xfe, 0xff];

/**
 * A WebP whose EXIF and XMP hold nothing.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
function cleanWebp(bytes) {
  const clean = bytes.slice();
  const view = new DataView(clean.buffer);
  if (textAt(clean, 12, 4) === "VP8X") clean[20] &= ~WEBP_FLAGS;
  for (let at = 12; at + 8 <= clean.length; ) {
    const size = view.getUint32(at + 4, true);
    if (WEBP_NOTES.has(textAt(clean, at, 4))) clean.fill(0, at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  return clean;
}

/**
 * The parts of a file between which something is left out.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {[from: number, to: number][]} gaps
 */
function without(bytes, gaps) {
  const parts = [];
  let from = 0;
  for (const [begin, end] of gaps) {
    parts.push(bytes.subarray(from, begin));
    from = end;
  }
  parts.push(bytes.subarray(from));
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function cleanPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  /** @type {[number, number][]} */
  const gaps = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + view.getUint32(at);
    if (PNG_NOTES.has(textAt(bytes, at + 4, 4))) gaps.push([at, Math.min(end, bytes.length)]);
    at = end;
  }
  return without(bytes, gaps);
}

/**
 * The end of a row of blocks, each of which says its length, that ends with an empty one.
 * @param {Uint8Array} bytes
 * @param {number} from
 */
function endOfBlocks(bytes, from) {
  let at = from;
  while (at < bytes.length && bytes[at]) at += 1 + bytes[at];
  return at + 1;
}

/** @param {number} flags of a GIF's screen or picture */
const tableSize = (flags) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);

/** @param {Uint8Array<ArrayBuffer>} bytes */
function cleanGif(bytes) {
  /** @type {[number, number][]} */
  const gaps = [];
  for (let at = 13 + tableSize(bytes[10]); at < bytes.length; ) {
    const [begin, code] = [at, bytes[at + 1]];
    if (bytes[at] === 0x2c) at = endOfBlocks(bytes, at + 11 + tableSize(bytes[at + 9]));
    else if (bytes[at] === 0x21) at = endOfBlocks(bytes, at + 2);
    else break;
    const isXmp = code === GIF_APPLICATION && textAt(bytes, begin + 3, 8) === "XMP Data";
    if (bytes[begin] === 0x21 && (code === GIF_NOTE || isXmp)) gaps.push([begin, Math.min(at, bytes.length)]);
  }
  return without(bytes, gaps);
}

/**
 * A GIF, WebP or PNG that moves as it did, without notes of place and camera.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function cleanMoving(bytes) {
  const begin = textAt(bytes, 0, 4);
  if (begin === "GIF8") return cleanGif(bytes);
  return begin === "RIFF" ? cleanWebp(bytes) : cleanPng(bytes);
}
