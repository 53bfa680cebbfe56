// One message in the conversation: its text with links, and below it reactions, time, tick, and what can be done with one
// not sent. Within a group the time is only said.
import { deletedWords, problemOf, tickOf } from "./chat.js";
import { icon, make } from "./dom.js";
import { isEmojiOnly } from "./emoji.js";
import { formatted } from "./formatted.js";
import { isolate, t } from "./i18n.js";
import { limitMarks } from "./marks.js";
import { makeFiles } from "./message_files.js";
import { mayBeLong } from "./message_folds.js";
import { changeRefusalOf, makeQuote, makeReactions, markEdited, reasonOf, tickWords } from "./message_parts.js";
import { makeNotice } from "./notice.js";
import { SendingFiles } from "./sending_files.js";
import { isVisual } from "./shared_files.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./message_items.js").Item} Item
 * @typedef {object} Actions
 * @property {(clientId: string) => void} retry
 * @property {(clientId: string) => void} cancel
 * @property {(message: Message, emoji: string | null) => void} react
 * @property {(seq: number) => void} jump
 * @property {(message: Message) => void} editAgain
 * @property {import("./sending_files.js").UploadOf} uploadOf
 */

const PATIENCE = 3000;
const TICK_BOX = "0 0 20 16";
/**
 * What of a message is drawn, and can change.
 * @param {Message} message
 */
const drawnOf = ({ content, problem, edited, deleted, reactions, replyTo, files, sending }) =>
  JSON.stringify([content, problem, edited, deleted, reactions, replyTo, idsOf(files), sending]);

/**
 * Whether it waits so long that its writer may want it back. (Files have a button that stops them.)
 * @param {Message} message
 * @param {string} state
 */
function waitsLong({ at, change, sending }, state) {
  if (change?.state === "waiting") return Date.now() - change.at > PATIENCE;
  return state === "waiting" && !sending && Date.now() - at > PATIENCE;
}

/**
 * @param {Message} message
 * @param {boolean} isMine
 * @param {boolean} isEmoji
 */
function kindsOf({ reactions, replyTo, files }, isMine, isEmoji) {
  const kinds = [isMine ? "message--mine" : "message--theirs"];
  if (isEmoji) kinds.push("message--emoji");
  if (reactions.length) kinds.push("message--reacted");
  if (replyTo) kinds.push("message--answer");
  if (files.length) kinds.push(files.some(isVisual) ? "message--pictures" : "message--files");
  return kinds.join(" ");
}

/** @param {Message["files"]} files */
const idsOf = (files) => files.map(({ id }) => id).join(" ");

export class MessageBubble {
  #kinds = "";
  #drawn = "";
  /** @type {Message | null} */
  #message = null;
  #seen = "";
  #chat;
  #dates;
  #actions;
  #time = make("time", {}, "\u00a0");
  /** @type {HTMLElement | null} */
  #tick = null;
  /** @type {HTMLElement | null} */
  #act = null;
  #foot = make("div", { class: "message__foot" });
  /** @type {ReturnType<typeof makeNotice> | null} */
  #notice = null;
  /** @type {HTMLElement | null} what is loaded, or plays, stays when something else of the message changes */
  #files = null;
  /** @type {SendingFiles | null} */
  #sending = null;

  /**
   * @param {Item} item
   * @param {{ chat: Chat, dates: import("./dates.js").Dates, actions: Actions, isNew: boolean }} parts
   */
  constructor(item, { chat, dates, actions, isNew }) {
    this.#chat = chat;
    this.#dates = dates;
    this.#actions = actions;
    this.node = make("li", { "data-key": item.key, tabindex: -1 });
    this.#draw(item);
    if (isNew) this.#kinds += " message--new";
  }

  /**
   * Draw the message as it is now, where it is not drawn so already.
   * @param {Item} item
   */
  #draw(item) {
    const { message } = item;
    if (message === this.#message) return;
    this.#message = message;
    const drawn = drawnOf(message);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#seen = "";
    this.#tick = null;
    // Who has reacted by keyboard stays with the message.
    const hadFocus = this.node.contains(document.activeElement);
    this.node.replaceChildren(...this.#makeWhole(item));
    if (hadFocus) this.node.focus({ preventScroll: true });
  }

  /** @param {Item} item */
  #makeWhole(item) {
    if (item.message.deleted) return this.#makeDeleted(item);
    if (item.message.problem) return this.#makeDoubtful(item);
    if (item.message.notice) return this.#makeNotice();
    return this.#makeChildren(item);
  }

