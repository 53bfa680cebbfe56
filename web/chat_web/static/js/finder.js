// Searches while somebody types: one request at a time, a little after the last key; what was typed over is dropped.
import { Refused } from "./api.js";

/**
 * @typedef {import("./search_api.js").Found} Found
 * @typedef {import("./search_api.js").Query} Query
 */

const PAUSE = 300;
// A long chat is searched piece by piece: so many without a find follow each other unasked.
const UNASKED = 5;

export class Finder {
  /** @type {Query} */
  query = { q: "", chatId: 0 };
  /** @type {Found[]} newest first in each chat */
  found = [];
  /** @type {"idle" | "busy" | "done" | "failed"} */
  state = "idle";
  /** Why it has failed. */
  code = "";
  /** @type {number | null} the moment down to which one chat was searched */
  backTo = null;
  /** @type {string | null} */
  #cursor = null;
  /** @type {import("./clock.js").Timer | undefined} */
  #timer;
  #isAsking = false;
  #isWaiting = false;
  #ask;
  #clock;
  #changed;

  /**
   * `changed()` runs when there is something else to show.
   * @param {object} parts
   * @param {typeof import("./search_api.js").search} parts.ask
   * @param {import("./clock.js").Clock} parts.clock
   * @param {() => void} parts.changed
   */
  constructor({ ask, clock, changed }) {
    this.#ask = ask;
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Whether not all was searched. */
  get more() {
    return this.#cursor !== null;
  }

  /**
   * Search for this text soon, in one chat or (0) in all; nothing where it has no characters.
   * @param {string} text
   * @param {number} [chatId]
   */
  set(text, chatId = 0) {
    const q = text.trim();
    if (q === this.query.q && chatId === this.query.chatId && this.state !== "failed") return;
    this.query = { q, chatId };
    Object.assign(this, { found: [], backTo: null, code: "" });
    this.#cursor = null;
    this.#clock.cancel(this.#timer);
    this.state = q ? "busy" : "idle";
    if (q) this.#timer = this.#clock.after(PAUSE, () => this.#run());
    this.#changed();
  }

  /** Go on where the last answer ended: what is older, or what has failed. */
  goOn() {
    if (this.state === "busy" || this.state === "idle" || (this.state === "done" && !this.more)) return;
    this.state = "busy";
    this.#changed();
    this.#run();
  }

  /**
   * Let go of what was found and is gone since.
   * @param {(found: Found) => boolean} isGone
   */
  drop(isGone) {
    const left = this.found.filter((one) => !isGone(one));
    if (left.length === this.found.length) return;
    this.found = left;
    this.#changed();
  }

  async #run() {
    this.#isWaiting = this.#isAsking;
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { query } = this;
    try {
      await this.#askFor(query);
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      if (query === this.query) Object.assign(this, { state: "failed", code: refusal.code });
    } finally {
      this.#isAsking = false;
    }
    if (this.#isWaiting) this.#run();
    else if (query === this.query) this.#changed();
  }

  /** @param {Query} query */
  async #askFor(query) {
    const before = this.found.length;
    for (let asked = 0; asked < UNASKED; asked += 1) {
      const { found, cursor, backTo } = await this.#ask(query, this.#cursor);
      if (query !== this.query) return;
      this.found = this.found.concat(found);
      this.#cursor = cursor;
      this.backTo = backTo;
      if (!cursor || this.found.length > before) break;
    }
    this.state = "done";
  }
}
