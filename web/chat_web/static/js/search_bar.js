// Searches in the open chat: a bar in the place of its header, which leads from find to find.

import { BackStep } from "./back_step.js";
import { textOf } from "./chat.js";
import { DateRow } from "./date_row.js";
import { pageLocale } from "./dates.js";
import { find, icon, make, setText } from "./dom.js";
import { FindMarks } from "./find_marks.js";
import { Finder } from "./finder.js";
import { fold } from "./folding.js";
import { plainOf } from "./format.js";
import { t, tn } from "./i18n.js";
import { isNarrow, isTouch } from "./media.js";
import { search } from "./search_api.js";
import { excerptOf, makeDay, noteOf } from "./search_words.js";

/** @typedef {{ q?: string, seq?: number, date?: boolean, isFromList?: boolean, typed?: string }} Start */

const MAX_WORDS = 200;

/**
 * @param {string} name
 * @param {string} words
 * @param {() => void} click
 */
const makeButton = (name, words, click) =>
  make("button", { class: "icon-button", type: "button", "aria-label": words, title: words, click }, icon(name));

export class SearchBar {
  #chatId = 0;
  /** The message that is looked at, or 0. */
  #seq = 0;
  /** Which way to go when an answer is here: to the next older find. */
  #isStepping = false;
  #isFromList = false;
  #back = new BackStep("search", () => this.end());
  /** @type {Element | null} what had the focus before */
  #before = null;
  #parts;
  #finder;
  #marks = new FindMarks();
  #dayOf = makeDay(pageLocale());
  #region = find("#talk");
  #field = make("input", {
    type: "search",
    "aria-label": t("Search in this chat"),
    placeholder: t("Search in this chat"),
    maxlength: MAX_WORDS,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    enterkeyhint: "search",
    dir: "auto",
    input: () => this.#search(),
  });
  #title = make("h1", { class: "visually-hidden" });
  #count = make("span", { class: "seek__count" });
  #older = makeButton("older", t("Older find"), () => this.step(true));
  #newer = makeButton("newer", t("Newer find"), () => this.step(false));
  #words = make("span");
  #act = make("button", { class: "link", type: "button", click: () => this.#finder.goOn() });
  #note = make("p", { class: "seek__note" }, this.#words, this.#act);
  #date;
  #bar;

  /**
   * `jump` shows a message of the open chat, and says whether it could; `say` tells a screen reader.
   * @param {object} parts
   * @param {import("./router.js").Router} parts.router
   * @param {import("./clock.js").Clock} parts.clock
   * @param {(seq: number, options: { expand?: boolean, focus?: boolean }) => Promise<boolean>} parts.jump
   * @param {(words: string) => void} parts.say
   */
  constructor(parts) {
    this.#parts = parts;
    this.#finder = new Finder({ ask: search, clock: parts.clock, changed: () => this.#show() });
    this.#date = new DateRow({
      jump: (seq) => parts.jump(seq, { focus: false }),
      say: parts.say,
      dayOf: this.#dayOf,
      closed: () => this.#field.focus(),
    });
    const close = makeButton("back", t("Close the search"), () => this.#leave());
    const date = makeButton("date", t("Go to a date"), () => this.#date.toggle(this.#chatId));
    const field = make("label", { class: "search seek__field" }, icon("search"), this.#field, this.#count);
    const row = make("div", { class: "seek__row" }, close, field, date, this.#older, this.#newer);
    const attributes = { class: "seek", role: "search", "aria-label": t("Search in this chat"), hidden: true };
    this.#bar = make("div", attributes, this.#title, row, this.#date.node, this.#note);
    this.#bar.addEventListener("keydown", (event) => this.#onKey(event));
    find(".talk__top").after(this.#bar);
  }

  get isOpen() {
    return !this.#bar.hidden;
  }

  get hasFocus() {
    return document.activeElement === this.#field;
  }

  /**
   * Search in the open chat: for what is in the field already, or for `q`, with the find `seq` to begin with; or for what
   * somebody has begun to type.
   * @param {Start} [start]
   */
  start({ q, seq = 0, date = false, isFromList = false, typed = "" } = {}) {
    const { openId: chatId, chat } = this.#parts.router;
    setText(this.#title, chat?.other.username ?? "");
    if (!this.isOpen) this.#before = document.activeElement;
    this.#isFromList = isFromList;
    // Back leads to the finds that one has come from.
    if (!isFromList) this.#back.begin();
    this.#bar.hidden = false;
    this.#region.classList.add("talk--seeking");
    if (chatId !== this.#chatId) this.#field.value = "";
    this.#chatId = chatId;
    if (q !== undefined || typed) this.#field.value = q ?? typed;
    this.#search();
    if (date) this.#date.open(chatId);
    else if (!seq || !isTouch()) {
      this.#field.focus();
      if (!typed) this.#field.select();
    }
    if (seq) this.#go(seq);
  }

  /**
   * End the search; the focus goes back to where it was.
   * @param {{ giveBack?: boolean }} [options]
   */
  end({ giveBack = true } = {}) {
    if (!this.isOpen) return;
    const hadFocus = this.#bar.contains(document.activeElement);
    this.#bar.hidden = true;
    this.#region.classList.remove("talk--seeking");
    this.#date.close();
    this.#finder.set("");
    this.#marks.show("", 0);
    this.#seq = 0;
    this.#chatId = 0;
    this.#back.end();
    if (!giveBack || !hadFocus) return;
    const isThere = this.#before instanceof HTMLElement && this.#before.checkVisibility();
    if (isThere) /** @type {HTMLElement} */ (this.#before).focus();
    else this.#region.focus({ preventScroll: true });
  }

  /** Another chat may be open now. */
  follow() {
    if (this.isOpen && this.#parts.router.openId !== this.#chatId) this.end({ giveBack: false });
  }

  /** @type {Finder["drop"]} */
  drop(isGone) {
    this.#finder.drop(isGone);
  }

  /** The button that leads out: on a phone to where one has come from. */
  #leave() {
    const isBack = this.#isFromList && isNarrow();
    this.end({ giveBack: !isBack });
    if (isBack) this.#parts.router.back();
  }

  #search() {
    const before = this.#finder.query;
    this.#finder.set(this.#field.value, this.#chatId);
    if (before === this.#finder.query) return;
    this.#date.close();
    this.#seq = 0;
    this.#isStepping = true;
    this.#show();
  }

  /**
   * Go to the next find: an older one, else a newer one; behind the last one begin again.
   * @param {boolean} isOlder
   */
  step(isOlder) {
    const { found, more, state } = this.#finder;
    if (state === "busy") return;
    const next = isOlder
      ? found.find(({ seq }) => !this.#seq || seq < this.#seq)
      : found.findLast(({ seq }) => seq > this.#seq);
    if (next) this.#go(next.seq);
    else if (isOlder && more) {
      this.#isStepping = true;
      this.#finder.goOn();
    } else if (found.length) this.#go((isOlder ? found[0] : found[found.length - 1]).seq);
  }

  /** @param {number} seq */
  async #go(seq) {
    this.#seq = seq;
    this.#isStepping = false;
    this.#show();
    const isTouched = isTouch() && !this.hasFocus;
    if (await this.#parts.jump(seq, { expand: true, focus: isTouched })) return;
    if (this.#seq === seq) this.#parts.say(t("This message cannot be shown right now."));
  }

  /** Show what is found so far, and go to the first find of a new answer. */
  #show() {
    const { state, found, query } = this.#finder;
    const isFinding = this.#isStepping && state === "done";
    const next = isFinding && found.find(({ seq }) => !this.#seq || seq < this.#seq);
    if (isFinding) this.#isStepping = false;
    if (next) return void this.#go(next.seq);
    const needle = fold(query.q);
    const index = found.findIndex(({ seq }) => seq === this.#seq);
    this.#marks.show(state === "failed" ? "" : needle, this.#seq);
    setText(this.#count, this.#countOf(index));
    this.#older.disabled = this.#newer.disabled = !found.length && !this.#seq;
    const { words, act } = noteOf(this.#finder, this.#dayOf);
    setText(this.#words, words);
    setText(this.#act, act);
    this.#act.hidden = !act;
    this.#note.hidden = !words && !act;
    this.#tell(index, words);
  }

  /** @param {number} index */
  #countOf(index) {
    const num = this.#finder.found.length;
    if (this.#finder.state === "busy" && !num) return "…";
    if (index >= 0) return t("%(at)d of %(num)d", { at: index + 1, num });
    return num ? String(num) : "";
  }

  /**
   * Say to a screen reader what is found, whose focus stays in the field.
   * @param {number} index
   * @param {string} words
   */
  #tell(index, words) {
    const { state, found, query } = this.#finder;
    if (state === "idle" || state === "busy") return;
    const { before, find: middle, after } = excerptOf(index < 0 ? "" : plainOf(textOf(found[index])), fold(query.q));
    if (index >= 0) this.#parts.say(`${this.#countOf(index)}: ${before}${middle}${after}`);
    else this.#parts.say(found.length ? tn("%(num)d find", "%(num)d finds", found.length) : words);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.end();
    } else if (event.key === "Enter" && event.target === this.#field) {
      event.preventDefault();
      this.step(!event.shiftKey);
    }
  }
}
