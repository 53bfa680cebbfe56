// Where do the new messages begin? The line stays where it was found until the reader has answered or gone elsewhere.
import { runOf } from "./runs.js";

/** @typedef {import("./chat.js").Chat} Chat */

export class UnreadLine {
  /** @type {number | null} the last message that was read when the line was asked for */
  #after = null;
  #seq = 0;

  /** The first new message, or 0: there is none, or it is not here yet. */
  get seq() {
    return this.#seq;
  }

  /**
   * What comes behind the last message that is read is new.
   * @param {Chat} chat
   * @param {number} myId
   */
  mark(chat, myId) {
    this.#after ??= chat.readSeq;
    this.find(chat, myId);
  }

  clear() {
    this.#after = null;
    this.#seq = 0;
  }

  /**
   * Look for it among the held messages: the first one of the other person.
   * @param {Chat} chat
   * @param {number} myId
   */
  find(chat, myId) {
    const after = this.#after;
    const { messages } = runOf(chat);
    if (after === null || this.#seq || !messages.length || messages[0].seq > after + 1) return;
    const unread = messages.slice(Math.max(0, after + 1 - messages[0].seq));
    this.#seq = unread.find((message) => message.from !== myId)?.seq ?? 0;
  }
}
