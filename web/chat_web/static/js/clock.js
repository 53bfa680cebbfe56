// The time and the timers of the page, as one thing that tests can turn.

/** @typedef {number | ReturnType<typeof setTimeout>} Timer */

/**
 * @typedef {object} Clock
 * @property {() => number} now milliseconds
 * @property {(ms: number, run: () => void) => Timer} after
 * @property {(timer: Timer | undefined) => void} cancel
 */

/** @type {Clock} */
export const systemClock = {
  now: () => Date.now(),
  after: (ms, run) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(timer),
};

/**
 * A function that runs `run` once, `ms` after the first of many calls.
 * @param {number} ms
 * @param {() => void} run
 */
export function soon(ms, run) {
  let _timer = 0;
  return () => {
    _timer ||= setTimeout(() => {
      _timer = 0;
      run();
    }, ms);
  };
}

/**
 * A function that runs `run` once; where that failed, the next call tries again.
 * @param {() => Promise<void>} run
 */
export function once(run) {
  /** @type {Promise<void> | null} */
  let _running = null;
  return () => {
    _running ??= run().catch(() => {
      _running = null;
    });
  };
}

/**
 * Run something when what has changed is to be seen; at once where nobody sees it.
 * @param {() => void} run
 */
export function afterPaint(run) {
  if (document.hidden) run();
  else requestAnimationFrame(() => setTimeout(run));
}
