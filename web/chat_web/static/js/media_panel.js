// All that was sent in a chat: its pictures and films, its files, its sounds; more as one scrolls.
import { makeDates, pageLocale } from "./dates.js";
import { find, icon, make, setText } from "./dom.js";
import { makeFileRow } from "./file_row.js";
import { saveFile } from "./file_tools.js";
import { isolate, t } from "./i18n.js";
import { MediaPages } from "./media_pages.js";
import { authorOf } from "./message_parts.js";
import { monthsOf } from "./months.js";
import { makeTile } from "./picture_tile.js";
import { makeSound } from "./sound_view.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./media_pages.js").ChatFile} ChatFile
 * @typedef {import("./media_pages.js").MediaKind} MediaKind
 */

/** @type {MediaKind[]} */
const KINDS = ["media", "file", "sound"];
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/** @param {MediaKind} kind */
const titleOf = (kind) => ({ media: t("Media"), file: t("Files"), sound: t("Sounds") })[kind];

/** @param {MediaKind} kind */
const nothingOf = (kind) =>
  ({
    media: t("No photos and no films yet."),
    file: t("No files yet."),
    sound: t("No voice messages and no other sounds yet."),
  })[kind];

export class MediaPanel {
  #dates = makeDates(pageLocale(), true);
  /** @type {Chat | null} */
  #chat = null;
  /** @type {MediaPages | null} */
  #pages = null;
  #kind = KINDS[0];
  #tabs = KINDS.map((kind) => this.#makeTab(kind));
  #list = make("div", { class: "panel__list" });
  #words = make("span", { role: "status" });
  #again = make("button", { class: "link", type: "button", hidden: true, click: () => this.#load() }, t("Try again"));
  #note = make("p", { class: "panel__note" }, this.#words, this.#again);
  #body = make(
    "div",
    { class: "panel__body", id: "media-list", role: "tabpanel", tabindex: 0 },
    this.#list,
    this.#note,
  );
  #dialog = make("dialog", { class: "panel", id: "media-panel" });
  #showPicture;

  /** @param {(chat: Chat, id: number, pages: MediaPages) => Promise<void>} showPicture */
  constructor(showPicture) {
    this.#showPicture = showPicture;
    const close = make("button", { class: "icon-button", type: "button", "aria-label": t("Close") }, icon("close"));
    const top = make("header", { class: "panel__top" }, make("h2", {}, t("Media and files")), close);
    const tabs = make("div", { class: "panel__tabs", role: "tablist", "aria-label": t("Kind") }, ...this.#tabs);
    this.#dialog.append(top, tabs, this.#body);
    document.body.append(this.#dialog);
    close.addEventListener("click", () => this.#dialog.close());
    tabs.addEventListener("keydown", (event) => this.#onKey(event));
    this.#dialog.addEventListener("click", (event) => this.#onClick(event));
    this.#dialog.addEventListener("close", () => this.#list.replaceChildren());
    new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && this.#goOn(), { root: this.#body }).observe(
      this.#note,
    );
  }

  /** @param {MediaKind} kind */
  #makeTab(kind) {
    const attributes = { type: "button", role: "tab", id: `media-${kind}`, "aria-controls": "media-list" };
    return make("button", { ...attributes, click: () => this.#choose(kind) }, titleOf(kind));
  }

  /** @param {Chat} chat */
  show(chat) {
    this.#chat = chat;
    this.#dialog.setAttribute("aria-label", t("Media and files of the chat with %(name)s", nameOf(chat)));
    this.#dialog.showModal();
    this.#choose(KINDS[0]);
    this.#tabs[0].focus();
  }

  /** @param {MediaKind} kind */
  #choose(kind) {
    if (!this.#chat) return;
    this.#kind = kind;
    this.#pages = new MediaPages({ chatId: this.#chat.id, kind });
    for (const [index, tab] of this.#tabs.entries()) {
      const isChosen = KINDS[index] === kind;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
    }
    this.#body.setAttribute("aria-labelledby", `media-${kind}`);
    this.#list.replaceChildren();
    this.#load();
  }

  #goOn() {
    if (this.#dialog.open && this.#pages?.files.length && this.#pages.state === "idle") this.#load();
  }

  async #load() {
    const pages = this.#pages;
    if (!pages?.more) return;
    const known = pages.files.length;
    const loading = pages.next();
    this.#showNote();
    await loading;
    if (pages !== this.#pages) return;
    this.#append(pages.files.slice(known));
    this.#showNote();
    // A short page leaves the end in view, and nothing to scroll.
    if (pages.state === "idle" && this.#body.scrollHeight <= this.#body.clientHeight) this.#load();
  }

  #showNote() {
    const { state, files, more } = /** @type {MediaPages} */ (this.#pages);
    let words = more || files.length ? "" : nothingOf(this.#kind);
    if (state === "busy") words = t("Loading…");
    if (state === "failed") words = t("The server cannot answer right now. Try again in a moment.");
    setText(this.#words, words);
    this.#again.hidden = state !== "failed";
  }

  /** @param {ChatFile[]} files */
  #append(files) {
    for (const { month, files: those } of monthsOf(files)) {
      const nodes = those.map((one) => this.#make(one));
      const open = /** @type {HTMLElement | null} */ (this.#list.lastElementChild);
      if (open?.dataset.month === month) find("div", open).append(...nodes);
      else this.#list.append(this.#makeMonth(month, those[0].at, nodes));
    }
  }

  /**
   * @param {string} month
   * @param {number} at
   * @param {Node[]} nodes
   */
  #makeMonth(month, at, nodes) {
    const kind = this.#kind === "media" ? "tiles" : "rows";
    const title = make("h3", {}, this.#dates.month(at));
    return make("section", { "data-month": month }, title, make("div", { class: `panel__${kind}` }, ...nodes));
  }

  /** @param {ChatFile} one */
  #make({ file, from, at }) {
    if (this.#kind === "media") return makeTile(file, {});
    const chat = /** @type {Chat} */ (this.#chat);
    const about = `${authorOf(chat, from)} · ${this.#dates.brief(at)}`;
    if (this.#kind === "file") return makeFileRow(file, about);
    return make("div", { class: "panel__sound" }, make("small", {}, about), makeSound(file));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const by = (STEPS[event.key] ?? 0) * (document.documentElement.dir === "rtl" ? -1 : 1);
    if (!by) return;
    event.preventDefault();
    const next = (KINDS.indexOf(this.#kind) + by + KINDS.length) % KINDS.length;
    this.#choose(KINDS[next]);
    this.#tabs[next].focus();
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const target = /** @type {Element} */ (event.target);
    if (target === this.#dialog) this.#dialog.close();
    const [tile, link] = ["data-file", "data-download"].map((name) => target.closest(`[${name}]`));
    if (tile instanceof HTMLElement && this.#chat && this.#pages) {
      this.#showPicture(this.#chat, Number(tile.dataset.file), this.#pages);
    } else if (link instanceof HTMLElement) {
      event.preventDefault();
      saveFile(Number(link.dataset.download), (words) => setText(this.#words, words));
    }
  }
}

/** @param {Chat} chat */
const nameOf = (chat) => ({ name: isolate(chat.other.username) });
