// One picture or film of a chat, as large as the window; from it one goes to those before and behind it.
import { makeDates, pageLocale } from "./dates.js";
import { icon, make, setText } from "./dom.js";
import { makeDownload } from "./file_row.js";
import { filesWords } from "./file_words.js";
import { t } from "./i18n.js";
import { mediaOf } from "./media_pages.js";
import { authorOf } from "./message_parts.js";
import { missingWords } from "./missing_file.js";
import { addressOf, kindOfFile } from "./shared_files.js";
import { STEP, ZoomGestures } from "./zoom_gestures.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./media_pages.js").ChatFile} ChatFile
 * @typedef {import("./media_pages.js").MediaPages} MediaPages
 * @typedef {{ chat: Chat, pages: MediaPages, id: number }} Shown
 */

const PAN = 0.2; // of the stage

/**
 * @param {string} label
 * @param {string} name
 * @param {() => void} click
 * @param {string} [kind]
 */
const makeButton = (label, name, click, kind = "") =>
  make(
    "button",
    { class: `icon-button ${kind}`, type: "button", "aria-label": label, title: label, click },
    icon(name),
  );

export class Lightbox {
  #dates = makeDates(pageLocale(), true);
  #who = make("b");
  #when = make("small");
  #links = make("span", { class: "lightbox__links" });
  #before = makeButton(t("Previous"), "back", () => this.#go(-1), "lightbox__go lightbox__go--before");
  #behind = makeButton(t("Next"), "on", () => this.#go(1), "lightbox__go lightbox__go--behind");
  #view = make("div", { class: "lightbox__view" });
  #stage = make("div", { class: "lightbox__stage" }, this.#view, this.#before, this.#behind);
  #dialog = make("dialog", { class: "lightbox", id: "lightbox" });
  #gestures = new ZoomGestures(this.#stage, (by) => this.#go(this.#isRtl ? -by : by));
  /** @type {Shown | null} */
  #shown = null;
  #jump;
  #then = () => {};

  /** @param {(chatId: number, seq: number) => void} jump shows a message in its chat */
  constructor(jump) {
    this.#jump = jump;
    const who = make("p", { class: "lightbox__who" }, make("bdi", {}, this.#who), this.#when);
    const tools = [
      makeButton(t("Show in the chat"), "talk", () => this.#showInChat()),
      this.#links,
      makeButton(t("Close"), "close", () => this.#dialog.close()),
    ];
    this.#dialog.append(make("header", { class: "lightbox__top" }, who, ...tools), this.#stage);
    document.body.append(this.#dialog);
    this.#dialog.addEventListener("keydown", (event) => this.#onKey(event));
    this.#dialog.addEventListener("close", () => this.#onClose());
    addEventListener("popstate", () => this.#dialog.open && !history.state?.lightbox && this.#dialog.close());
  }

  /**
   * @param {Chat} chat
   * @param {number} id
   * @param {MediaPages} [pages]
   */
  show(chat, id, pages = mediaOf(chat)) {
    this.#shown = { chat, id, pages };
    if (!this.#current) return;
    // Back closes it, and leads nowhere else.
    history.pushState({ ...history.state, lightbox: true }, "");
    this.#dialog.showModal();
    this.#show();
  }

  get #isRtl() {
    return document.documentElement.dir === "rtl";
  }

  get #current() {
    return this.#shown?.pages.files.find(({ file }) => file.id === this.#shown?.id);
  }

  /** @param {number} by */
  #at(by) {
    const all = this.#shown?.pages.inOrder ?? [];
    const at = all.findIndex(({ file }) => file.id === this.#shown?.id);
    return at < 0 ? undefined : all[at + by];
  }

  /** @param {number} by */
  async #go(by) {
    const shown = this.#shown;
    if (by < 0 && !this.#at(by)) await shown?.pages.next();
    const next = this.#at(by);
    if (!shown || shown !== this.#shown || !next) return;
    shown.id = next.file.id;
    this.#show();
  }

  #show() {
    const current = this.#current;
    if (!current || !this.#shown) return;
    const { file, from, at } = current;
    const kind = filesWords([file]);
    const who = authorOf(this.#shown.chat, from);
    this.#dialog.setAttribute("aria-label", `${kind}, ${who}, ${this.#dates.full(at)}`);
    setText(this.#who, who);
    setText(this.#when, this.#dates.full(at));
    const link = makeDownload(file);
    this.#links.replaceChildren(link);
    this.#view.replaceChildren(kindOfFile(file) === "film" ? this.#makeFilm(current) : this.#makeImage(current));
    this.#gestures.reset();
    this.#showWays();
    if (!this.#at(-1)) this.#shown.pages.next().then(() => this.#showWays());
  }

  /** Which ways there are from here; the focus stays inside. */
  #showWays() {
    this.#before.hidden = !this.#at(-1) && !this.#shown?.pages.more;
    this.#behind.hidden = !this.#at(1);
    if (!this.#dialog.contains(document.activeElement)) this.#dialog.focus();
  }

  /** @param {ChatFile} current */
  #makeImage({ file }) {
    const load = () => image.style.removeProperty("background-image");
    const attributes = { src: addressOf(file.id), alt: filesWords([file]), draggable: "false", decoding: "async" };
    const image = make("img", { ...attributes, load, error: () => this.#fail(file.id) });
    if (file.thumbnail) image.style.backgroundImage = `url("${addressOf(file.thumbnail)}")`;
    return image;
  }

  /** @param {ChatFile} current */
  #makeFilm({ file }) {
    const poster = file.thumbnail ? addressOf(file.thumbnail) : null;
    const attributes = { src: addressOf(file.id), poster, controls: true, preload: "none", playsinline: true };
    return make("video", { ...attributes, "aria-label": filesWords([file]), error: () => this.#fail(file.id) });
  }

  /** @param {number} id */
  async #fail(id) {
    const { words } = await missingWords({ id });
    if (this.#shown?.id === id) this.#view.replaceChildren(make("p", { role: "status" }, words));
  }

  #showInChat() {
    const current = this.#current;
    const chat = this.#shown?.chat;
    if (chat && current) this.#then = () => this.#jump(chat.id, current.seq);
    this.#dialog.close();
  }

  #onClose() {
    this.#shown = null;
    this.#view.replaceChildren();
    const then = this.#then;
    this.#then = () => {};
    if (!history.state?.lightbox) return then();
    // The step back is over before anything else is shown.
    addEventListener("popstate", then, { once: true });
    history.back();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLVideoElement) return;
    const { key } = event;
    const side = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const height = { ArrowUp: 1, ArrowDown: -1 }[key];
    if (this.#gestures.isZoomed && (side || height)) this.#gestures.move(-(side ?? 0) * PAN, (height ?? 0) * PAN);
    else if (side) this.#go(this.#isRtl ? -side : side);
    else if (key === "+" || key === "=") this.#gestures.by(STEP);
    else if (key === "-") this.#gestures.by(1 / STEP);
    else if (key === "0") this.#gestures.reset();
    else return;
    event.preventDefault();
  }
}
