// What a bubble is made of beside its text: what it answers, reactions, and the words for its state.
import { deletedWords } from "./chat.js";
import { icon, make } from "./dom.js";
import { kindOfTypes, typesWords, withText } from "./file_words.js";
import { isolate, t } from "./i18n.js";
import { limitMarks } from "./marks.js";
import { messageOf } from "./message_changes.js";
import { oneLine } from "./one_line.js";
import { addressOf } from "./shared_files.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./chat.js").Quote} Quote
 */

/** @param {string} tick */
export const tickWords = (tick) =>
  ({
    waiting: t("waiting"),
    sent: t("sent"),
    delivered: t("delivered"),
    read: t("read"),
    failed: t("not sent"),
  })[tick] ?? "";

/**
 * Why a message was not sent, in words.
 * @param {string | null | undefined} code
 */
export const reasonOf = (code) =>
  ({
    message_too_long: t("This message is too long to be sent."),
    not_delivered: t("You can no longer write to each other."),
    no_such_user: t("This account was deleted."),
    no_such_chat: t("This chat does not exist any more."),
    forbidden: t("You are not allowed to write here."),
    client_id_reused: t("This message was mixed up with another one."),
    restored: t("Not sent, because the server was restored from a backup."),
    file_too_large: t("This file is too large for this server."),
    quota_full: t("There is no room left for your files. Delete some that you have sent."),
    disk_full: t("The server has no room for this file right now."),
    file_lost: t("This browser has not kept the file. Attach it again."),
    too_old: t("This message may have been sent already and have disappeared since."),
  })[code ?? ""] ?? t("Not sent.");

/**
 * Why a change was not made, in words.
 * @param {string | null | undefined} code
 */
export const changeRefusalOf = (code) =>
  ({
    edit_conflict: t("You have edited this message elsewhere meanwhile."),
    no_such_message: t("This message was deleted meanwhile."),
    message_too_long: t("This message is too long to be sent."),
    empty_message: t("A message needs a text."),
    not_delivered: t("You can no longer write to each other."),
    no_such_user: t("This account was deleted."),
    no_such_chat: t("This chat does not exist any more."),
    bad_reaction: t("Nobody can react to this message any more."),
  })[code ?? ""] ?? t("This was not changed.");

/**
 * Who has written something, as the reader calls them.
 * @param {Chat} chat
 * @param {number} from
 */
export const authorOf = (chat, from) => (from === chat.other.id ? chat.other.username : t("You"));

/**
 * One line of what is answered.
 * @param {Quote} quote
 * @param {boolean} isMine
 */
function lineOf({ content, files, deleted, gone }, isMine) {
  if (gone) return make("em", {}, t("This message is gone."));
  if (deleted) return make("em", {}, deletedWords(isMine));
  // Without files no text of a message is empty: this one is not verified, and so nobody's words.
  if (!content && !files.length) return make("em", {}, t("This message could not be verified"));
  const words = make("bdi", {}, limitMarks(oneLine(withText(typesWords(files), content))));
  return files.length ? make("span", { class: "with-icon" }, icon(kindOfTypes(files)), words) : words;
}

/**
 * The small version of the first picture of what is answered, where that is held.
 * @param {Quote} quote
 * @param {Chat} chat
 */
function picturesOf({ seq, files }, chat) {
  const small = files.length ? messageOf(chat, seq)?.files.find(({ thumbnail }) => thumbnail)?.thumbnail : 0;
  return small ? [make("img", { class: "quote__picture", src: addressOf(small), alt: "", loading: "lazy" })] : [];
}

/**
 * What a message answers: who wrote it, and one line of it. `jump(seq)` leads there.
 * @param {Quote} quote
 * @param {Chat} chat
 * @param {(seq: number) => void} jump
 */
export function makeQuote(quote, chat, jump) {
  const isMine = quote.from !== chat.other.id;
  const line = make("span", { class: "quote__line" }, lineOf(quote, isMine));
  if (quote.gone) return make("div", { class: "quote" }, line);
  const name = make("bdi", { class: "quote__name" }, authorOf(chat, quote.from));
  const hidden = make("span", { class: "visually-hidden" }, t("In answer to"));
  const attributes = { class: "quote", type: "button", click: () => jump(quote.seq) };
  return make("button", attributes, hidden, name, line, ...picturesOf(quote, chat));
}

/**
 * Say that a text was edited: a word behind it to be seen, and one to be heard.
 * @param {HTMLElement} bubble
 * @param {HTMLElement} text
 */
export function markEdited(bubble, text) {
  text.dataset.edited = t("edited");
  bubble.append(make("span", { class: "bubble__edited visually-hidden" }, t("edited")));
}

/**
 * Who has reacted with this emoji, in words.
 * @param {string} emoji
 * @param {number[]} users
 * @param {Chat} chat
 */
function reactionWords(emoji, users, chat) {
  if (users.length > 1) return t("%(emoji)s 2, from you both", { emoji });
  if (users[0] !== chat.other.id) return t("%(emoji)s from you", { emoji });
  return t("%(emoji)s from %(name)s", { emoji, name: isolate(chat.other.username) });
}

/**
 * The reactions of a message; one's own is taken back with a click, one of the other is joined.
 * @param {Message} message
 * @param {Chat} chat
 * @param {(emoji: string | null) => void} react
 */
export function makeReactions({ reactions }, chat, react) {
  /** @type {Map<string, number[]>} */
  const users = new Map();
  for (const { emoji, userId } of reactions) users.set(emoji, [...(users.get(emoji) ?? []), userId]);
  const buttons = [...users].map(([emoji, ids]) => {
    const isMine = ids.some((id) => id !== chat.other.id);
    const attributes = {
      class: "reaction",
      type: "button",
      "aria-pressed": String(isMine),
      "aria-label": reactionWords(emoji, ids, chat),
      click: () => react(isMine ? null : emoji),
    };
    const count = ids.length > 1 ? [make("b", {}, String(ids.length))] : [];
    return make("button", attributes, make("span", { class: "emoji" }, emoji), ...count);
  });
  return make("div", { class: "reactions" }, ...buttons);
}
