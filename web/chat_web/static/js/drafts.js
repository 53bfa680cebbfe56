// What is begun and not sent, of each chat of one user, kept in this browser.
import { localStore } from "./storage.js";

export class Drafts {
  #store;
  #isOpen = false;

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** From now on drafts are known; before that, none is, and the browser's storage is not asked. */
  open() {
    this.#isOpen = true;
  }

  /** @param {number} chatId */
  get(chatId) {
    return this.#isOpen ? (localStore.get(this.#key(chatId)) ?? "") : "";
  }

  /**
   * Keep a draft; says whether it was another one before.
   * @param {number} chatId
   * @param {string} text
   */
  set(chatId, text) {
    if (!this.#store.me || text === this.get(chatId)) return false;
    localStore.set(this.#key(chatId), text);
    return true;
  }

  /**
   * `listener(chatId, text)` hears of drafts that another tab has changed.
   * @param {(chatId: number, text: string) => void} listener
   */
  onChangeElsewhere(listener) {
    addEventListener("storage", ({ key, newValue }) => {
      const [, userId, chatId] = /^chatapp:(\d+):draft:(\d+)$/.exec(key ?? "") ?? [];
      if (chatId && Number(userId) === this.#store.myId) listener(Number(chatId), newValue ?? "");
    });
  }

  /** @param {number} chatId */
  #key(chatId) {
    return `${this.#store.myId}:draft:${chatId}`;
  }
}
