// Which files go with the next message of a chat, and in which order? Each is prepared as soon as it is chosen. No DOM.
import { makeClientId } from "./outbox_entry.js";

/**
 * @typedef {import("./prepare_file.js").PreparedFile} PreparedFile
 * @typedef {import("./upload_entry.js").Prepared} Prepared
 * @typedef {object} TrayItem
 * @property {string} clientId
 * @property {File} file
 * @property {PreparedFile | null} prepared null while it is being prepared
 * @typedef {"too_large" | "too_many"} Refused
 */

export const MOST = 10;

export class Tray {
  /** @type {TrayItem[]} */
  items = [];
  isWhole = false;
  #prepare;
  #changed;
  /** @type {(() => void) | null} */
  #afterwards = null;

  /**
   * `prepare` makes of a file what is sent; `changed()` runs after every change.
   * @param {object} parts
   * @param {(file: File, how: { isWhole: boolean }) => Promise<PreparedFile>} parts.prepare
   * @param {() => void} parts.changed
   */
  constructor({ prepare, changed }) {
    this.#prepare = prepare;
    this.#changed = changed;
  }

  get isBusy() {
    return this.items.some((item) => !item.prepared);
  }

  /**
   * Take files; returns those for which there is no place, and why.
   * @param {File[]} files
   * @param {number} maxBytes
   * @returns {{ file: File, why: Refused }[]}
   */
  add(files, maxBytes) {
    /** @type {{ file: File, why: Refused }[]} */
    const refused = [];
    for (const file of files) {
      if (file.size > maxBytes) refused.push({ file, why: "too_large" });
      else if (this.items.length >= MOST) refused.push({ file, why: "too_many" });
      else this.items.push(this.#begin({ clientId: makeClientId(), file, prepared: null }));
    }
    this.#changed();
    return refused;
  }

  /** @param {TrayItem} item */
  #begin(item) {
    item.prepared = null;
    const { isWhole } = this;
    this.#prepare(item.file, { isWhole }).then((prepared) => {
      if (isWhole !== this.isWhole) return;
      item.prepared = prepared;
      this.#changed();
      this.#goOn();
    });
    return item;
  }

  /**
   * Whether they go as they are, to the last byte.
   * @param {boolean} isWhole
   */
  setWhole(isWhole) {
    if (isWhole === this.isWhole) return;
    this.isWhole = isWhole;
    for (const item of this.items) this.#begin(item);
    this.#changed();
  }

  /** @param {string} clientId */
  remove(clientId) {
    this.items = this.items.filter((item) => item.clientId !== clientId);
    this.#changed();
    this.#goOn();
  }

  /**
   * Move one to another place; says whether it moved.
   * @param {string} clientId
   * @param {number} to
   */
  move(clientId, to) {
    const from = this.items.findIndex((item) => item.clientId === clientId);
    if (from < 0 || to < 0 || to >= this.items.length || to === from) return false;
    this.items.splice(to, 0, ...this.items.splice(from, 1));
    this.#changed();
    return true;
  }

  /**
   * Run something as soon as all are prepared.
   * @param {() => void} run
   */
  afterwards(run) {
    this.#afterwards = run;
    this.#goOn();
  }

  #goOn() {
    if (this.isBusy || !this.#afterwards) return;
    const run = this.#afterwards;
    this.#afterwards = null;
    run();
  }

  /**
   * What is sent; the tray is empty then.
   * @returns {Prepared[]}
   */
  take() {
    const taken = this.items.flatMap(({ clientId, prepared }) => (prepared ? [{ ...prepared.file, clientId }] : []));
    this.items = [];
    this.isWhole = false;
    this.#changed();
    return taken;
  }
}
