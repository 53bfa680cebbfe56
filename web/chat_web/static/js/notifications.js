// Notifications of the system: one of each chat, which goes when the message is deleted that it tells of.
import { briefOf } from "./file_words.js";
import { plainOf } from "./format.js";
import { t } from "./i18n.js";
import { isGone } from "./message_changes.js";
import { switches, unavailableReason } from "./preferences.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 */

/** @param {number} chatId */
const tagOf = (chatId) => `chat ${chatId}`;

export class Notifications {
  /** @type {Map<number, { seq: number, shown: Notification | null }>} by chat; `shown` is null where a worker shows it */
  #told = new Map();
  #store;
  #open;

  /**
   * `open(chatId)` opens a chat.
   * @param {{ store: import("./store.js").Store, open: (chatId: number) => void }} parts
   */
  constructor({ store, open }) {
    this.#store = store;
    this.#open = open;
    store.onChange(() => this.#removeGone());
  }

  /**
   * Show one, where somebody wants them; a click on it opens the chat.
   * @param {Chat} chat
   * @param {Message} message
   */
  async show(chat, message) {
    if (unavailableReason("notify") || Notification.permission !== "granted" || !switches.get("notify")) return;
    const options = {
      body: switches.get("preview") ? plainOf(briefOf(message)).slice(0, 200) : t("New message"),
      tag: tagOf(chat.id),
      renotify: true,
      silent: true,
      icon: "/static/img/icon-192.png",
      data: { chat: chat.id, seq: message.seq },
    };
    const worker = await navigator.serviceWorker?.getRegistration();
    try {
      if (worker?.active) await worker.showNotification(chat.other.username, options);
      const shown = worker?.active ? null : this.#show(chat, options);
      this.#told.set(chat.id, { seq: message.seq, shown });
      this.#removeGone();
    } catch {
      // The system does not want it.
    }
  }

  /**
   * @param {Chat} chat
   * @param {NotificationOptions} options
   */
  #show(chat, options) {
    const shown = new Notification(chat.other.username, options);
    shown.onclick = () => {
      globalThis.focus();
      this.#open(chat.id);
      shown.close();
    };
    return shown;
  }

  #removeGone() {
    for (const [chatId, { seq, shown }] of this.#told) {
      const chat = this.#store.chats.get(chatId);
      if (!chat || !isGone(chat, seq)) continue;
      this.#told.delete(chatId);
      if (shown) shown.close();
      else closeOfWorker(chatId, seq);
    }
  }
}

/**
 * A later message may have taken the place of the one that is gone.
 * @param {number} chatId
 * @param {number} seq
 */
async function closeOfWorker(chatId, seq) {
  const worker = await navigator.serviceWorker.getRegistration();
  for (const shown of (await worker?.getNotifications({ tag: tagOf(chatId) })) ?? []) {
    if (shown.data?.seq === seq) shown.close();
  }
}
