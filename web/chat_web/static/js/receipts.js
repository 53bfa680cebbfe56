// Tells the server what has arrived and what was read: some moments later, and only the highest.
import { soon } from "./clock.js";
import { heldSeq } from "./runs.js";

/** @typedef {import("./chat.js").Chat} Chat */

export class Receipts {
  /** @type {Map<number, string>} */
  #told = new Map();
  #store;
  #send;
  #isReading;

  /**
   * `isReading(chat)` says whether the end of a chat is before somebody's eyes.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {(frame: object) => boolean} parts.send
   * @param {(chat: Chat) => boolean} parts.isReading
   */
  constructor({ store, send, isReading }) {
    this.#store = store;
    this.#send = send;
    this.#isReading = isReading;
  }

  soon = soon(200, () => {
    for (const chat of this.#store.chats.values()) this.#tell(chat);
  });

  /** A new connection has heard nothing yet. */
  restart() {
    this.#told.clear();
    this.soon();
  }

  /** @param {Chat} chat */
  #tell(chat) {
    const seq = heldSeq(chat);
    if (!seq) return;
    const type = this.#typeFor(chat, seq);
    const key = `${type} ${seq}`;
    if (!type || this.#told.get(chat.id) === key || !this.#send({ type, chat_id: chat.id, seq })) return;
    this.#told.set(chat.id, key);
    const read = type === "read" ? seq : 0;
    this.#store.receipt({ chat_id: chat.id, user_id: this.#store.myId, delivered_seq: seq, read_seq: read });
  }

  /**
   * @param {Chat} chat
   * @param {number} seq
   */
  #typeFor(chat, seq) {
    if (chat.readSeq < seq && this.#isReading(chat)) return "read";
    return chat.deliveredSeq < seq && chat.unread ? "delivered" : null;
  }
}
