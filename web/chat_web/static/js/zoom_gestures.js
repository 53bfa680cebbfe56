// Wheel, pinch, drag and double click on a picture; a drag sideways of a whole one leads to the next.
import { moved, WHOLE, zoomAt } from "./zoom.js";

/** @typedef {import("./zoom.js").Zoom} Zoom */

const SWIPE = 56; // pixels
const DOUBLE = 2.5;
const WHEEL = 500; // of its pixels for a factor of e
export const STEP = 1.5;

export class ZoomGestures {
  #zoom = WHOLE;
  /** @type {Map<number, { x: number, y: number }>} the fingers that are down, from the middle of the stage */
  #fingers = new Map();
  #swiped = 0;
  #stage;
  #swipe;

  /**
   * `swipe(by)` is told of a drag sideways: 1 towards the left, -1 towards the right.
   * @param {HTMLElement} stage
   * @param {(by: number) => void} swipe
   */
  constructor(stage, swipe) {
    this.#stage = stage;
    this.#swipe = swipe;
    stage.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => this.#onDouble(event));
    stage.addEventListener("pointerdown", (event) => this.#onDown(event));
    stage.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      stage.addEventListener(name, (event) => this.#onUp(event));
    }
  }

  get isZoomed() {
    return this.#zoom.scale > 1;
  }

  /** Show the whole picture. */
  reset() {
    this.#fingers.clear();
    this.#show(WHOLE);
  }

  /** @param {number} factor */
  by(factor) {
    this.#show(zoomAt(this.#zoom, factor, { x: 0, y: 0 }, this.#size));
  }

  /**
   * Move what is enlarged, in parts of the stage.
   * @param {number} x
   * @param {number} y
   */
  move(x, y) {
    const { width, height } = this.#size;
    this.#show(moved(this.#zoom, { x: x * width, y: y * height }, this.#size));
  }

  get #size() {
    const { clientWidth: width, clientHeight: height } = this.#stage;
    return { width, height };
  }

  /** @param {Zoom} zoom */
  #show(zoom) {
    this.#zoom = zoom;
    const image = this.#stage.querySelector("img");
    if (image) image.style.transform = `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})`;
    this.#stage.classList.toggle("lightbox__stage--zoomed", this.isZoomed);
  }

  /** @param {MouseEvent} event */
  #pointOf({ clientX, clientY }) {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
  }

  /** @param {Event} event */
  #isPicture({ target }) {
    return target instanceof HTMLImageElement || target === this.#stage;
  }

  /** @param {WheelEvent} event */
  #onWheel(event) {
    if (!this.#isPicture(event)) return;
    event.preventDefault();
    this.#show(zoomAt(this.#zoom, Math.exp(-event.deltaY / WHEEL), this.#pointOf(event), this.#size));
  }

  /** @param {MouseEvent} event */
  #onDouble(event) {
    if (!this.#isPicture(event)) return;
    if (this.isZoomed) this.reset();
    else this.#show(zoomAt(this.#zoom, DOUBLE, this.#pointOf(event), this.#size));
  }

  /** @param {PointerEvent} event */
  #onDown(event) {
    if (!this.#isPicture(event) || event.button) return;
    this.#stage.setPointerCapture(event.pointerId);
    if (!this.#fingers.size) this.#swiped = 0;
    this.#fingers.set(event.pointerId, this.#pointOf(event));
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const now = this.#pointOf(event);
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.#fingers.set(event.pointerId, now);
    if (other) this.#pinch(other, before, now);
    else if (this.isZoomed) this.#show(moved(this.#zoom, { x: now.x - before.x, y: now.y - before.y }, this.#size));
    else this.#swiped += now.x - before.x;
  }

  /** @typedef {import("./zoom.js").Point} Point */

  /**
   * @param {Point} still
   * @param {Point} before
   * @param {Point} now
   */
  #pinch(still, before, now) {
    this.#swiped = 0;
    const [from, to] = [before, now].map(({ x, y }) => Math.hypot(x - still.x, y - still.y));
    const middle = { x: (still.x + now.x) / 2, y: (still.y + now.y) / 2 };
    if (from > 1) this.#show(zoomAt(this.#zoom, to / from, middle, this.#size));
  }

  /** @param {PointerEvent} event */
  #onUp(event) {
    if (!this.#fingers.delete(event.pointerId) || this.#fingers.size) return;
    const by = this.#swiped;
    this.#swiped = 0;
    if (event.type === "pointerup" && !this.isZoomed && Math.abs(by) > SWIPE) this.#swipe(by < 0 ? 1 : -1);
  }
}
