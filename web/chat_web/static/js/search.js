// Search, once somebody wants it: in the open chat, and over all from the list.
import { systemClock as clock } from "./clock.js";
import { isGone } from "./message_changes.js";
import { SearchBar } from "./search_bar.js";
import { SearchResults } from "./search_results.js";

/** @typedef {import("./search_api.js").Found} Found */

export class Search {
  /** @type {{ found: Found, q: string } | null} a message whose chat is not open yet */
  #wanted = null;
  #router;
  #go;

  /**
   * `go(chatId)` opens a chat; `jump` shows a message of the open one; `say` tells a screen reader.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./router.js").Router} parts.router
   * @param {(chatId: number) => void} parts.go
   * @param {(seq: number, options: { expand?: boolean, focus?: boolean }) => Promise<boolean>} parts.jump
   * @param {(words: string) => void} parts.say
   */
  constructor({ store, router, go, jump, say }) {
    this.#router = router;
    this.#go = go;
    this.bar = new SearchBar({ router, clock, jump, say });
    this.results = new SearchResults({ store, clock, say, open: (found, q) => this.#open(found, q) });
    /** @param {Found} found */
    const isLost = ({ chatId, seq }) => {
      const chat = store.chats.get(chatId);
      return chat !== undefined && isGone(chat, seq);
    };
    store.onChange(() => {
      this.bar.drop(isLost);
      this.results.drop(isLost);
    });
  }

  /**
   * Show a message of any chat, with the search that has found it.
   * @param {Found} found
   * @param {string} q
   */
  #open(found, q) {
    // First, since it lets one write in a chat that is opened.
    this.#go(found.chatId);
    this.#wanted = { found, q };
    this.follow();
  }

  /** Another chat may be open now, or the open one is known. */
  follow() {
    const { chat, openId } = this.#router;
    this.bar.follow();
    if (openId !== this.#wanted?.found.chatId) this.#wanted = null;
    if (!chat || !this.#wanted) return;
    const { found, q } = this.#wanted;
    this.#wanted = null;
    this.bar.start({ q, seq: found.seq, isFromList: true });
  }
}
