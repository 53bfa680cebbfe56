// Tells of new messages where nobody looks at the page: title, icon, notification, sound, and a word to screen readers.
import { isMuted } from "./chat_settings.js";
import { chime } from "./chime.js";
import { find, make } from "./dom.js";
import { briefOf } from "./file_words.js";
import { plainOf } from "./format.js";
import { isolate, t } from "./i18n.js";
import { countAllUnread } from "./list_order.js";
import { noticeWords } from "./notice.js";
import { Notifications } from "./notifications.js";
import { switches, unavailableReason } from "./preferences.js";
import { localStore } from "./storage.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 */

export class Notifier {
  #title = "";
  #icon = "";
  #hasMissed = false;
  #store;
  #notifications;
  #isLeader;
  #log = find("#new-messages");
  #question = find("#ask");
  #favicon = find("#favicon", document, HTMLLinkElement);

  /**
   * `open(chatId)` opens a chat; `isLeader()` says whether this tab is the one that speaks.
   * @param {{ store: import("./store.js").Store, open: (chatId: number) => void, isLeader: () => boolean }} parts
   */
  constructor({ store, open, isLeader }) {
    this.#store = store;
    this.#notifications = new Notifications({ store, open });
    this.#isLeader = isLeader;
    this.#question.addEventListener("click", ({ target }) => {
      if (target instanceof HTMLButtonElement) this.#answer(target.value);
    });
  }

  /** @param {string} answer */
  async #answer(answer) {
    this.#question.hidden = true;
    localStore.set("asked", "yes");
    if (answer === "yes") await switches.set("notify", true);
  }

  /**
   * Show the unread ones in the title and the icon.
   * @param {Chat | null} chat the open one
   */
  render(chat) {
    const unread = countAllUnread(this.#store);
    const count = unread > 99 ? "99+" : unread;
    const title = `${unread ? `(${count}) ` : ""}${chat ? `${chat.other.username} · ` : ""}ChatApp`;
    if (title !== this.#title) {
      document.title = title;
      this.#title = title;
    }
    const icon = unread ? `unread-${unread > 9 ? "more" : unread}` : "favicon";
    if (icon === this.#icon) return;
    this.#icon = icon;
    this.#favicon.href = `/static/img/${icon}.svg`;
    if (unread) navigator.setAppBadge?.(unread).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  }

  /**
   * One new message of somebody else, unless it was deleted before it came. In a muted chat, and of a notice, there is
   * neither sound nor notification. `isOpen`: in the open chat; `isSeen`: before the reader's eyes.
   * @param {Chat} chat
   * @param {Message} message
   * @param {{ isOpen: boolean, isSeen: boolean }} where
   */
  notify(chat, message, { isOpen, isSeen }) {
    if (message.deleted) return;
    const name = isolate(chat.other.username);
    const isQuiet = isMuted(chat) || message.notice;
    if (isOpen) this.say(message.notice ? noticeWords(message, chat) : `${name}: ${plainOf(briefOf(message))}`);
    else if (!isQuiet) this.say(t("New message from %(name)s", { name }));
    const isWatched = !document.hidden && document.hasFocus();
    if (isQuiet || isSeen || isWatched || !this.#isLeader()) return;
    if (switches.get("sound")) chime();
    this.#notifications.show(chat, message);
    this.#hasMissed = true;
  }

  /**
   * Say something once to screen readers; what was said does not stay in the page.
   * @param {string} words
   */
  say(words) {
    const line = make("p", {}, words);
    this.#log.append(line);
    setTimeout(() => line.remove(), 10_000);
  }

  /** The sensible moment to ask: they come back to a page that has missed a message. */
  maybeAsk() {
    if (!this.#hasMissed || unavailableReason("notify") || Notification.permission !== "default") return;
    if (!localStore.get("asked")) this.#question.hidden = false;
  }
}
