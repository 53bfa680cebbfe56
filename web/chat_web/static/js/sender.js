// What somebody has written goes into the outbox, with its files, and is seen there at once.

/**
 * @typedef {object} Parts
 * @property {import("./router.js").Router} router
 * @property {import("./outbox.js").Outbox} outbox
 * @property {import("./tabs.js").Tabs} tabs
 * @property {import("./connection.js").Connection} connection
 * @property {import("./attachments.js").Attachments} attachments
 * @property {import("./messages.js").MessagesView} messages
 * @property {import("./message_actions.js").Actions} actions
 * @property {() => void} sent runs when something of it may have to be shown otherwise
 */

// After so long it can be taken back; and where no answer comes for so long, the connection may be dead.
const PATIENCE = 3200;
const SILENCE = 6000;
const PROBE = 4000;

export class Sender {
  #parts;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {string} text */
  send(text) {
    const { actions, attachments } = this.#parts;
    const details = actions.take(text);
    if (details) this.#post(text, details, attachments.take());
  }

  /** @param {import("./upload_entry.js").Prepared} file */
  sendFile(file) {
    const { actions, attachments } = this.#parts;
    this.#post("", actions.take("") ?? {}, attachments.give([file]));
  }

  /**
   * @param {string} text
   * @param {import("./outbox_entry.js").Details} details
   * @param {ReturnType<import("./attachments.js").Attachments["take"]>} files
   */
  #post(text, details, { details: files, kept }) {
    const { router, outbox, tabs, connection, messages, sent } = this.#parts;
    messages.unmark();
    tabs.lead();
    messages.toEnd();
    outbox.add(router.openId, text, { ...details, ...files }, kept);
    setTimeout(sent, PATIENCE);
    setTimeout(() => outbox.entries.length && connection.probe(PROBE), SILENCE);
  }
}
