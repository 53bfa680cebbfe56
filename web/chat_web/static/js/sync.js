// Fills what is missing: after each login of the connection, and whenever a jump in `seq` is seen.
import { heldSeq, toMessage } from "./store.js";

const LIMIT = 20_000;

/** What is held of every chat. All are named: for one that is not, the server would begin at 1. */
export const held = (chats) => Object.fromEntries([...chats.values()].map((chat) => [chat.id, heldSeq(chat)]));

export class Sync {
  #store;
  #send;
  #clock;
  #running = false;
  #again = false;
  #timer = 0;
  #before = "";

  /** `send` gives a frame to the connection and says whether it went out. */
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
    this.#running = this.#send({ type: "sync", chats });
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

  /** Take the refusal of a question (`rate_limited`, `unavailable`): ask again when the server says. */
  refused({ retry_after: seconds = 2 }) {
    if (!this.#running) return;
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.after(1000 * seconds, () => this.restart());
  }

  /** Take one `sync_chat`; says which messages were new. */
  take(frame) {
    if (!this.#store.chats.has(frame.chat.id)) this.#store.addChat(frame.chat, 0);
    const { added } = this.#store.merge(frame.chat.id, frame.messages.map(toMessage), { reset: frame.reset === true });
    if (frame.more) this.#again = true;
    return added;
  }

  /** Take `sync_done`; ask again where a chat has more, unless nothing has moved (that would never end). */
  done(frame) {
    this.#clock.cancel(this.#timer);
    this.#running = false;
    this.#store.settle(frame.chats);
    const behind = frame.chats.some((raw) => raw.last_seq > heldSeq(this.#store.chats.get(raw.id)));
    const moved = JSON.stringify(held(this.#store.chats)) !== this.#before;
    if (this.#again || behind) {
      if (moved) this.ask();
      else this.#timer = this.#clock.after(2000, () => this.ask());
    }
  }
}
