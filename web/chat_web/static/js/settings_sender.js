// Sends what one sets for a chat, and hears whether it is set. It needs a connection; what was under way when one was lost
// is said again on the next one: all of it means the same when it is said twice.
import { Refused } from "./api.js";
import { makeClientId } from "./outbox_entry.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {{ muted_until?: string | null, pinned?: boolean, archived?: boolean }} Fields
 * @typedef {object} Asked
 * @property {{ type: string, chat_id: number, client_id?: string, [field: string]: unknown }} frame
 * @property {(chat: Chat) => boolean} isDone whether a chat is as it was to be
 * @property {() => void} done
 * @property {(refusal: Refused) => void} fail
 */

const LIMIT = 20_000;
const HOLD = new Set(["rate_limited", "unavailable"]);

export class SettingsSender {
  /** @type {Asked[]} */
  #asked = [];
  #store;
  #send;
  #clock;

  /**
   * `send` gives a frame to the connection and says whether it went out.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {(frame: object) => boolean} parts.send
   * @param {import("./clock.js").Clock} parts.clock
   */
  constructor({ store, send, clock }) {
    this.#store = store;
    this.#send = send;
    this.#clock = clock;
  }

  /**
   * Set something of a chat for oneself; rejects with a Refused where it is not set.
   * @param {number} chatId
   * @param {Fields} fields
   */
  setChat(chatId, fields) {
    const { muted_until: until, pinned, archived } = fields;
    return this.#ask({ type: "set_chat", chat_id: chatId, ...fields }, (chat) => {
      if (pinned !== undefined && pinned !== chat.pinnedAt > 0) return false;
      if (archived !== undefined && archived !== chat.archivedAt > 0) return false;
      return until === undefined || chat.mutedUntil === (until ? Date.parse(until) : 0);
    });
  }

  /**
   * Take the messages up to `seq` from oneself.
   * @param {number} chatId
   * @param {number} seq
   */
  clear(chatId, seq) {
    return this.#ask({ type: "clear_chat", chat_id: chatId, seq }, (chat) => chat.floor >= seq);
  }

  /**
   * Choose for how long the messages of a chat are kept, for both; null: for ever.
   * @param {number} chatId
   * @param {number | null} seconds
   */
  keep(chatId, seconds) {
    const frame = { type: "set_keep", chat_id: chatId, seconds, client_id: makeClientId() };
    return this.#ask(frame, () => false);
  }

  /**
   * @param {Asked["frame"]} frame
   * @param {Asked["isDone"]} isDone
   * @returns {Promise<void>}
   */
  #ask(frame, isDone) {
    return new Promise((resolve, reject) => {
      if (!this.#send(frame)) {
        reject(new Refused("offline"));
        return;
      }
      const end = () => {
        this.#clock.cancel(timer);
        this.#asked = this.#asked.filter((one) => one !== asked);
      };
      const fail = (/** @type {Refused} */ refusal) => {
        end();
        reject(refusal);
      };
      const done = () => {
        end();
        resolve();
      };
      const timer = this.#clock.after(LIMIT, () => fail(new Refused("unavailable")));
      const asked = { frame, isDone, done, fail };
      this.#asked.push(asked);
    });
  }

  /**
   * A chat has changed: perhaps as it was to.
   * @param {number} chatId
   * @param {string} [clientId]
   */
  heard(chatId, clientId) {
    const chat = this.#store.chats.get(chatId);
    for (const { frame, isDone, done } of this.#asked) {
      if (frame.chat_id !== chatId) continue;
      if (frame.client_id ? frame.client_id === clientId : !chat || isDone(chat)) done();
    }
  }

  /**
   * Something was refused; says whether it was one of these. Where waiting helps, it is said again.
   * @param {{ code: string, client_id?: string, chat_id?: number, retry_after?: number }} raw
   */
  refused({ code, client_id: clientId, chat_id: chatId, retry_after: wait = 2 }) {
    const asked = this.#asked.find(({ frame }) =>
      clientId ? frame.client_id === clientId : !frame.client_id && frame.chat_id === chatId,
    );
    if (!asked) return false;
    if (HOLD.has(code)) this.#clock.after(wait * 1000, () => this.#asked.includes(asked) && this.#send(asked.frame));
    else asked.fail(new Refused(code, wait));
    return true;
  }

  /** A new connection is in step: say again what the last one has not answered. */
  again() {
    for (const { frame } of [...this.#asked]) {
      if (!frame.client_id) this.heard(frame.chat_id);
    }
    for (const { frame } of this.#asked) this.#send(frame);
  }
}
