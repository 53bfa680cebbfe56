// Several messages are selected, to copy or delete them together. They are known by their numbers, so that those count too
// that are not in the page right now.
import { BackStep } from "./back_step.js";
import { copyText } from "./clipboard.js";
import { makeDates, pageLocale } from "./dates.js";
import { find, icon, make, setText } from "./dom.js";
import { briefOf } from "./file_words.js";
import { t, tn } from "./i18n.js";
import { actionsFor } from "./message_actions.js";
import { messageOf } from "./message_changes.js";
import { authorOf } from "./message_parts.js";
import { oneLine } from "./one_line.js";
import { changedBy } from "./pending_changes.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {object} Parts
 * @property {import("./store.js").Store} store
 * @property {import("./router.js").Router} router
 * @property {import("./dialog_loader.js").Dialogs} dialogs
 * @property {(words: string) => void} say
 * @property {(messages: Message[]) => void} remove deletes messages for both
 */

const LONGEST_NAME = 100;
/** @type {Record<string, number>} */
const STEPS = { ArrowUp: -1, ArrowDown: 1 };

/**
 * The texts of messages as one; who wrote each and when stands above it, where more than one person did.
 * @param {Message[]} messages
 * @param {(message: Message) => string} headOf
 */
export function joinTexts(messages, headOf) {
  const senders = new Set(messages.map(({ from }) => from));
  if (senders.size < 2) return messages.map(({ content }) => content).join("\n");
  return messages.map((message) => `${headOf(message)}\n${message.content}`).join("\n\n");
}

/**
 * The numbers from one to another, whichever comes first.
 * @param {number} one
 * @param {number} other
 */
export const numbersBetween = (one, other) =>
  Array.from({ length: Math.abs(one - other) + 1 }, (_, index) => Math.min(one, other) + index);

