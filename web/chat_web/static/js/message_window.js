// Which of the held messages are in the page? Arithmetic on `seq` alone: no DOM.
import { heldSeq, runOf } from "./runs.js";

/** @typedef {import("./chat.js").Chat} Chat */

export const PAGE = 60;
const LIMIT = 240;

export class MessageWindow {
  #from = 1;
  #to = 0;
  #isFollowing = true;

  /** Whether the window ends with the newest message and goes on with each new one. */
  get isFollowing() {
    return this.#isFollowing;
  }

  /**
   * Show the newest ones.
   * @param {Chat} chat
   */
  toEnd(chat) {
    this.#isFollowing = true;
    this.#from = heldSeq(chat) - PAGE;
  }

  /**
   * Show those before and behind `seq`.
   * @param {Chat} chat
   * @param {number} seq
   */
  around(chat, seq) {
    this.#from = seq - PAGE / 2;
    this.#to = seq + PAGE;
    this.#isFollowing = this.#reachesEnd(chat);
  }

  /**
   * Let go of the oldest ones, where many new ones have come at the end.
   * @param {Chat} chat
   */
  trim(chat) {
    this.#from = Math.max(this.#from, heldSeq(chat) - LIMIT);
  }

  /**
   * Move by some messages of the run that is read: `by` is below 0 for older ones.
   * @param {Chat} chat
   * @param {number} by
   */
  shift(chat, by) {
    const { messages } = runOf(chat);
    const last = messages.at(-1)?.seq ?? 0;
    if (by > 0) {
      this.#to = Math.min(this.#to + by, last);
      this.#isFollowing = this.#reachesEnd(chat);
      this.#from = Math.max(this.#from, Math.min(this.#to, last) - LIMIT);
      return;
    }
    this.#from = Math.max(messages[0]?.seq ?? 1, this.#from + by);
    if ((this.#isFollowing ? last : this.#to) - this.#from <= LIMIT) return;
    this.#to = this.#from + LIMIT;
    this.#isFollowing = false;
  }

  /**
   * Whether older ones are held than those it shows.
   * @param {Chat} chat
   */
  hasOlder(chat) {
    return this.#from > (runOf(chat).messages[0]?.seq ?? 1);
  }

  /**
   * Whether it shows the last one of a part, behind which nothing is held.
   * @param {Chat} chat
   */
  isAtEndOfPart({ part }) {
    return part !== null && this.#to >= (part.messages.at(-1)?.seq ?? 0);
  }

  /**
   * The indexes of the messages that it shows, `end` excluded.
   * @param {Chat} chat
   */
  rangeOf(chat) {
    const { messages } = runOf(chat);
    const first = messages[0]?.seq ?? 1;
    const end = this.#isFollowing ? messages.length : Math.min(messages.length, this.#to - first + 1);
    return { begin: Math.max(0, this.#from - first), end };
  }

  /** @param {Chat} chat */
  #reachesEnd(chat) {
    return !chat.part && this.#to >= heldSeq(chat);
  }
}
