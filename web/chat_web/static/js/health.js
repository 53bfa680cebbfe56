// Knows whether the server reaches its database. While it does not, nobody can say who is online.
import { systemClock } from "./socket.js";

const LOOK_EVERY = 10_000;
const LOOK_AGAIN = 3_000;

export class Health {
  #isGood = true;
  #timer = 0;

  /**
   * `ask()` asks the server (true, false; null: no answer); `wanted()` says whether somebody sees the difference now;
   * `changed(isGood)` hears of every change.
   */
  constructor({ ask, wanted, changed, clock = systemClock, random = Math.random }) {
    Object.assign(this, { ask, wanted, changed, clock, random });
  }

  start() {
    this.clock.cancel(this.#timer);
    const wait = this.#isGood ? LOOK_EVERY : LOOK_AGAIN;
    this.#timer = this.clock.after(wait * (0.75 + this.random() / 2), () => this.look());
  }

  /** Take what an answer has shown. */
  hear(isGood) {
    if (isGood === this.#isGood) return;
    this.#isGood = isGood;
    this.changed(isGood);
    this.start();
  }

  /** Ask now, if anybody wants to know; then again after a while. */
  async look() {
    this.clock.cancel(this.#timer);
    const isGood = !this.#isGood || this.wanted() ? await this.ask() : null;
    if (isGood !== null) this.hear(isGood);
    this.start();
  }
}
