// A clock that goes only when a test says so.
export class Clock {
  #now = 1_000_000;
  #timers = new Map();
  #last = 0;
  now = () => this.#now;
  after = (ms, run) => {
    this.#last += 1;
    this.#timers.set(this.#last, { at: this.#now + ms, run });
    return this.#last;
  };
  cancel = (timer) => void this.#timers.delete(timer);

  /** Let `ms` pass, running what falls due in order. */
  pass(ms) {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].run();
    }
    this.#now = end;
  }
}

/** Let everything that waits for a promise go on. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

/** The processor's time that this process has used, in milliseconds: other processes do not count. */
export function usedTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
