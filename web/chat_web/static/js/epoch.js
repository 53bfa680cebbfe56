// Is the server still the one whose chats are held? Each installation has an epoch, and another one after a backup was
// restored. Then messages that were held may never have been, and their numbers may belong to others: all begins anew.
import { localStore } from "./storage.js";

export class Epoch {
  /** @type {string | null} */
  #known = null;
  /** @type {string | null} the one that everything is being fetched for */
  #coming = null;
  #parts;

  /**
   * `fetch()` resolves when all chats are here again; `goOn()` runs then.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {import("./kept_copy.js").KeptCopy} parts.kept
   * @param {() => Promise<void>} parts.fetch
   * @param {() => void} parts.goOn
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** The epoch of what is held, as far as this browser has ever heard one. */
  get known() {
    return this.#known ?? localStore.get(this.#key);
  }

  get #key() {
    return `${this.#parts.store.myId}:epoch`;
  }

  /**
   * The server has said its epoch. Says whether what is held belongs to it; where not, all is fetched anew.
   * @param {string | null | undefined} epoch
   */
  hear(epoch) {
    if (!epoch) return this.#coming === null;
    if (epoch === this.#coming) return false;
    if (this.#coming === null && (this.known ?? epoch) === epoch) {
      this.#take(epoch);
      return true;
    }
    this.#begin(epoch);
    return false;
  }

  /** @param {string} epoch */
  #take(epoch) {
    if (this.#known === epoch) return;
    this.#known = epoch;
    localStore.set(this.#key, epoch);
  }

  /** @param {string} epoch */
  async #begin(epoch) {
    const { store, outbox, kept, fetch, goOn } = this.#parts;
    this.#coming = epoch;
    outbox.setConnected(false);
    store.forget();
    await kept.erase();
    await fetch();
    if (this.#coming !== epoch) return;
    // Only now: a page that is closed before this has been done does it when it is opened again.
    outbox.beginAnew(epoch);
    this.#coming = null;
    this.#take(epoch);
    goOn();
  }
}
