// Loads the rest of the list behind its first page, one page after the other, and what a page had no room for.
import { longestWait } from "./connection.js";
import { hasHole, isFetched } from "./runs.js";

/** @typedef {import("./api.js").ChatPage} ChatPage */

export class ChatLoader {
  /** A list that is begun anew ends what is left of the one before. */
  #run = 0;
  #store;
  #getChats;
  #fetchLatest;
  #ask;
  #clock;

  /**
   * `getChats(query)` fetches a page of the list; `fetchLatest(chat)` the newest messages of a chat without any;
   * `ask()` runs where something has come live, before a page, that does not meet it.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {(query?: string) => Promise<ChatPage>} parts.getChats
   * @param {(chat: import("./chat.js").Chat) => Promise<void>} parts.fetchLatest
   * @param {() => void} parts.ask
   * @param {import("./clock.js").Clock} parts.clock
   */
  constructor({ store, getChats, fetchLatest, ask, clock }) {
    this.#store = store;
    this.#getChats = getChats;
    this.#fetchLatest = fetchLatest;
    this.#ask = ask;
    this.#clock = clock;
  }

  /**
   * Take the first page, and load those behind it. A page that does not come is asked for again later.
   * @param {ChatPage} first
   */
  async load({ chats, next }) {
    this.#run += 1;
    const run = this.#run;
    this.#store.addChats(chats, { isLast: !next });
    let query = next;
    for (let tries = 0; query; ) {
      try {
        const page = await this.#getChats(query);
        if (run !== this.#run) return;
        query = page.next;
        tries = 0;
        this.#store.addChats(page.chats, { isLast: !query });
      } catch {
        await this.#pause(longestWait(tries, true));
        if (run !== this.#run) return;
        tries += 1;
      }
    }
    if ([...this.#store.chats.values()].some(hasHole)) this.#ask();
    await this.#fill(run);
  }

  /**
   * Fetch the newest messages of the chats for which a page had no room; again later, where they do not come.
   * @param {number} run
   */
  async #fill(run) {
    const lacking = () => [...this.#store.chats.values()].filter((chat) => !isFetched(chat));
    for (let tries = 0; run === this.#run; tries += 1) {
      for (const chat of lacking()) if (run === this.#run) await this.#fetchLatest(chat);
      if (!lacking().length) return;
      await this.#pause(longestWait(tries, true));
    }
  }

  /** Load the whole list anew, from its first page; what was under way counts for nothing. */
  async reload() {
    this.#run += 1;
    const run = this.#run;
    for (let tries = 0; run === this.#run; tries += 1) {
      try {
        const first = await this.#getChats();
        if (run === this.#run) await this.load(first);
      } catch {
        await this.#pause(longestWait(tries, true));
      }
    }
  }

  /** @param {number} ms */
  #pause(ms) {
    return new Promise((resolve) => this.#clock.after(ms, () => resolve(undefined)));
  }
}
