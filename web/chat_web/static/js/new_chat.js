// Starts a chat by somebody's name: one frame, and the answer to it among all others.
import { Refused } from "./api.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {object} Question
 * @property {string} name
 * @property {(chatId: number) => void} done
 * @property {(refusal: Refused) => void} fail
 */

const LIMIT = 8000;
const REFUSALS = new Set(["no_such_user", "own_chat", "rate_limited", "not_delivered", "unavailable", "bad_frame"]);

export class NewChat {
  /** @type {Question | null} */
  #asked = null;
  #send;

  /** @param {{ send: (frame: object) => boolean }} parts */
  constructor({ send }) {
    this.#send = send;
  }

  /**
   * Start a chat with `name`; resolves to its id, or rejects with a Refused.
   * @param {string} name
   * @returns {Promise<number>}
   */
  start(name) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#asked?.fail(new Refused("unavailable")), LIMIT);
      const end = () => {
        clearTimeout(timer);
        this.#asked = null;
      };
      this.#asked = {
        name: name.toLowerCase(),
        done: (chatId) => {
          end();
          resolve(chatId);
        },
        fail: (refusal) => {
          end();
          reject(refusal);
        },
      };
      if (!this.#send({ type: "add_chat", username: name })) this.#asked.fail(new Refused("offline"));
    });
  }

  /**
   * A chat was added; says whether it is the answer. `isMine`: this user has started it, perhaps elsewhere.
   * @param {Chat} chat
   * @param {boolean} isMine
   */
  added(chat, isMine) {
    const asked = this.#asked;
    if (!asked || !(isMine || asked.name === chat.other.username.toLowerCase())) return false;
    asked.done(chat.id);
    return true;
  }

  /**
   * Something was refused; says whether it was this.
   * @param {{ code: string, retry_after?: number }} raw
   */
  refused({ code, retry_after: wait }) {
    if (!this.#asked || !REFUSALS.has(code)) return false;
    this.#asked.fail(new Refused(code, wait));
    return true;
  }
}
