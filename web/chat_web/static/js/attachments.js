// What goes with the text that one writes: a tray for each chat. What shows and fills it is loaded a little later.

/**
 * @typedef {import("./tray.js").Tray} Tray
 * @typedef {import("./outbox_entry.js").Details} Details
 */

export class Attachments {
  /** @type {Map<number, Tray>} */
  #trays = new Map();
  #uploads;
  #chatId = 0;
  /** @type {(tray: Tray | null) => void} shows a tray, once that is loaded */
  show = () => {};

  /** @param {{ uploads: import("./uploads.js").Uploads }} parts */
  constructor({ uploads }) {
    this.#uploads = uploads;
  }

  /** @param {number} chatId */
  open(chatId) {
    this.#chatId = chatId;
    this.show(this.tray);
  }

  /** @param {string} clientId */
  uploadOf(clientId) {
    return this.#uploads.find(clientId);
  }

  get chatId() {
    return this.#chatId;
  }

  /** The tray of the open chat, where there is one. */
  get tray() {
    return this.#trays.get(this.#chatId) ?? null;
  }

  /**
   * Begin a tray for the open chat.
   * @param {Tray} tray
   */
  begin(tray) {
    this.#trays.set(this.#chatId, tray);
    return tray;
  }

  get hasFiles() {
    return Boolean(this.tray?.items.length);
  }

  /**
   * Whether the files are ready to be sent; where they are not, `run` as soon as they are.
   * @param {() => void} run
   */
  isReady(run) {
    if (!this.tray?.isBusy) return true;
    this.tray.afterwards(run);
    return false;
  }

  /**
   * Take the files that go with a message: what the outbox notes of them, and when they are kept.
   * @returns {{ details: Details, kept?: Promise<void> }}
   */
  take() {
    return this.give(this.tray?.take() ?? []);
  }

  /**
   * Send these with a message.
   * @param {import("./upload_entry.js").Prepared[]} files
   * @returns {{ details: Details, kept?: Promise<void> }}
   */
  give(files) {
    if (!files.length) return { details: {} };
    const noted = files.map(({ clientId, name, type, duration, blob }) => ({
      ...{ clientId, name, type, size: blob.size },
      ...(duration === undefined ? {} : { duration }),
    }));
    return { details: { files: noted }, kept: this.#uploads.add(this.#chatId, files) };
  }
}
