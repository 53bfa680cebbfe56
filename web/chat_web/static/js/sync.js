// Fills what is missing: after each login of the connection, and whenever a jump in `seq` is seen.
import { toMessage } from "./chat.js";
import { heldSeq, isFetched } from "./runs.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").RawMessage} RawMessage
 * @typedef {import("./chat.js").RawSummary} RawSummary
 * @typedef {import("./store.js").Store} Store
 */

const LIMIT = 20_000;

/**
 * What is held of every chat that is fetched. The others are not named: the server would begin them at 1.
 * @param {Map<number, Chat>} chats
 */
export const held = (chats) =>
  Object.fromEntries([...chats.values()].filter(isFetched).map((chat) => [chat.id, heldSeq(chat)]));

export class Sync {
  #store;
  #send;
  #clock;
  #running = false;
  #again = false;
  /** @type {import("./clock.js").Timer} */
  #timer = 0;
  #before = "";
  /** @type {number[]} */
  #known = [];
  /** @type {RawSummary[]} */
  #parts = [];

  /**
   * `send` gives a frame to the connection and says whether it went out.
   * @param {{ store: Store, send: (frame: object) => boolean, clock: import("./clock.js").Clock }} parts
   */
  constructor({ store, send, clock }) {
    this.#store = store;
    this.#send = send;
    this.#clock = clock;
  }

  /** Ask for what is missing. While one question is open, remember to ask once more after it. */
  ask() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    const chats = held(this.#store.chats);
    this.#before = JSON.stringify(chats);
    this.#known = [...this.#store.chats.keys()];
    this.#parts = [];
    this.#running = this.#send({ type: "sync", chats, only: true });
    this.#again = false;
    this.#clock.cancel(this.#timer);
    if (this.#running) this.#timer = this.#clock.after(LIMIT, () => this.restart());
  }

  /** A new connection knows nothing of a question asked on the old one. */
  restart() {
    this.#running = false;
    this.ask();
  }

  stop() {
    this.#running = false;
    this.#clock.cancel(this.#timer);
  }

  /**
   * Take the refusal of a question (`rate_limited`, `unavailable`): ask again when the server says.
   * @param {{ retry_after?: number }} raw
   */
  refused({ retry_after: seconds = 2 }) {
    if (!this.#running) return;
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.after(1000 * seconds, () => this.restart());
  }

  /**
   * Take one `sync_chat`; says which messages were new.
   * @param {{ chat: RawSummary, messages: RawMessage[], more: boolean, reset?: boolean }} frame
   */
  take(frame) {
    if (!this.#store.chats.has(frame.chat.id)) this.#store.addChat(frame.chat, 0);
    const messages = frame.messages.map(toMessage);
    const { added } = this.#store.merge(frame.chat.id, messages, { reset: frame.reset === true });
    if (frame.more) this.#again = true;
    return added;
  }

  /**
   * Take `sync_done`, or a part of it; returns the chats that have come into the list by it. Ask again where a chat has more, unless nothing has moved (that would never end).
   * @param {{ chats: RawSummary[], more?: boolean }} frame
   */
  done(frame) {
    this.#parts.push(...frame.chats);
    if (frame.more) return [];
    this.#clock.cancel(this.#timer);
    this.#running = false;
    const brought = this.#store.settle(this.#parts, this.#known);
    const behind = this.#parts.some((raw) => this.#isBehind(raw));
    const moved = JSON.stringify(held(this.#store.chats)) !== this.#before;
    this.#parts = [];
    if (this.#again || behind) {
      if (moved) this.ask();
      else this.#timer = this.#clock.after(2000, () => this.ask());
    }
    return brought;
  }

  /** @param {RawSummary} raw */
  #isBehind(raw) {
    const chat = this.#store.chats.get(raw.id);
    return chat !== undefined && isFetched(chat) && raw.last_seq > heldSeq(chat);
  }
}
