// Draws a picture anew, as large as it is sent and as small as it is shown: turned as its camera was held, and without
// anything that its file says of place, time or camera.
import { thumbhashOf } from "./thumbhash_of.js";

/**
 * @typedef {import("./upload_entry.js").NewFile} NewFile
 * @typedef {ImageBitmap | HTMLVideoElement} Source
 * @typedef {{ width: number, height: number }} Size
 */

const LARGEST = 2560;
const HASHED = 100;
const SMALL_BYTES = 64 * 1024;
// The small version: the first of these that is no larger than the server takes.
const SMALLER = /** @type {const} */ ([
  [720, 0.75],
  [560, 0.7],
  [400, 0.6],
  [240, 0.5],
]);
const QUALITY = 0.85;

/**
 * A size with the same shape whose longer side is no longer than `most`.
 * @param {Size} size
 * @param {number} most
 * @returns {Size}
 */
export function fit({ width, height }, most) {
  const scale = Math.min(1, most / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** @param {Source} source */
export const sizeOf = (source) =>
  source instanceof HTMLVideoElement
    ? { width: source.videoWidth, height: source.videoHeight }
    : { width: source.width, height: source.height };

/**
 * @param {Source} source
 * @param {number} most
 */
function draw(source, most) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, fit(sizeOf(source), most));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("There is no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return { canvas, context };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} type
 * @param {number} [quality]
 * @returns {Promise<Blob>}
 */
const encode = (canvas, type, quality) =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("Nothing was drawn"))), type, quality);
  });

/**
 * As WebP; where a browser cannot write it, as JPEG, or as PNG where something shines through.
 * @param {HTMLCanvasElement} canvas
 * @param {number} quality
 * @param {boolean} isOpaque
 */
async function write(canvas, quality, isOpaque) {
  const webp = await encode(canvas, "image/webp", quality);
  if (webp.type === "image/webp") return webp;
  return isOpaque ? encode(canvas, "image/jpeg", quality) : webp;
}

/** @param {Uint8ClampedArray} data */
function isOpaque(data) {
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return false;
  return true;
}

/**
 * The small version of what is sent; null where there is none that is small enough.
 * @param {Source} source
 * @param {boolean} opaque
 * @returns {Promise<NewFile | null>}
 */
async function drawSmall(source, opaque) {
  for (const [side, quality] of SMALLER) {
    const { canvas } = draw(source, side);
    const blob = await write(canvas, quality, opaque);
    if (blob.size <= SMALL_BYTES) return { blob, name: "thumbnail", type: blob.type };
  }
  return null;
}

/**
 * What is known of a picture, or of a film by one of its pictures: size, thumbhash and small version.
 * @param {Source} source
 */
export async function lookAt(source) {
  const { canvas, context } = draw(source, HASHED);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const opaque = isOpaque(pixels.data);
  const thumbhash = btoa(String.fromCharCode(...thumbhashOf(pixels)));
  return { ...sizeOf(source), thumbhash, opaque, thumbnail: await drawSmall(source, opaque) };
}

/**
 * A picture as it is sent.
 * @param {Source} source
 * @param {boolean} opaque
 */
export async function drawAnew(source, opaque) {
  const { canvas } = draw(source, LARGEST);
  const blob = await write(canvas, QUALITY, opaque);
  return { blob, width: canvas.width, height: canvas.height };
}
