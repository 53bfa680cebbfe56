// What is a file of a message? Its shape in the page, what it is to its readers, and where its bytes are.

/** @typedef {"picture" | "film" | "voice" | "sound" | "file"} FileKind `voice`: a sound that somebody has recorded here */

/**
 * A file as its sender has described it. `type` is what the server serves it as; `duration` is in seconds; `peaks` are
 * loudnesses from 0 to 31; `thumbnail` is the id of its small version.
 * @typedef {object} SharedFile
 * @property {number} id
 * @property {string} name
 * @property {string} type
 * @property {number} size in bytes
 * @property {number | null} width
 * @property {number | null} height
 * @property {number | null} duration
 * @property {number[] | null} peaks
 * @property {string | null} thumbhash
 * @property {number | null} thumbnail
 */

/** @typedef {Pick<SharedFile, "id" | "name" | "type" | "size"> & Partial<SharedFile>} RawFile */

const RECORDED = new Set(["audio/webm", "audio/mp4", "audio/ogg"]);
const [NARROWEST, WIDEST] = [1 / 3, 3];
const SQUARE = 1;

/**
 * @param {RawFile[]} [raw]
 * @returns {SharedFile[]}
 */
export const toFiles = (raw = []) =>
  raw.map((file) => ({
    ...{ width: null, height: null, duration: null, peaks: null, thumbhash: null, thumbnail: null },
    ...file,
  }));

/**
 * What files of a type are. Of a sound, only what was recorded has peaks; where nothing more is known, its type decides.
 * @param {string} type
 * @param {{ peaks: number[] | null }} [known]
 * @returns {FileKind}
 */
export function kindOf(type, known) {
  const group = type.split("/")[0];
  if (group === "image") return "picture";
  if (group === "video") return "film";
  if (group !== "audio") return "file";
  return RECORDED.has(type) && (!known || known.peaks) ? "voice" : "sound";
}

/** @param {SharedFile} file */
export const kindOfFile = (file) => kindOf(file.type, file);

/**
 * Whether it is something to look at: a picture or a film.
 * @param {SharedFile} file
 */
export const isVisual = (file) => ["picture", "film"].includes(kindOfFile(file));

/** @param {number} id */
export const addressOf = (id) => `/files/${id}`;

/** @param {number} id */
export const downloadOf = (id) => `${addressOf(id)}?download`;

/**
 * Width by height, as the page shows it: what the sender says is believed within bounds.
 * @param {Pick<SharedFile, "width" | "height">} file
 */
export const ratioOf = ({ width, height }) =>
  width && height ? Math.min(WIDEST, Math.max(NARROWEST, width / height)) : SQUARE;
