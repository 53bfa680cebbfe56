// The haze in the place of a picture that is not there yet. It is painted when it comes near the view.
import { make } from "./dom.js";
import { fromBase64, readThumbhash } from "./thumbhash.js";

const NEAR = "400px";

/** @type {WeakMap<Element, string>} */
const hashes = new WeakMap();
/** @type {IntersectionObserver | undefined} */
let observer;

/** @param {IntersectionObserverEntry[]} entries */
function paintNear(entries) {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting || !(target instanceof HTMLCanvasElement)) continue;
    observer?.unobserve(target);
    paint(target, hashes.get(target) ?? "");
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {string} hash
 */
function paint(canvas, hash) {
  const bytes = fromBase64(hash);
  const found = bytes && readThumbhash(bytes);
  if (!found) return;
  const { width, height, pixels } = found;
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
}

/**
 * A canvas that shows a thumbhash, as large as what it lies in.
 * @param {string} hash in base64
 */
export function makeHaze(hash) {
  observer ??= new IntersectionObserver(paintNear, { rootMargin: NEAR });
  const canvas = make("canvas", { "aria-hidden": "true", width: 1, height: 1 });
  hashes.set(canvas, hash);
  observer.observe(canvas);
  return canvas;
}
