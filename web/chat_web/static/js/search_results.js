// Below the chats whose name is searched for: messages of all chats that contain the text, more as one scrolls.
import { textOf } from "./chat.js";
import { makeDates, pageLocale } from "./dates.js";
import { find, icon, make, paintAvatar, setText, setTyped } from "./dom.js";
import { filesWords, kindOfFiles } from "./file_words.js";
import { Finder } from "./finder.js";
import { fold } from "./folding.js";
import { t, tn } from "./i18n.js";
import { search } from "./search_api.js";
import { excerptOf, noteOf } from "./search_words.js";

/** @typedef {import("./search_api.js").Found} Found */

// One letter is in every message; a character of Chinese is a word.
const isEnough = (/** @type {string} */ text) => text.length > 1 || /[^\0-\x7f]/.test(text);
/** @param {Found} found */
const keyOf = ({ chatId, seq }) => `${chatId} ${seq}`;
const UNASKED = 5;
const KEYS = ["ArrowDown", "ArrowUp", "Home", "End"];

/**
 * What files there are with the text that was found: a sign to see, and words to hear.
 * @param {Found["files"]} files
 */
const signOf = (files) => {
  if (!files.length) return [];
  const words = make("span", { class: "visually-hidden" }, `${filesWords(files)}: `);
  return [make("span", { class: "chat__kind" }, icon(kindOfFiles(files))), words];
};

export class SearchResults {
  #told = "";
  /** @type {{ query: import("./search_api.js").Query | null, times: number }} how often more was asked for, unasked */
  #filled = { query: null, times: 0 };
  #parts;
  #finder;
  #dates = makeDates(pageLocale(), true);
  #pane = find(".chats");
  #filter = find("#filter", document, HTMLInputElement);
  #list = make("ul", { class: "finds__list" });
  #words = make("span");
  #act = make("button", { class: "link", type: "button", click: () => this.#finder.goOn() });
  #note = make("p", { class: "finds__note" }, this.#words, this.#act);
  #region;

