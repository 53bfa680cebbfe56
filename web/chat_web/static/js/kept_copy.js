// The copy of the newest chats that this browser keeps, to show them where the server cannot be reached. What reads and
// writes it is loaded when it is needed. Where the browser keeps nothing there is no copy, and nothing else is missing.
import { switches } from "./preferences.js";
import { forgetKept } from "./storage.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {{ me: { id: number, username: string }, chats: Chat[] }} Kept
 */

export class KeptCopy {
  #parts;
  #isOver = false;
  /** @type {import("./kept.js").Keeper | null} */
  #keeper = null;

  /**
   * `isLeader()` says whether this tab is the one that writes what is not urgent.
   * @param {{ store: import("./store.js").Store, isLeader: () => boolean }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    switches.onChange((name) => name === "keepOffline" && this.#obey());
  }

  /** Whether this browser is to keep a copy. */
  get isWanted() {
    return !this.#isOver && switches.get("keepOffline");
  }

  /**
   * What is kept of a user, or null.
   * @param {number} userId
   * @returns {Promise<Kept | null>}
   */
  async load(userId) {
    if (!userId || !this.isWanted) return null;
    try {
      return await (await import("./kept.js")).readKept(userId);
    } catch {
      return null;
    }
  }

  /** Keep from now on what the page holds, which is in step with the server. */
  async start() {
    if (this.#keeper) return;
    if (!this.isWanted) return void forgetKept();
    try {
      const { Keeper } = await import("./kept.js");
      this.#keeper ??= new Keeper({ ...this.#parts, isWanted: () => this.isWanted });
    } catch {
      // The server went away; the next connection tries again.
    }
  }

  /** Forget what is kept; what the page holds from now on is kept anew. */
  async erase() {
    this.#keeper?.forget();
    await forgetKept();
  }

  /** The user leaves: forget what is kept, and keep nothing any more. */
  async end() {
    this.#isOver = true;
    await this.erase();
  }

  #obey() {
    if (!this.isWanted) this.erase();
    else if (this.#keeper) this.#keeper.notice();
    else this.start();
  }
}
