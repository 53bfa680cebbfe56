// Takes each frame of the server to those whom it concerns: store, outbox, sync.
import { ownMessage, toMessage } from "./chat.js";
import { isolate, t } from "./i18n.js";
import { changeRefusalOf } from "./message_parts.js";
import { heldSeq, isFetched } from "./runs.js";
import { toFiles } from "./shared_files.js";

/**
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./connection.js").Frame} Frame
 */

const TYPING_LASTS = 6000;
// Who answers these has just asked the database.
const PROOFS = new Set(["message", "message_sent", "changed", "message_changed", "sync_done"]);
const BUSY = new Set(["rate_limited", "unavailable"]);

export class Frames {
  #parts;
  /** @type {Map<number, ReturnType<typeof setTimeout>>} */
  #typists = new Map();

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {import("./sync.js").Sync} parts.sync
   * @param {import("./health.js").Health} parts.health
   * @param {import("./history.js").History} parts.history
   * @param {import("./new_chat.js").NewChat} parts.newChat
   * @param {import("./receipts.js").Receipts} parts.receipts
   * @param {() => import("./settings_sender.js").SettingsSender | null} parts.settings
   * @param {import("./router.js").Router} parts.router
   * @param {import("./page.js").Page} parts.page
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {Frame} frame */
  receive(frame) {
    if (PROOFS.has(frame.type)) this.#parts.health.hear(true);
    this.#handlers[frame.type]?.(frame);
    this.#parts.receipts.soon();
  }

  /** @type {Record<string, (raw: any) => void>} */
  #handlers = {
    message: (raw) => {
      const message = toMessage(raw);
      this.#settle([message]);
      this.#arrived(raw.chat_id, message);
    },
    message_sent: (raw) => this.#takeSent(raw),
    message_changed: (raw) => this.#takeChanged(raw.message),
    changed: (raw) => {
      this.#takeChanged(raw.message);
      this.#parts.outbox.stored(raw.client_id);
    },
    purged: ({ chat_id: chatId, up_to: upTo }) => {
      this.#parts.store.raiseFloor(chatId, upTo);
      const chat = this.#parts.store.chats.get(chatId);
      if (chat && !isFetched(chat)) this.#parts.history.latest(chat);
    },
    chat_added: (raw) => this.#takeAdded(raw),
    sync_chat: (raw) => this.#takeSynced(raw),
    sync_done: (raw) => {
      for (const chat of this.#parts.sync.done(raw)) this.#parts.history.latest(chat);
      this.#parts.router.leaveUnknown();
      if (!raw.more) this.#parts.settings()?.again();
    },
    receipt: (raw) => this.#parts.store.receipt(raw),
    presence: (raw) => this.#parts.store.setPresence([raw]),
    presence_list: (raw) => this.#parts.store.setPresence(raw.people),
    typing: (raw) => this.#takeTyping(raw),
    chat_changed: (raw) => {
      this.#parts.store.changeChat(raw.chat);
      this.#parts.page.updatePerson(raw.chat.id);
      this.#parts.settings()?.heard(raw.chat.id, raw.client_id);
    },
    error: (raw) => this.#takeError(raw),
  };

  /**
   * What of one's own has come back is stored: it leaves the outbox.
   * @param {Message[]} messages
   */
  #settle(messages) {
    for (const { clientId, from } of messages) {
      if (clientId && from === this.#parts.store.myId) this.#parts.outbox.stored(clientId);
    }
  }

  /**
   * @param {number} chatId
   * @param {Message} message
   */
  #arrived(chatId, message) {
    const { store, sync, history, page } = this.#parts;
    const chat = store.chats.get(chatId) ?? store.bring(chatId);
    const { added, hole } = store.merge(chatId, [message]);
    if (chat && !isFetched(chat)) history.latest(chat);
    else if (hole && (chat || store.isComplete)) sync.ask();
    const theirs = added.filter((one) => one.from !== store.myId);
    if (chat) for (const one of theirs) page.announce(chat, one);
  }

  /** @param {Frame} raw */
  #takeSent({ chat_id: chatId, client_id: clientId, seq, sent_at: sentAt, files: raw }) {
    const { store, outbox, sync } = this.#parts;
    const entry = outbox.entries.find((one) => one.clientId === clientId);
    const chat = store.chats.get(chatId);
    const isNew = !chat || seq > heldSeq(chat);
    // First into the conversation, then out of the outbox: it must never be in neither.
    if (entry && isNew) {
      const { text: content, replyTo = null } = entry;
      const known = { seq, from: store.myId, content, at: Date.parse(sentAt), clientId, replyTo };
      this.#arrived(chatId, ownMessage({ ...known, files: toFiles(raw) }));
    } else if (isNew) sync.ask();
    outbox.stored(clientId);
  }

  /**
   * Take a message as it is after a change.
   * @param {any} raw
   */
  #takeChanged(raw) {
    const { store, sync, page } = this.#parts;
    const message = toMessage(raw);
    const chat = store.chats.get(raw.chat_id);
    const { added, hole } = store.change(raw.chat_id, message);
    this.#settle(added);
    // A chat that is not fetched yet will come as it is then.
    if (!chat || !isFetched(chat)) return;
    if (hole) sync.ask();
    for (const one of added) if (one.from !== store.myId) page.announce(chat, one);
  }

  /** @param {Frame} raw */
  #takeAdded(raw) {
    const { store, sync, newChat, page } = this.#parts;
    const isKnown = store.chats.has(raw.chat.id);
    const chat = store.bring(raw.chat.id) ?? store.addChat(raw.chat);
    const isMine = raw.from === store.myId;
    if (!newChat.added(chat, isMine) && !isKnown && !isMine) {
      page.notifier.say(t("%(name)s has started a chat with you", { name: isolate(chat.other.username) }));
    }
    if (raw.existing && !chat.messages.length) sync.ask();
  }

  /** @param {any} raw */
  #takeSynced(raw) {
    const { store, sync, page } = this.#parts;
    const added = sync.take(raw);
    this.#settle(added);
    const chat = store.chats.get(raw.chat.id);
    const last = added.findLast((one) => one.from !== store.myId && one.seq > raw.chat.read_seq && !one.deleted);
    if (chat && last) page.announce(chat, last);
  }

  /** @param {Frame} raw */
  #takeTyping({ chat_id: chatId, typing }) {
    const { store } = this.#parts;
    clearTimeout(this.#typists.get(chatId));
    store.setTyping(chatId, typing);
    if (typing)
      this.#typists.set(
        chatId,
        setTimeout(() => store.setTyping(chatId, false), TYPING_LASTS),
      );
  }

  /** @param {any} raw */
  #takeError(raw) {
    const { store, outbox, sync, health, newChat, settings, page } = this.#parts;
    // What names neither a message nor a chat may be the answer to a question.
    if (BUSY.has(raw.code) && !raw.client_id && !raw.chat_id) sync.refused(raw);
    if (raw.code === "unavailable") health.hear(false);
    if (settings()?.refused(raw)) return;
    if (raw.current) store.merge(raw.chat_id, [toMessage(raw.current.message)]);
    if (!raw.client_id && !raw.chat_id && newChat.refused(raw)) return;
    const entry = outbox.refused(raw);
    if (entry?.kind) page.say(changeRefusalOf(raw.code));
  }
}
