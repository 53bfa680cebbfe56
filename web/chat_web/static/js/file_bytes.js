// What is a file, by its first bytes? As far as the page has to know before it sends it.

/** @typedef {"picture" | "moving" | "film" | "other"} ByteKind `moving`: a picture that would stand still, drawn anew */

/** How many bytes of a file are enough to tell. */
export const HEAD = 64 * 1024;

/**
 * The ASCII text at a place.
 * @param {Uint8Array} bytes
 * @param {number} from
 * @param {number} length
 */
export const textAt = (bytes, from, length) => String.fromCharCode(...bytes.subarray(from, from + length));

// Brands of ISO files: pictures (HEIC and AVIF are pictures that some browsers can draw), and films.
const PICTURE_BRANDS = new Set(["avif", "avis", "heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"]);
const SOUND_BRANDS = new Set(["M4A ", "M4B "]);

/** @param {Uint8Array} bytes */
const isIso = (bytes) => textAt(bytes, 4, 4) === "ftyp";

/**
 * @param {Uint8Array} head
 * @returns {ByteKind}
 */
function kindOfIso(head) {
  const brand = textAt(head, 8, 4);
  if (PICTURE_BRANDS.has(brand)) return "picture";
  return SOUND_BRANDS.has(brand) ? "other" : "film";
}

/**
 * @param {Uint8Array} head the first bytes of a file, HEAD at most
 * @returns {ByteKind}
 */
export function kindOfBytes(head) {
  if (isIso(head)) return kindOfIso(head);
  const begin = textAt(head, 0, 4);
  if (begin === "\u0089PNG") return textAt(head, 0, head.length).includes("acTL") ? "moving" : "picture";
  if (begin === "GIF8") return "moving";
  if (begin === "RIFF" && textAt(head, 8, 4) === "WEBP") return isMovingWebp(head) ? "moving" : "picture";
  if (begin.startsWith("\u00ff\u00d8\u00ff") || begin.startsWith("BM")) return "picture";
  return begin === "\u001a\u0045\u00df\u00a3" ? "film" : "other";
}

/** @param {Uint8Array} head */
const isMovingWebp = (head) => textAt(head, 12, 4) === "VP8X" && (head[20] & 0x02) !== 0;
