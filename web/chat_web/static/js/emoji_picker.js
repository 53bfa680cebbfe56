// Choosing an emoji: a component that others keep (see static/vendor), in a dialog of this page. It and its data are
// loaded when somebody opens it first.
import { icon, make } from "./dom.js";
import { t } from "./i18n.js";
import { isTouch } from "./media.js";

/**
 * @typedef {HTMLElement & { shadowRoot: ShadowRoot, database: { close: () => Promise<void> } }} Picker
 * @typedef {object} Wish
 * @property {Element} anchor what it stands beside
 * @property {string} [title] what it is for, where that is not to write
 * @property {(emoji: string) => void} choose
 * @property {boolean} [stays] whether more than one may be chosen
 * @property {() => void} [closed]
 */

const VENDOR = new URL("../vendor/", import.meta.url).href;

/**
 * The page's content policy forbids style in markup and allows it through the CSSOM: what the component writes the one
 * way is written the other. Its sheet is taken out before the component is in the page.
 * @param {Picker} picker
 */
function obeyContentPolicy(picker) {
  const style = picker.shadowRoot.querySelector("style");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style?.textContent ?? "");
  sheet.insertRule(".favorites { border-top: 1px solid var(--border-color); }", sheet.cssRules.length);
  style?.remove();
  picker.shadowRoot.adoptedStyleSheets = [sheet];
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style" && this instanceof HTMLElement) this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
}

/** @returns {Promise<Picker>} */
async function loadPicker() {
  const language = document.documentElement.lang;
  const [{ default: Component }, { default: words }] = await Promise.all([
    import(`${VENDOR}emoji-picker-element/picker.js`),
    import(`${VENDOR}emoji-picker-element/i18n/${language}.js`),
  ]);
  const dataSource = `${VENDOR}emoji-picker-element-data/${language}.json`;
  const picker = new Component({ i18n: words, locale: language, dataSource });
  obeyContentPolicy(picker);
  return picker;
}

export class EmojiPicker {
  /** @type {Wish | null} */
  #wish = null;
  #picker;
  #place;
  #title = make("h2");
  #chosen = make("div", { class: "visually-hidden", role: "status" });
  #dialog;

  /**
   * @param {Picker} picker
   * @param {(dialog: HTMLElement, anchor: Element) => void} place
   */
  constructor(picker, place) {
    this.#picker = picker;
    this.#place = place;
    const close = make(
      "button",
      { class: "icon-button", type: "button", "aria-label": t("Close"), click: () => this.#dialog.close() },
      icon("close"),
    );
    const top = make("div", { class: "emoji-sheet__top" }, this.#title, close);
    this.#dialog = make("dialog", { class: "emoji-sheet", tabindex: -1 }, top, picker, this.#chosen);
    document.body.append(this.#dialog);
    this.#listen();
  }

  #listen() {
    this.#picker.addEventListener("emoji-click", (event) => {
      this.#choose(/** @type {CustomEvent<{ unicode?: string }>} */ (event).detail.unicode);
    });
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("close", () => this.#wish?.closed?.());
  }

  /** @param {string | undefined} emoji */
  #choose(emoji) {
    if (!emoji) return;
    this.#wish?.choose(emoji);
    if (!this.#wish?.stays) this.#dialog.close();
    else this.#chosen.textContent = t("%(emoji)s added", { emoji });
  }

  /** @param {Wish} wish */
  show(wish) {
    if (this.#dialog.open) return;
    this.#wish = wish;
    this.#chosen.textContent = "";
    this.#title.textContent = wish.title ?? t("Emoji");
    this.#dialog.setAttribute("aria-label", this.#title.textContent);
    this.#dialog.showModal();
    this.#place(this.#dialog, wish.anchor);
    // With a finger the search would bring up the keyboard, which covers half of the emoji.
    const field = this.#picker.shadowRoot.querySelector("input");
    if (isTouch() || !field) this.#dialog.focus();
    else field.focus();
  }
}

/**
 * Load the component and put it into a dialog. `place(dialog, anchor)` says where that stands.
 * @param {(dialog: HTMLElement, anchor: Element) => void} place
 */
export const makeEmojiPicker = async (place) => new EmojiPicker(await loadPicker(), place);