export class Selection {
  /** @type {Chat | null} the chat in which messages are being selected */
  #chat = null;
  /** @type {Set<number>} */
  #seqs = new Set();
  #last = 0;
  #ending = new AbortController();
  #back = new BackStep("selection", () => this.stop());
  #observer = new MutationObserver(() => this.#show());
  #dates = makeDates(pageLocale(), true);
  #parts;
  #talk = find("#talk");
  #scroller = find(".scroller");
  #list = find(".messages");
  #count = make("h1", { class: "selecting__count" });
  #copy = this.#makeButton("copy", t("Copy"), () => this.#copyAll());
  #delete = this.#makeButton("delete", t("Delete for both"), () => this.#deleteAll());
  #bar = make(
    "div",
    { class: "selecting", role: "toolbar", "aria-label": t("Selected messages") },
    this.#makeButton("close", t("Cancel"), () => this.stop()),
    this.#count,
    this.#copy,
    this.#delete,
  );

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#delete.classList.add("selecting__delete");
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {() => void} click
   */
  #makeButton(name, label, click) {
    return make(
      "button",
      { class: "icon-button", type: "button", "aria-label": label, title: label, click },
      icon(name),
    );
  }

  /**
   * Begin with one message; where somebody is selecting already, it is one more.
   * @param {number} seq
   */
  start(seq) {
    const { chat } = this.#parts.router;
    if (!chat) return;
    if (!this.#chat) this.#begin(chat);
    this.#set([seq], true);
    this.#pickOf(seq)?.focus({ preventScroll: true });
  }

  /** @param {Chat} chat */
  #begin(chat) {
    this.#chat = chat;
    this.#back.begin();
    this.#seqs.clear();
    this.#ending = new AbortController();
    this.#talk.dataset.selecting = "";
    this.#talk.prepend(this.#bar);
    this.#observer.observe(this.#list, { childList: true, subtree: true });
    this.#listen({ capture: true, signal: this.#ending.signal });
  }

  /** @param {AddEventListenerOptions} options */
  #listen(options) {
    this.#scroller.addEventListener("click", (event) => this.#onClick(event), options);
    // What a message is asked for else (its menu, an answer by swiping) waits.
    for (const name of ["pointerdown", "contextmenu"]) {
      this.#scroller.addEventListener(name, (event) => event.stopPropagation(), options);
    }
    addEventListener("keydown", (event) => this.#onKey(event), options);
  }

  /** Nothing is selected any more; the focus stays at its message, or goes to the one that was selected last. */
  stop() {
    const focused = document.activeElement?.closest(".message");
    this.#end();
    const node = focused ?? this.#list.querySelector(`[data-seq="${this.#last}"]`);
    if (node instanceof HTMLElement) node.focus({ preventScroll: true });
    else this.#scroller.focus({ preventScroll: true });
    this.#parts.say(t("Selecting stopped"));
  }

  #end() {
    this.#chat = null;
    this.#back.end();
    this.#ending.abort();
    this.#observer.disconnect();
    this.#bar.remove();
    delete this.#talk.dataset.selecting;
    for (const pick of this.#list.querySelectorAll(".pick")) pick.remove();
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const node = event.target instanceof Element ? event.target.closest(".message") : null;
    if (!(node instanceof HTMLElement)) return;
    event.stopPropagation();
    // A box turns by itself.
    if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
    const seq = Number(node.dataset.seq);
    if (event.shiftKey && this.#seqs.has(this.#last)) this.#set(numbersBetween(this.#last, seq), true);
    else this.#set([seq], !this.#seqs.has(seq));
    this.#pickOf(seq)?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    const isHere = target === document.body || (target instanceof Node && this.#talk.contains(target));
    if (!isHere || ctrlKey || metaKey || altKey || document.querySelector("dialog[open]")) return;
    const by = STEPS[key];
    const button = /** @type {Record<string, HTMLButtonElement>} */ ({ c: this.#copy, Delete: this.#delete })[key];
    if (!by && !button && key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (by) this.#step(by);
    else if (button) button.click();
    else this.stop();
  }

  /** @param {number} by */
  #step(by) {
    const picks = /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll(".pick")]);
    const message = document.activeElement?.closest(".message");
    const index = picks.findIndex((pick) => pick.parentElement === message);
    const next = index < 0 ? picks.at(-1) : picks[index + by];
    next?.focus({ preventScroll: true });
    next?.parentElement?.scrollIntoView({ block: "nearest" });
  }

  /**
   * Select messages, or no longer. What cannot be selected stays out.
   * @param {number[]} seqs
   * @param {boolean} isSelected
   */
  #set(seqs, isSelected) {
    for (const seq of seqs) {
      if (!isSelected) this.#seqs.delete(seq);
      else if (this.#find(seq)) this.#seqs.add(seq);
    }
    // A range begins where something was selected last.
    this.#last = [...this.#seqs].at(-1) ?? this.#last;
    this.#show();
    this.#parts.say(this.#words());
  }

  #words() {
    return tn("%(num)d selected", "%(num)d selected", this.#seqs.size);
  }

  /** @param {number} seq */
  #pickOf(seq) {
    const pick = this.#list.querySelector(`[data-seq="${seq}"] > .pick`);
    return pick instanceof HTMLInputElement ? pick : null;
  }

  /**
   * A message as it is shown, if it can be selected.
   * @param {number} seq
   */
  #find(seq) {
    const { store } = this.#parts;
    const held = this.#chat && messageOf(this.#chat, seq);
    if (!this.#chat || !held) return null;
    const message = changedBy(store.waiting, this.#chat.id, store.myId)(held);
    return actionsFor(this.#chat, message).has("select") ? message : null;
  }

  /** Those that are selected, oldest first; one that was deleted meanwhile is none of them. */
  #selected() {
    const found = [...this.#seqs].sort((one, other) => one - other).map((seq) => this.#find(seq));
    return found.filter((message) => message !== null);
  }

  /** Show what is selected, also where messages have come into the page; another chat ends it. */
  #show() {
    if (this.#parts.router.chat !== this.#chat) {
      this.#end();
      return;
    }
    for (const node of this.#list.querySelectorAll(".message")) this.#showPick(/** @type {HTMLElement} */ (node));
    for (const seq of this.#seqs) if (!this.#find(seq)) this.#seqs.delete(seq);
    const selected = this.#selected();
    setText(this.#count, this.#words());
    this.#copy.disabled = !selected.some(({ content }) => content);
    this.#delete.disabled = !this.#mine(selected).length;
  }

  /** @param {HTMLElement} node */
  #showPick(node) {
    const seq = Number(node.dataset.seq);
    const message = this.#find(seq);
    let pick = this.#pickOf(seq);
    if (!message) {
      pick?.remove();
      return;
    }
    if (!pick) {
      const name = `${this.#nameOf(message)}: ${oneLine(briefOf(message)).slice(0, LONGEST_NAME)}`;
      // Arrow keys go from one to the next; Tab goes to what can be done with them.
      pick = make("input", { class: "pick", type: "checkbox", tabindex: -1, "aria-label": name });
      node.prepend(pick);
    }
    pick.checked = this.#seqs.has(seq);
  }

  /** @param {Message} message */
  #nameOf({ from }) {
    return this.#chat ? authorOf(this.#chat, from) : "";
  }

  /** @param {Message[]} messages */
  #mine(messages) {
    return messages.filter(({ from }) => from === this.#parts.store.myId);
  }

  async #copyAll() {
    const messages = this.#selected().filter(({ content }) => content);
    const text = joinTexts(messages, (message) => `${this.#nameOf(message)}, ${this.#dates.full(message.at)}`);
    const isCopied = await copyText(text);
    if (isCopied) this.stop();
    const words = tn("%(num)d message copied", "%(num)d messages copied", messages.length);
    this.#parts.say(isCopied ? words : t("It could not be copied."));
  }

  async #deleteAll() {
    const { dialogs, remove, say } = this.#parts;
    const chat = this.#chat;
    const all = this.#selected();
    const mine = this.#mine(all);
    const isSure = await dialogs.confirmed({
      title: tn("Delete %(num)d message?", "Delete %(num)d messages?", mine.length),
      words:
        mine.length < all.length
          ? t("Only your own messages are deleted, for both of you. This cannot be undone.")
          : t("They are deleted for both of you. This cannot be undone."),
      yes: t("Delete for both"),
    });
    if (!isSure || this.#chat !== chat) return;
    this.stop();
    remove(mine);
    say(tn("%(num)d message deleted", "%(num)d messages deleted", mine.length));
  }
}
