// How is a picture enlarged and moved? Arithmetic alone: `x` and `y` move its middle away from that of the stage.

/**
 * @typedef {{ scale: number, x: number, y: number }} Zoom
 * @typedef {{ width: number, height: number }} Size
 * @typedef {{ x: number, y: number }} Point from the middle of the stage
 */

/** @type {Zoom} */
export const WHOLE = { scale: 1, x: 0, y: 0 };
const MOST = 8;

/**
 * @param {number} value
 * @param {number} limit
 */
const within = (value, limit) => Math.min(limit, Math.max(-limit, value));

/**
 * A zoom within bounds: no smaller than the stage, and nothing beside the picture where it is larger.
 * @param {Zoom} zoom
 * @param {Size} stage
 * @returns {Zoom}
 */
export function bounded({ scale, x, y }, { width, height }) {
  const held = Math.min(MOST, Math.max(1, scale));
  return { scale: held, x: within(x, ((held - 1) * width) / 2), y: within(y, ((held - 1) * height) / 2) };
}

/**
 * Enlarge by a factor; what is at `point` stays there.
 * @param {Zoom} zoom
 * @param {number} factor
 * @param {Point} point
 * @param {Size} stage
 */
export function zoomAt({ scale, x, y }, factor, point, stage) {
  const to = Math.min(MOST, Math.max(1, scale * factor));
  const by = to / scale;
  return bounded({ scale: to, x: point.x - (point.x - x) * by, y: point.y - (point.y - y) * by }, stage);
}

/**
 * Move by so many pixels.
 * @param {Zoom} zoom
 * @param {Point} by
 * @param {Size} stage
 */
export const moved = ({ scale, x, y }, by, stage) => bounded({ scale, x: x + by.x, y: y + by.y }, stage);
