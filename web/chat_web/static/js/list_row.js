// One row of the list: who, when, the last line, and how many are unread.
import { deletedWords } from "./chat.js";
import { isMuted } from "./chat_settings.js";
import { icon, make, paintAvatar, setText, setTyped } from "./dom.js";
import { briefOf, kindOfFiles } from "./file_words.js";
import { shortCount, t, tn } from "./i18n.js";
import { activityOf, waitingOf } from "./list_order.js";
import { noticeWords } from "./notice.js";
import { oneLine } from "./one_line.js";
import { changedBy } from "./pending_changes.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {{ text: string, before?: string, sign?: string, kind?: "busy" | "failed" | "draft" }} Preview
 */

/** @param {number} count */
const unreadWords = (count) =>
  count > 99 ? t("More than 99 unread messages") : tn("%(num)d unread message", "%(num)d unread messages", count);

/**
 * What is said of a chat of which no message is held: nothing, while there are some to come.
 * @param {Chat} chat
 */
function wordsOfNone({ lastSeq, floor }) {
  if (lastSeq > floor) return "";
  return floor ? t("No messages any more") : t("No messages yet");
}

/**
 * One of the two lines: what may be cut, and what stands whole at its end.
 * @param {Element} words
 * @param {Element} end
 */
const lineOf = (words, end) => make("span", { class: "chat__line" }, words, end);

export class ListRow {
  #seen = "";
  #store;
  #dates;
  #drafts;
  #dot = make("span", { class: "avatar__dot" });
  #avatar = make("span", { class: "avatar", "aria-hidden": "true" }, this.#dot);
  #name = make("bdi");
  #hint = make("span", { class: "visually-hidden" });
  #title = make("span", { class: "chat__name" }, this.#name, this.#hint);
  #time = make("time", { class: "chat__time" });
  #last = make("span", { class: "chat__last" });
  #badge = make("span", { class: "badge", "aria-hidden": "true" });
  #pin = make("span", { class: "chat__sign" }, icon("pin"));
  #mute = make("span", { class: "chat__sign" }, icon("mute"));
  #unread = make("span", { class: "visually-hidden" });

  /**
   * @param {number} chatId
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./dates.js").Dates} parts.dates
   * @param {import("./drafts.js").Drafts} parts.drafts
   */
  constructor(chatId, { store, dates, drafts }) {
    this.#store = store;
    this.#dates = dates;
    this.#drafts = drafts;
    const name = make("span", { class: "chat__who" }, this.#title, this.#mute);
    const marks = make("span", { class: "chat__marks" }, this.#pin, this.#badge);
    const lines = make("span", { class: "chat__lines" }, lineOf(name, this.#time), lineOf(this.#last, marks));
    const attributes = { class: "chat", href: `#${chatId}`, "data-chat": chatId, draggable: "false" };
    this.link = make("a", attributes, this.#avatar, lines, this.#unread);
    this.item = make("li", {}, this.link);
  }

  /**
   * @param {Chat} chat
   * @param {boolean} isOpen
   */
  show(chat, isOpen) {
    const { username } = chat.other;
    const isOnline = this.#store.isOnline(chat.other.id);
    const preview = this.#previewOf(chat, isOpen);
    const isUsed = chat.messages.length > 0 || waitingOf(this.#store, chat).length > 0;
    const moment = isUsed ? this.#dates.brief(activityOf(this.#store, chat)) : "";
    const [muted, pinned] = [isMuted(chat), chat.pinnedAt > 0];
    const seen = JSON.stringify([username, isOnline, preview, moment, chat.unread, isOpen, muted, pinned]);
    if (this.#seen === seen) return;
    this.#seen = seen;
    paintAvatar(this.#avatar, chat.other);
    setTyped(this.#name, username);
    this.#dot.hidden = !isOnline;
    this.#title.title = username;
    // No comma before the first: what is hidden is a block of its own, with a space around it.
    const hints = [isOnline && t("online"), muted && t("muted"), pinned && t("pinned")];
    setText(this.#hint, hints.filter(Boolean).join(", "));
    this.#mute.hidden = !muted;
    this.#pin.hidden = !pinned;
    setText(this.#time, moment);
    this.#showPreview(preview);
    this.#badge.hidden = !chat.unread;
    this.#badge.classList.toggle("badge--muted", muted);
    setText(this.#badge, shortCount(chat.unread));
    setText(this.#unread, chat.unread ? unreadWords(chat.unread) : "");
    this.link.classList.toggle("chat--unread", chat.unread > 0);
    if (isOpen) this.link.setAttribute("aria-current", "true");
    else this.link.removeAttribute("aria-current");
  }

  /** @param {Preview} preview */
  #showPreview({ text, before, sign, kind }) {
    this.#last.className = kind ? `chat__last chat__last--${kind}` : "chat__last";
    const words = make("bdi");
    setTyped(words, text);
    const leading = before ? [make("span", {}, `${before} `)] : [];
    const signs = sign ? [make("span", { class: "chat__kind" }, icon(sign))] : [];
    this.#last.replaceChildren(...leading, ...signs, words);
  }

  /**
   * @param {Chat} chat
   * @param {boolean} isOpen
   * @returns {Preview}
   */
  #previewOf(chat, isOpen) {
    if (chat.typing && !isOpen) return { text: t("typing…"), kind: "busy" };
    const waiting = waitingOf(this.#store, chat).at(-1);
    if (waiting?.state === "failed") {
      return { text: t("Not sent: %(text)s", { text: oneLine(briefOf(waiting)) }), kind: "failed" };
    }
    const draft = isOpen ? "" : this.#drafts.get(chat.id);
    if (draft) return { before: t("Draft:"), text: oneLine(draft), kind: "draft" };
    if (waiting) return { before: t("You:"), text: oneLine(briefOf(waiting)) };
    const newest = chat.messages.at(-1);
    if (!newest) return { text: wordsOfNone(chat) };
    const last = changedBy(this.#store.waiting, chat.id, this.#store.myId)(newest);
    if (last.notice) return { text: noticeWords(last, chat) };
    if (last.deleted) return { text: deletedWords(last.from === this.#store.myId) };
    const isMine = last.from === this.#store.myId && !last.problem && !last.notice;
    const sign = last.files.length ? kindOfFiles(last.files) : "";
    return { before: isMine ? t("You:") : "", text: oneLine(briefOf(last)), sign };
  }
}
