// Keeps one connection to ws-server alive: logs in, comes back after a loss, and does not trust a socket that only says
// it is open (after sleep it may be long dead).

import { systemClock } from "./clock.js";

/**
 * @typedef {import("./api.js").Session} Session
 * @typedef {{ type: string, [field: string]: any }} Frame
 * @typedef {"connecting" | "open" | "waiting"} State
 */

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

/**
 * The longest wait before the next try after `tries` in vain, in milliseconds; `spent` is what the last one has taken.
 * @param {number} tries
 * @param {boolean} attended
 * @param {number} [spent]
 */
export function longestWait(tries, attended, spent = 0) {
  const planned = SHORTEST_WAIT * 2 ** tries;
  if (!attended) return Math.min(planned, LONGEST_WAIT);
  return Math.min(planned, Math.max(SHORTEST_WAIT, LONGEST_WAIT_ATTENDED - spent));
}

export class Connection {
  /** @type {string | null} what the server has said in the last login: another one than before is a restored backup */
  epoch = null;
  /** @type {State} */
  #state = "connecting";
  /** @type {Session | null} */
  #session = null;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Record<string, import("./clock.js").Timer | undefined>} */
  #timers = {};
  #tries = 0;
  #refusals = 0;
  #openedAt = 0;
  #heardAt = 0;
  #tickedAt = 0;
  #renew;
  #receive;
  #change;
  #Socket;
  #clock;
  #random;
  #isAttended;

  /**
   * `renew()` asks for a new session (null: logged out, stop); `receive(frame)` gets each frame; `change(state)` hears of
   * "connecting", "open" and "waiting"; `attended()` says whether somebody waits for it.
   * @param {object} parts
   * @param {() => Promise<Session | null>} parts.renew
   * @param {(frame: Frame) => void} parts.receive
   * @param {(state: State) => void} parts.change
   * @param {typeof WebSocket} [parts.Socket]
   * @param {import("./clock.js").Clock} [parts.clock]
   * @param {() => number} [parts.random]
   * @param {() => boolean} [parts.attended]
   */
  constructor({
    renew,
    receive,
    change,
    Socket = globalThis.WebSocket,
    clock = systemClock,
    random = Math.random,
    attended = isAttended,
  }) {
    this.#renew = renew;
    this.#receive = receive;
    this.#change = change;
    this.#Socket = Socket;
    this.#clock = clock;
    this.#random = random;
    this.#isAttended = attended;
  }

  get state() {
    return this.#state;
  }

  /** @param {Session} session */
  start(session) {
    this.#session = session;
    this.#connect();
    this.#beat();
  }

  /**
   * Give a frame to the socket; says whether there was an open one.
   * @param {object} frame
   */
  send(frame) {
    if (this.#state !== "open" || this.#socket?.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Something says that the world has changed (online, visible, "try now"): connect at once, or make sure of the socket. */
  wake() {
    if (!this.#session) return;
    this.#tries = 0;
    if (this.#state === "open") this.probe(3000);
    else if (this.#state === "waiting" || this.#clock.now() - this.#openedAt > 3000) this.#connect();
  }

  /** Somebody uses the page: do not let them wait for a try that is planned. */
  nudge() {
    if (this.#state === "waiting" && this.#clock.now() - this.#openedAt >= SHORTEST_WAIT) this.#connect();
  }

  /**
   * Ask the socket for a sign of life; without one in time it counts as lost.
   * @param {number} limit milliseconds
   */
  probe(limit) {
    if (this.#state !== "open" || this.#timers.probe) return;
    this.send({ type: "ping" });
    this.#set("probe", limit, () => {
      this.#tries = 0;
      this.#lose(0, 0);
    });
  }

  #connect() {
    const session = this.#session;
    if (!session) return;
    this.#leave();
    this.#become("connecting");
    this.#openedAt = this.#clock.now();
    let socket;
    try {
      socket = new this.#Socket(session.ws_url);
    } catch {
      this.#lose(0);
      return;
    }
    this.#socket = socket;
    this.#set("connect", OPEN_LIMIT, () => this.#lose(0));
    socket.onopen = () => {
      this.#set("connect", LOGIN_LIMIT, () => this.#lose(0));
      const { user_id, token } = session;
      socket.send(JSON.stringify({ type: "auth", user_id, token, features: ["presence_list", "changes"] }));
    };
    socket.onclose = (event) => this.#lose(event.code);
    socket.onmessage = (event) => this.#hear(JSON.parse(event.data));
  }

  /** @param {Frame} frame */
  #hear(frame) {
    this.#heardAt = this.#clock.now();
    this.#set("probe");
    if (frame.type === "auth") {
      if (frame.status !== "success") return;
      this.#set("connect");
      this.#refusals = 0;
      this.epoch = frame.epoch ?? null;
      this.#openedAt = this.#clock.now();
      this.#become("open");
    } else if (frame.type !== "pong" && this.#state === "open") {
      this.#receive(frame);
    }
  }

  /**
   * @param {number} code why the socket was closed; 0: it never opened, or gave no sign
   * @param {number} [wait]
   */
  #lose(code, wait) {
    const wasOpen = this.#state === "open";
    // A restart throws everybody out at once: come back soon, but not all in the same instant.
    const restarted = wasOpen && code === 1012;
    if (restarted || (wasOpen && this.#clock.now() - this.#openedAt > STEADY)) this.#tries = 0;
    this.#leave();
    if (code === 4401 && this.#refusals < 2) {
      this.#refusals += 1;
      this.#renewSession();
      return;
    }
    const ceiling = longestWait(this.#tries, this.#isAttended(), wasOpen ? 0 : this.#clock.now() - this.#openedAt);
    this.#tries += restarted ? 0 : 1;
    const delay = wait ?? (restarted ? this.#random() * 1000 : ceiling / 2 + (this.#random() * ceiling) / 2);
    this.#become("waiting");
    this.#set("again", delay, () => this.#connect());
  }

  async #renewSession() {
    this.#become("connecting");
    try {
      const session = await this.#renew();
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
    Object.assign(socket, { onopen: null, onmessage: null, onclose: null });
    try {
      socket.close();
    } catch {
      // It never opened.
    }
  }

  /** Notice quiet, and notice sleep: a beat that comes late means that the machine was away. */
  #beat() {
    const now = this.#clock.now();
    const slept = now - this.#tickedAt > HEARTBEAT + 10_000 && this.#tickedAt > 0;
    this.#tickedAt = now;
    if (slept) this.wake();
    else if (this.#state === "open" && now - this.#heardAt > QUIET_LIMIT) this.probe(8000);
    this.#clock.after(HEARTBEAT, () => this.#beat());
  }

  /** @param {State} state */
  #become(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#change(state);
  }

  /**
   * Set the timer of this name, or without `run` only stop it.
   * @param {string} name
   * @param {number} [ms]
   * @param {() => void} [run]
   */
  #set(name, ms = 0, run) {
    this.#clock.cancel(this.#timers[name]);
    this.#timers[name] =
      run &&
      this.#clock.after(ms, () => {
        this.#timers[name] = undefined;
        run();
      });
  }
}
