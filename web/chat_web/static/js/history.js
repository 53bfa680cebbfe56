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

/**
 * A page that knows all changes that are held: one that was read before the last of them is read once more.
 * @param {Chat} chat
 * @param {() => Promise<import("./api.js").MessagePage>} get
 */
async function inStep(chat, get) {
  for (let tries = 0; tries < 2; tries += 1) {
    const page = await get();
    if ((page.change_seq ?? 0) >= chat.heldChange) return page;
  }
  throw new Refused("unavailable");
}

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
      return () => this.#store.begin(chat.id, page.messages.map(toMessage), page.more, page.change_seq);
    });
  }

  /** @param {Chat} chat */
  older(chat) {
    const { messages } = runOf(chat);
    if (!messages.length) return;
    this.#fetch(chat, async () => {
      const limit = messages.length > LONG ? BIG_PAGE : PAGE;
      const page = await inStep(chat, () => getOlder(chat.id, messages[0].seq, limit));
      return () => this.#store.prepend(chat.id, page.messages.map(toMessage), page.more);
    });
  }

  /** @param {Chat} chat */
  newer(chat) {
    const end = chat.part?.messages.at(-1);
    if (!end) return;
    this.#fetch(chat, async () => {
      const page = await inStep(chat, () => getNewer(chat.id, end.seq, BIG_PAGE));
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
      const page = await inStep(chat, () => getNewer(chat.id, Math.max(0, seq - ABOVE), ABOVE + PAGE));
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
