// Fetches the messages of a chat that are not here yet: one request for a chat at a time, and a pause after a failure.
import { getNewer, getOlder } from "./api.js";
import { runOf, toMessage } from "./store.js";

const PAGE = 100;
const BIG_PAGE = 200;
const LONG = 300;
// So many of the messages that are read already stand above the first one that is not.
const ABOVE = 40;
const PAUSE = 3000;

export class Pages {
  #busy = new Set();

  /** `again()` runs when what did not come may be asked for once more. */
  constructor({ store, again }) {
    Object.assign(this, { store, again });
  }

  older(chat) {
    const { messages } = runOf(chat);
    if (!messages.length) return;
    this.#fetch(chat, async () => {
      const page = await getOlder(chat.id, messages[0].seq, messages.length > LONG ? BIG_PAGE : PAGE);
      return () => this.store.prepend(chat.id, page.messages.map(toMessage), page.more);
    });
  }

  newer(chat) {
    this.#fetch(chat, async () => {
      const page = await getNewer(chat.id, chat.part.messages.at(-1).seq, BIG_PAGE);
      return () => this.store.appendPart(chat.id, page.messages.map(toMessage));
    });
  }

  /** The messages around the first one behind `seq`; resolves when they are in the store, or cannot be had now. */
  async around(chat, seq) {
    try {
      const page = await getNewer(chat.id, Math.max(0, seq - ABOVE), ABOVE + PAGE);
      this.store.openPart(chat.id, page.messages.map(toMessage));
    } catch (refusal) {
      if (!refusal.code) throw refusal;
    }
  }

  async #fetch(chat, get) {
    if (this.#busy.has(chat.id)) return;
    this.#busy.add(chat.id);
    try {
      const take = await get();
      this.#busy.delete(chat.id);
      take();
    } catch (refusal) {
      if (!refusal.code) throw refusal;
      setTimeout(() => {
        this.#busy.delete(chat.id);
        this.again();
      }, PAUSE);
    }
  }
}