  /** @param {Item} item */
  #makeChildren({ message, isMine }) {
    const { files } = message;
    const isEmoji = isEmojiOnly(message.content) && !message.replyTo && !files.length;
    const text = make("div", { class: `bubble__text${isEmoji ? " emoji" : ""}`, dir: "auto" });
    text.append(...formatted(limitMarks(message.content)));
    this.#kinds = kindsOf(message, isMine, isEmoji);
    const who = isMine ? t("You:") : `${isolate(this.#chat.other.username)}:`;
    const bubble = make("div", { class: "bubble", "data-long": mayBeLong(message.content) }, text);
    if (files.length) this.#addFiles(message, bubble);
    if (message.replyTo) bubble.prepend(makeQuote(message.replyTo, this.#chat, this.#actions.jump));
    if (message.edited) markEdited(bubble, text);
    this.#sending = message.sending ? this.#makeSending(message, bubble) : null;
    text.hidden = !message.content && this.#sending !== null;
    if (isMine) this.#tick = make("span", { class: "tick", role: "img" });
    this.#foot.replaceChildren(...this.#makeReactions(message), this.#makeWhen(message));
    return [make("span", { class: "visually-hidden" }, who), bubble, this.#foot];
  }

  /**
   * @param {Message} message
   * @param {HTMLElement} bubble
   */
  #addFiles({ files, content }, bubble) {
    const ids = idsOf(files);
    if (this.#files?.dataset.ids !== ids) this.#files = makeFiles(files);
    this.#files.dataset.ids = ids;
    bubble.classList.toggle("bubble--wordless", !content);
    bubble.prepend(this.#files);
  }

  /**
   * The files that are on their way, above the text.
   * @param {Message} message
   * @param {HTMLElement} bubble
   */
  #makeSending({ sending = [], clientId }, bubble) {
    const { uploadOf, cancel } = this.#actions;
    const files = new SendingFiles(sending, { uploadOf, stop: () => cancel(clientId ?? "") });
    bubble.insertBefore(files.node, bubble.querySelector(".bubble__text"));
    return files;
  }

  /** @param {Message} message */
  #makeReactions(message) {
    if (!message.reactions.length) return [];
    return [makeReactions(message, this.#chat, (emoji) => this.#actions.react(message, emoji))];
  }

  /**
   * What is left of a message that its writer has deleted.
   * @param {Item} item
   */
  #makeDeleted({ message, isMine }) {
    this.#kinds = `${isMine ? "message--mine" : "message--theirs"} message--deleted`;
    const text = make("div", { class: "bubble__text" }, icon("delete"), make("em", {}, deletedWords(isMine)));
    this.#foot.replaceChildren(this.#makeWhen(message));
    return [make("div", { class: "bubble" }, text), this.#foot];
  }

  /** What somebody has set. */
  #makeNotice() {
    this.#kinds = "message--notice";
    this.#notice = makeNotice(this.#chat, this.#dates);
    return [this.#notice.node];
  }

  /**
   * A message that the server cannot vouch for: what is wrong with it, and only then its text, as nobody's words.
   * @param {Item} item
   */
  #makeDoubtful({ message, isMine }) {
    const text = make("div", { class: "bubble__text", dir: "auto" }, make("em", {}, problemOf(message)));
    if (message.content) text.append("\n", make("bdi", {}, limitMarks(message.content)));
    this.#kinds = `${isMine ? "message--mine" : "message--theirs"} message--doubtful`;
    this.#foot.replaceChildren(this.#makeWhen(message));
    return [make("div", { class: "bubble" }, text), this.#foot];
  }

  /** @param {Message} message */
  #makeWhen({ at }) {
    this.#time.setAttribute("datetime", new Date(at).toISOString());
    return make("div", { class: "message__when" }, this.#time, ...(this.#tick ? [this.#tick] : []));
  }

  /**
   * Show what may change: its place in the group, its tick, what can be done.
   * @param {Item} item
   */
  show(item) {
    this.#draw(item);
    const { message, isMine, isFirst, isLast } = item;
    this.#showTime(message);
    this.#notice?.show(message);
    this.#sending?.show(message.state === "failed");
    const state = message.state ?? (isMine ? tickOf(this.#chat, message) : "");
    const { change } = message;
    const isLate = waitsLong(message, state);
    const seen = `${state} ${isFirst} ${isLast} ${isLate} ${message.seq} ${change?.clientId} ${change?.state}`;
    if (this.#seen === seen) return;
    this.#seen = seen;
    if (message.seq) this.node.dataset.seq = String(message.seq);
    const tick = state === "stored" ? "waiting" : state;
    const kinds = ["message", this.#kinds];
    if (isFirst) kinds.push("message--first");
    if (isLast) kinds.push("message--last");
    if (tick === "waiting" || tick === "failed") kinds.push(`message--${tick}`);
    this.node.className = kinds.join(" ");
    this.#showTick(tick);
    this.#act?.remove();
    const isRefused = change?.state === "failed";
    this.#act = state === "failed" || isRefused || isLate ? this.#makeActions(message, state) : null;
    if (this.#act) this.#foot.append(this.#act);
  }

  /** @param {Message} message */
  #showTime({ at }) {
    if (this.#time.title || !this.#dates.isReady) return;
    this.#time.title = this.#dates.full(at);
    this.#time.textContent = this.#dates.time(at);
  }

  /** @param {string} tick */
  #showTick(tick) {
    if (!this.#tick || this.#tick.classList.contains(`tick--${tick}`)) return;
    this.#tick.className = `tick tick--${tick}`;
    this.#tick.setAttribute("aria-label", tickWords(tick));
    this.#tick.replaceChildren(icon(tick === "read" ? "delivered" : tick, TICK_BOX));
  }

  /**
   * @param {Message} message
   * @param {string} state
   */
  #makeActions(message, state) {
    const { retry, cancel, editAgain } = this.#actions;
    const { clientId, code, change } = message;
    const id = change?.clientId ?? clientId ?? "";
    /**
     * @param {string} words
     * @param {(clientId: string) => void} run
     */
    const act = (words, run) => make("button", { class: "link", type: "button", click: () => run(id) }, words);
    /** @type {[string, ...HTMLElement[]]} */
    let [words, ...buttons] = [t("Waiting to be sent"), act(t("Cancel"), cancel)];
    if (state === "failed")
      [words, ...buttons] = [reasonOf(code), act(t("Try again"), retry), act(t("Delete"), cancel)];
    if (change?.state === "failed") {
      words = changeRefusalOf(change.code);
      buttons = [act(t("Edit again"), () => editAgain(message)), act(t("Discard"), cancel)];
    }
    return make("div", { class: "message__act" }, make("span", {}, words), ...buttons);
  }
}
