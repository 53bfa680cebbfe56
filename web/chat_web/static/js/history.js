// Fetches messages of a chat that are not here yet: one request for a chat at a time, and a pause after a failure.
import { getLatest, getNewer, getOlder, Refused } from "./api.js";
import { toMessage } from "./chat.js";
import { runOf } from "./runs.js";

/** @typedef {import("./chat.js").Chat} Chat */

const LATEST = 30;
const PAGE = 100;
const BIG_PAGE = 200;
const LONG = 300;
// So many of the messages that are read already stand above the first one that is not.
const ABOVE = 40;
const PAUSE = 3000;

export class History {
  /** @type {Set<number>} */
  #busy = new Set();
  #store;
  #again;

  /**
   * `again()` runs when what did not come may be asked for once more.
   * @param {{ store: import("./store.js").Store, again: () => void }} parts
   */
  constructor({ store, again }) {
    this.#store = store;
    this.#again = again;
  }

  /**
   * The newest messages of a chat that the list has brought without any.
   * @param {Chat} chat
   */
  latest(chat) {
    return this.#fetch(chat, async () => {
      const page = await getLatest(chat.id, LATEST);
      return () => this.#store.begin(chat.id, page.messages.map(toMessage), page.more);
    });
  }

  /** @param {Chat} chat */
  older(chat) {
    const { messages } = runOf(chat);
    if (!messages.length) return;
    this.#fetch(chat, async () => {
      const page = await getOlder(chat.id, messages[0].seq, messages.length > LONG ? BIG_PAGE : PAGE);
      return () => this.#store.prepend(chat.id, page.messages.map(toMessage), page.more);
    });
  }

  /** @param {Chat} chat */
  newer(chat) {
    const end = chat.part?.messages.at(-1);
    if (!end) return;
    this.#fetch(chat, async () => {
      const page = await getNewer(chat.id, end.seq, BIG_PAGE);
      return () => this.#store.appendPart(chat.id, page.messages.map(toMessage));
    });
  }

  /**
   * The messages around the first one behind `seq`; resolves when they are in the store, or cannot be had now.
   * @param {Chat} chat
   * @param {number} seq
   */
  async around(chat, seq) {
    try {
      const page = await getNewer(chat.id, Math.max(0, seq - ABOVE), ABOVE + PAGE);
      this.#store.openPart(chat.id, page.messages.map(toMessage));
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
    }
  }

  /**
   * @param {Chat} chat
   * @param {() => Promise<() => void>} get
   */
  async #fetch(chat, get) {
    if (this.#busy.has(chat.id)) return;
    this.#busy.add(chat.id);
    try {
      const take = await get();
      this.#busy.delete(chat.id);
      take();
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      setTimeout(() => {
        this.#busy.delete(chat.id);
        this.#again();
      }, PAUSE);
    }
  }
}
