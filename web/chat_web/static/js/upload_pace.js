// How large is the next piece of a file? So large that it takes about five seconds: a break costs no more than that.

const GOAL = 5_000;
const [SMALLEST, FIRST, LARGEST] = [64 * 1024, 512 * 1024, 16 * 1024 * 1024];
const AT_MOST = 4; // times as large as the one before: one quick answer proves little

export class Pace {
  /** The size of the next piece, in bytes. */
  size = FIRST;

  /**
   * A piece has come.
   * @param {number} bytes
   * @param {number} took milliseconds
   */
  came(bytes, took) {
    const goal = (bytes / Math.max(1, took)) * GOAL;
    // The last piece of a file is small whatever the line is like.
    if (bytes < this.size && took < GOAL) return;
    this.#become(Math.min(goal, this.size * AT_MOST));
  }

  /** A piece has not come. */
  broke() {
    this.#become(this.size / 2);
  }

  /** @param {number} size */
  #become(size) {
    this.size = Math.round(Math.min(LARGEST, Math.max(SMALLEST, size)));
  }
}
