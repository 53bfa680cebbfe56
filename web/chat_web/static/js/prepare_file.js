// What is sent of a file that somebody has chosen? Pictures are drawn anew and films lose their notes, unless they are to go
// as they are; each with its size, its thumbhash and a small version.
import { cleanFilm } from "./clean_film.js";
import { cleanMoving } from "./clean_pictures.js";
import { drawAnew, lookAt } from "./draw_picture.js";
import { HEAD, kindOfBytes } from "./file_bytes.js";
import { cleanName, withEnding } from "./file_name.js";

/**
 * @typedef {import("./upload_entry.js").NewFile} NewFile
 * @typedef {NewFile & { thumbnail?: NewFile | null }} Whole
 * @typedef {{ file: Whole, isPlain: boolean }} PreparedFile `isPlain`: it had to go as a file, as it is
 */

const PATIENCE = 10_000;

/**
 * @param {File} file
 * @returns {Whole}
 */
const asItIs = (file) => ({ blob: file, name: cleanName(file.name), type: file.type });

/**
 * @param {File} file
 * @param {boolean} isWhole
 * @returns {Promise<Whole>}
 */
async function preparePicture(file, isWhole) {
  // Turned as the camera was held.
  const source = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const { opaque, ...known } = await lookAt(source);
    if (isWhole) return { ...asItIs(file), ...known };
    const drawn = await drawAnew(source, opaque);
    const ending = drawn.blob.type.split("/")[1].replace("jpeg", "jpg");
    // Nobody needs a small version of what is small.
    const isSmall = known.thumbnail !== null && drawn.blob.size <= known.thumbnail.blob.size;
    const thumbnail = isSmall ? null : known.thumbnail;
    return { ...known, ...drawn, thumbnail, name: withEnding(file.name, ending), type: drawn.blob.type };
  } finally {
    source.close();
  }
}

/**
 * @param {File} file
 * @param {boolean} isWhole
 * @returns {Promise<Whole>}
 */
async function prepareMoving(file, isWhole) {
  const source = await createImageBitmap(file);
  const { opaque: _opaque, ...known } = await lookAt(source).finally(() => source.close());
  if (isWhole) return { ...asItIs(file), ...known };
  const clean = cleanMoving(new Uint8Array(await file.arrayBuffer()));
  return { ...asItIs(file), ...known, blob: new Blob([clean], { type: file.type }) };
}

/**
 * Load what can be played, as far as `event`. Rejects where it cannot be.
 * @template {HTMLMediaElement} T
 * @param {T} player
 * @param {Blob} blob
 * @param {string} event
 * @returns {Promise<T>}
 */
const load = (player, blob, event) =>
  new Promise((resolve, reject) => {
    player.addEventListener(event, () => resolve(player), { once: true });
    player.addEventListener("error", () => reject(player.error), { once: true });
    setTimeout(reject, PATIENCE, new Error("It does not load"));
    Object.assign(player, { muted: true, preload: "auto", src: URL.createObjectURL(blob) });
  });

/** @param {HTMLMediaElement} player */
function unload(player) {
  URL.revokeObjectURL(player.src);
  player.removeAttribute("src");
}

/**
 * Duration of what is played. A film that was streamed may not say it.
 * @param {HTMLMediaElement} player
 */
const durationOf = ({ duration }) => (Number.isFinite(duration) ? { duration: Math.round(duration * 10) / 10 } : {});

/**
 * @param {File} file
 * @param {boolean} isWhole
 * @returns {Promise<Whole>}
 */
async function prepareFilm(file, isWhole) {
  const isWebm = kindOfBytes(new Uint8Array(await file.slice(0, 4).arrayBuffer())) === "film";
  const blob = isWhole || isWebm ? file : await cleanFilm(file);
  if (!blob) throw new Error("Its notes cannot be found");
  const player = await load(document.createElement("video"), file, "loadeddata");
  try {
    const { opaque: _opaque, ...known } = await lookAt(player);
    return { ...asItIs(file), ...known, ...durationOf(player), blob };
  } finally {
    unload(player);
  }
}

/**
 * @param {File} file
 * @returns {Promise<Whole>}
 */
async function prepareSound(file) {
  const player = await load(document.createElement("audio"), file, "loadedmetadata");
  unload(player);
  return { ...asItIs(file), ...durationOf(player) };
}

/**
 * @param {File} file
 * @param {{ isWhole: boolean }} how `isWhole`: as it is, to the last byte
 * @returns {Promise<PreparedFile>}
 */
export async function prepareFile(file, { isWhole }) {
  const kind = kindOfBytes(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
  try {
    if (kind === "picture") return { file: await preparePicture(file, isWhole), isPlain: false };
    if (kind === "moving") return { file: await prepareMoving(file, isWhole), isPlain: false };
    if (file.type.startsWith("audio/")) return { file: await prepareSound(file), isPlain: false };
    if (kind === "film") return { file: await prepareFilm(file, isWhole), isPlain: false };
  } catch {
    // Its browser cannot draw or play it (HEIC, say).
    return { file: asItIs(file), isPlain: kind !== "other" };
  }
  return { file: asItIs(file), isPlain: false };
}