  /**
   * `open(found, text)` shows a message that was chosen.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./clock.js").Clock} parts.clock
   * @param {(found: Found, text: string) => void} parts.open
   * @param {(words: string) => void} parts.say
   */
  constructor(parts) {
    this.#parts = parts;
    this.#finder = new Finder({ ask: search, clock: parts.clock, changed: () => this.#show() });
    const title = make("h2", {}, t("Messages"));
    const attributes = { class: "finds", "aria-label": t("Messages found"), hidden: true };
    this.#region = make("section", attributes, title, this.#list, this.#note);
    find("#list-note").after(this.#region);
    this.#list.addEventListener("click", (event) => this.#onClick(event));
    this.#pane.addEventListener("keydown", (event) => this.#onKey(event), { capture: true });
    new IntersectionObserver(([{ isIntersecting }]) => {
      if (isIntersecting && this.#pane.scrollTop && this.#finder.state === "done") this.#finder.goOn();
    }).observe(this.#note);
  }

  /** Search for what is in the field of the list now. */
  update() {
    const text = this.#filter.value.trim();
    this.#finder.set(isEnough(text) ? text : "");
  }

  /** @type {Finder["drop"]} */
  drop(isGone) {
    this.#finder.drop(isGone);
  }

  #show() {
    const { state, query, found } = this.#finder;
    this.#region.hidden = state === "idle";
    this.#pane.classList.toggle("chats--searching", state !== "idle");
    this.#showFound(found, fold(query.q));
    const { words, act } = noteOf(this.#finder, () => "");
    setText(this.#words, state === "busy" ? t("Searching…") : words);
    setText(this.#act, act);
    this.#act.hidden = !act || state === "busy";
    this.#note.hidden = !this.#words.textContent && this.#act.hidden;
    this.#tell(words);
    this.#fill();
  }

  /** A busy server answers with a few finds: go on while they do not fill the list, which nobody can scroll then. */
  #fill() {
    const { state, query, found, more } = this.#finder;
    if (this.#filled.query !== query) this.#filled = { query, times: 0 };
    const isShort = this.#pane.scrollHeight <= this.#pane.clientHeight;
    if (state !== "done" || !more || !found.length || !isShort || this.#filled.times >= UNASKED) return;
    this.#filled.times += 1;
    this.#finder.goOn();
  }

  /**
   * What is found goes on where it ended; another search begins anew.
   * @param {Found[]} found
   * @param {string} needle
   */
  #showFound(found, needle) {
    if (this.#list.dataset.needle !== needle) this.#list.replaceChildren();
    this.#list.dataset.needle = needle;
    this.#removeOthers(new Set(found.map(keyOf)));
    this.#list.append(...found.slice(this.#list.children.length).map((one) => this.#makeRow(one, needle)));
    const first = this.#rows()[0];
    if (first && !this.#list.querySelector('[tabindex="0"]')) first.tabIndex = 0;
  }

  /**
   * Take the rows away of which none is `left`; the focus goes to the one that stands there then.
   * @param {Set<string>} left
   */
  #removeOthers(left) {
    for (const [index, row] of this.#rows().entries()) {
      const { chat, seq } = row.dataset;
      if (left.has(`${chat} ${seq}`)) continue;
      const hadFocus = row === document.activeElement;
      row.parentElement?.remove();
      const rows = this.#rows();
      if (hadFocus) (rows[Math.min(index, rows.length - 1)] ?? this.#filter).focus();
    }
  }

  /**
   * @param {Found} found
   * @param {string} needle
   */
  #makeRow(found, needle) {
    const { chatId, seq, from, at } = found;
    const chat = this.#parts.store.chats.get(chatId);
    const isMine = from === this.#parts.store.myId;
    const username = chat?.other.username ?? (isMine ? "" : found.name) ?? t("Deleted account");
    const avatar = make("span", { class: "avatar", "aria-hidden": "true" });
    if (username) paintAvatar(avatar, { username, deleted: chat?.other.deleted ?? found.name === null });
    const name = make("bdi", { class: "find__name", title: username });
    setTyped(name, username);
    const { before, find: middle, after } = excerptOf(textOf(found), needle);
    const text = make("bdi", { dir: "auto" }, before, make("mark", {}, middle), after);
    const writer = isMine && !found.problem ? [`${t("You:")} `] : [];
    const line = make("span", { class: "find__text" }, ...writer, ...signOf(found.files), text);
    const time = make("time", { datetime: new Date(at).toISOString() }, this.#dates.brief(at));
    const attributes = { class: "find", href: `#${chatId}`, "data-chat": chatId, "data-seq": seq, tabindex: -1 };
    return make("li", {}, make("a", attributes, avatar, make("span", { class: "find__lines" }, name, time, line)));
  }

  #rows() {
    return [...this.#list.querySelectorAll("a")];
  }

  /**
   * @param {string} words
   */
  #tell(words) {
    const { state, found, query } = this.#finder;
    if (state === "idle" || state === "busy") return;
    const chats = find("#list").querySelectorAll("a").length;
    const counts = [
      tn("%(num)d chat", "%(num)d chats", chats),
      tn("%(num)d message", "%(num)d messages", found.length),
    ].join(", ");
    const told = state === "failed" ? words : t("Found: %(counts)s", { counts });
    if (this.#told === `${query.q} ${told}`) return;
    this.#told = `${query.q} ${told}`;
    this.#parts.say(told);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const row = /** @type {Element} */ (event.target).closest("a");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { chat, seq } = row.dataset;
    const found = this.#finder.found.find((one) => one.chatId === Number(chat) && one.seq === Number(seq));
    if (found) this.#parts.open(found, this.#finder.query.q);
  }

  /**
   * Arrow keys lead from the field and the last chat to the finds, and back.
   * @param {KeyboardEvent} event
   */
  #onKey(event) {
    const rows = this.#rows();
    if (!rows.length || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    const chats = [...find("#list").querySelectorAll("a")];
    const index = rows.indexOf(/** @type {HTMLAnchorElement} */ (focused));
    const isLast = focused === (chats.at(-1) ?? this.#filter);
    if (index >= 0) this.#onFindKey(event, rows, index, chats.at(-1) ?? this.#filter);
    else if (isLast && event.key === "ArrowDown") this.#focus(event, rows[0]);
    else if (focused === this.#filter && !chats.length && event.key === "Enter") {
      event.preventDefault();
      rows[0].click();
    }
  }

  /**
   * @param {KeyboardEvent} event
   * @param {HTMLElement[]} rows
   * @param {number} index
   * @param {HTMLElement} above
   */
  #onFindKey(event, rows, index, above) {
    if (event.key === "Escape") return this.#focus(event, this.#filter);
    const to = [index + 1, index - 1, 0, rows.length - 1][KEYS.indexOf(event.key)];
    if (to !== undefined) this.#focus(event, to < 0 ? above : rows[Math.min(to, rows.length - 1)]);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {HTMLElement} to
   */
  #focus(event, to) {
    event.preventDefault();
    event.stopPropagation();
    to.focus();
    if (!this.#list.contains(to)) return;
    for (const row of this.#rows()) row.tabIndex = row === to ? 0 : -1;
  }
}
