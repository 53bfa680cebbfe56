// Fetches messages of a chat that are not here yet: one request for a chat at a time, and a pause after a failure.
import { getLatest, getNewer, getOlder, Refused } from "./api.js";
import { toMessage } from "./chat.js";
import { hasHole, runOf } from "./runs.js";

/** @typedef {import("./chat.js").Chat} Chat */

const LATEST = 30;
const PAGE = 100;
const BIG_PAGE = 200;
const LONG = 300;
// So many of the messages that are read already stand above the first one that is not.
const ABOVE = 40;
const PAUSE = 3000;

/**
 * A page that knows all changes that have come: one that was read before the last of them is read once more.
 * @param {Chat} chat
 * @param {() => Promise<import("./api.js").MessagePage>} get
 */
async function inStep(chat, get) {
  for (let tries = 0; tries < 2; tries += 1) {
    const page = await get();
    if ((page.change_seq ?? 0) >= Math.max(chat.heldChange, ...chat.changesAhead)) return page;
  }
  throw new Refused("unavailable");
}

export class History {
  /** @type {Set<number>} */
  #busy = new Set();
  #store;
  #again;
  #ask;

  /**
   * `again()` runs when what did not come may be asked for once more; `ask()` asks for what has come live before the
   * first page of its chat, and does not meet it.
   * @param {{ store: import("./store.js").Store, again: () => void, ask: () => void }} parts
   */
  constructor({ store, again, ask }) {
    this.#store = store;
    this.#again = again;
    this.#ask = ask;
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
      if (this.#store.chats.get(chat.id) === chat) this.#store.openPart(chat.id, page.messages.map(toMessage));
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
      // The chat may be another one by now: after a restore all begin anew.
      if (this.#store.chats.get(chat.id) !== chat) return;
      take();
      if (hasHole(chat)) this.#ask();
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      setTimeout(() => {
        this.#busy.delete(chat.id);
        this.#again();
      }, PAUSE);
    }
  }
}
