// Knows whether the server reaches its database. While it does not, nobody can say who is online.
import { systemClock } from "./clock.js";

const LOOK_EVERY = 10_000;
const LOOK_AGAIN = 3_000;

export class Health {
  #isGood = true;
  /** @type {import("./clock.js").Timer} */
  #timer = 0;
  #ask;
  #isWanted;
  #changed;
  #clock;
  #random;

  /**
   * `ask()` asks the server (true, false; null: no answer); `isWanted()` says whether somebody sees the difference now;
   * `changed(isGood)` hears of every change.
   * @param {object} parts
   * @param {() => Promise<boolean | null>} parts.ask
   * @param {() => boolean} parts.isWanted
   * @param {(isGood: boolean) => void} parts.changed
   * @param {import("./clock.js").Clock} [parts.clock]
   * @param {() => number} [parts.random]
   */
  constructor({ ask, isWanted, changed, clock = systemClock, random = Math.random }) {
    this.#ask = ask;
    this.#isWanted = isWanted;
    this.#changed = changed;
    this.#clock = clock;
    this.#random = random;
  }

  start() {
    this.#clock.cancel(this.#timer);
    const wait = this.#isGood ? LOOK_EVERY : LOOK_AGAIN;
    this.#timer = this.#clock.after(wait * (0.75 + this.#random() / 2), () => this.look());
  }

  /**
   * Take what an answer has shown.
   * @param {boolean} isGood
   */
  hear(isGood) {
    if (isGood === this.#isGood) return;
    this.#isGood = isGood;
    this.#changed(isGood);
    this.start();
  }

  /** Ask now, if anybody wants to know; then again after a while. */
  async look() {
    this.#clock.cancel(this.#timer);
    const isGood = !this.#isGood || this.#isWanted() ? await this.#ask() : null;
    if (isGood !== null) this.hear(isGood);
    this.start();
  }
}
