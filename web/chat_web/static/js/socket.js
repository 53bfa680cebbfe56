// Keeps one connection to ws-server alive: logs in, comes back after a loss, and does not trust a socket that only says
// it is open (after sleep it may be long dead).

const OPEN_LIMIT = 5_000;
const LOGIN_LIMIT = 10_000;
const QUIET_LIMIT = 25_000;
const HEARTBEAT = 5_000;
const LONGEST_WAIT = 30_000;
const LONGEST_WAIT_ATTENDED = 5_000;
const SHORTEST_WAIT = 1_000;
const STEADY = 5_000;

/** Whether somebody may be looking at the page, and a try has a chance. */
export const isAttended = () => !document.hidden && navigator.onLine;

/** The longest wait before the next try after `tries` in vain, in milliseconds; `spent` is what the last one has taken. */
export function longestWait(tries, attended, spent = 0) {
  const planned = SHORTEST_WAIT * 2 ** tries;
  if (!attended) return Math.min(planned, LONGEST_WAIT);
  return Math.min(planned, Math.max(SHORTEST_WAIT, LONGEST_WAIT_ATTENDED - spent));
}

export const systemClock = {
  now: () => Date.now(),
  after: (ms, run) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(timer),
};

export class Connection {
  state = "connecting";
  #session = null;
  #socket = null;
  #timers = {};
  #tries = 0;
  #refusals = 0;
  #openedAt = 0;
  #heardAt = 0;
  #tickedAt = 0;

  /**
   * `renew()` asks for a new session (null: logged out, stop); `receive(frame)` gets each frame; `change(state)` hears of
   * "connecting", "open" and "waiting"; `attended()` says whether somebody waits for it.
   */
  constructor({ renew, receive, change, Socket = globalThis.WebSocket, clock = systemClock, random = Math.random, attended = isAttended }) {
    Object.assign(this, { renew, receive, change, Socket, clock, random, attended });
  }

  start(session) {
    this.#session = session;
    this.#connect();
    this.#beat();
  }

  /** Give a frame to the socket; says whether there was an open one. */
  send(frame) {
    if (this.state !== "open" || this.#socket.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Something says that the world has changed (online, visible, "try now"): connect at once, or make sure of the socket. */
  wake() {
    if (!this.#session) return;
    this.#tries = 0;
    if (this.state === "open") this.probe(3000);
    else if (this.state === "waiting" || this.clock.now() - this.#openedAt > 3000) this.#connect();
  }

  /** Somebody uses the page: do not let them wait for a try that is planned. */
  nudge() {
    if (this.state === "waiting" && this.clock.now() - this.#openedAt >= SHORTEST_WAIT) this.#connect();
  }

  /** Ask the socket for a sign of life; without one in time it counts as lost. */
  probe(limit) {
    if (this.state !== "open" || this.#timers.probe) return;
    this.send({ type: "ping" });
    this.#set("probe", limit, () => {
      this.#tries = 0;
      this.#lose(0, 0);
    });
  }

  #connect() {
    this.#leave();
    this.#become("connecting");
    this.#openedAt = this.clock.now();
    let socket;
    try {
      socket = new this.Socket(this.#session.ws_url);
    } catch {
      this.#lose(0);
      return;
    }
    this.#socket = socket;
    this.#set("connect", OPEN_LIMIT, () => this.#lose(0));
    socket.onopen = () => {
      this.#set("connect", LOGIN_LIMIT, () => this.#lose(0));
      socket.send(JSON.stringify({ type: "auth", user_id: this.#session.user_id, token: this.#session.token }));
    };
    socket.onclose = (event) => this.#lose(event.code);
    socket.onmessage = (event) => this.#hear(JSON.parse(event.data));
  }

  #hear(frame) {
    this.#heardAt = this.clock.now();
    this.#set("probe");
    if (frame.type === "auth") {
      if (frame.status !== "success") return;
      this.#set("connect");
      this.#refusals = 0;
      this.#openedAt = this.clock.now();
      this.#become("open");
    } else if (frame.type !== "pong" && this.state === "open") {
      this.receive(frame);
    }
  }

  #lose(code, wait) {
    const wasOpen = this.state === "open";
    // A restart throws everybody out at once: come back soon, but not all in the same instant.
    const restarted = wasOpen && code === 1012;
    if (restarted || (wasOpen && this.clock.now() - this.#openedAt > STEADY)) this.#tries = 0;
    this.#leave();
    if (code === 4401 && this.#refusals < 2) {
      this.#refusals += 1;
      this.#renew();
      return;
    }
    const ceiling = longestWait(this.#tries, this.attended(), wasOpen ? 0 : this.clock.now() - this.#openedAt);
    this.#tries += restarted ? 0 : 1;
    const delay = wait ?? (restarted ? this.random() * 1000 : ceiling / 2 + (this.random() * ceiling) / 2);
    this.#become("waiting");
    this.#set("again", delay, () => this.#connect());
  }

  async #renew() {
    this.#become("connecting");
    try {
      const session = await this.renew();
      if (!session) return;
      this.#session = session;
      this.#connect();
    } catch {
      this.#lose(0);
    }
  }

  #leave() {
    for (const name of ["connect", "probe", "again"]) this.#set(name);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try {
      socket.close();
    } catch { /* It never opened. */ }
  }

  /** Notice quiet, and notice sleep: a beat that comes late means that the machine was away. */
  #beat() {
    const now = this.clock.now();
    const slept = now - this.#tickedAt > HEARTBEAT + 10_000 && this.#tickedAt > 0;
    this.#tickedAt = now;
    if (slept) this.wake();
    else if (this.state === "open" && now - this.#heardAt > QUIET_LIMIT) this.probe(8000);
    this.clock.after(HEARTBEAT, () => this.#beat());
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.change(state);
  }

  /** Set the timer of this name, or without `run` only stop it. */
  #set(name, ms, run) {
    this.clock.cancel(this.#timers[name]);
    this.#timers[name] = run && this.clock.after(ms, () => {
      this.#timers[name] = undefined;
      run();
    });
  }
}
