// What somebody has set of a chat, told to both in the conversation, with a button that undoes it.
import { FIRST_PURGE } from "./chat_settings.js";
import { daysBetween } from "./dates.js";
import { make } from "./dom.js";
import { isolate, t } from "./i18n.js";
import { timeWords } from "./keep_words.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 */

/**
 * Who has chosen what, in the reader's language; what this page does not know is said as the server says it.
 * @param {Message} message
 * @param {Chat} chat
 */
export function noticeWords({ from, content, keep }, chat) {
  if (!keep) return content;
  const isMine = from !== chat.other.id;
  const name = isolate(chat.other.username);
  if (keep.seconds === null) {
    return isMine
      ? t("You turned off disappearing messages.")
      : t("%(name)s turned off disappearing messages.", { name });
  }
  const time = timeWords(keep.seconds);
  return isMine
    ? t("You set messages to disappear after %(time)s.", { time })
    : t("%(name)s set messages to disappear after %(time)s.", { name, time });
}

/**
 * When the first messages go by this choice, in words; "" where that is over, or was never to be.
 * @param {Message} message
 * @param {import("./dates.js").Dates} dates
 * @param {number} [now]
 */
export function firstGoWords({ at, keep }, dates, now = Date.now()) {
  const moment = at + FIRST_PURGE;
  if (!keep?.seconds || moment <= now) return "";
  const time = dates.time(moment);
  return daysBetween(now, moment) > 0
    ? t("Older ones start to go tomorrow at %(time)s.", { time })
    : t("Older ones start to go today at %(time)s.", { time });
}

/**
 * Whether a choice is what holds now, and so fresh that nothing has gone by it.
 * @param {Message} message
 * @param {Chat} chat
 * @param {number} [now]
 */
export function canUndo({ seq, at, keep }, chat, now = Date.now()) {
  if (!keep || keep.seconds === keep.before || at + FIRST_PURGE <= now || chat.other.deleted) return false;
  return chat.keepSeconds === keep.seconds && chat.messages.findLast((one) => one.keep)?.seq === seq;
}

/**
 * The line of a notice. `show(message)` says what has changed with the time and with later choices.
 * @param {Chat} chat
 * @param {import("./dates.js").Dates} dates
 */
export function makeNotice(chat, dates) {
  const text = make("div", { class: "bubble__text", dir: "auto" });
  const node = make("div", { class: "bubble" }, text);
  let seen = "";
  /** @param {Message} message */
  const show = (message) => {
    const words = `${noticeWords(message, chat)} ${firstGoWords(message, dates)}`.trim();
    const mayBe = canUndo(message, chat);
    if (seen === `${mayBe} ${words}`) return;
    seen = `${mayBe} ${words}`;
    text.textContent = words;
    node.querySelector("button")?.remove();
    // What is chosen goes out where all settings of chats do: see chat_tools.js.
    const before = String(message.keep?.before ?? "");
    if (mayBe) node.append(make("button", { class: "link", type: "button", "data-keep": before }, t("Undo")));
  };
  return { node, show };
}
