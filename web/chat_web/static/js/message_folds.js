// A long message shows its beginning, and the rest when somebody asks for it.
import { make, setText } from "./dom.js";
import { t } from "./i18n.js";

const LINE = 22; // pixels, as the style sheet has it
const LONGEST = 12 * LINE + LINE / 2;
// What is shorter has no thirteen lines, however narrow the screen is.
const SHORT = 100;

/**
 * Whether a text may need more lines than are shown at once: only such are measured.
 * @param {string} text
 */
export const mayBeLong = (text) => text.length > SHORT || text.split("\n", 14).length > 12;

export class MessageFolds {
  /** @type {Set<string>} the keys of the messages that somebody has opened */
  #open = new Set();
  #list;
  #scroller;
  #changed;

  /**
   * `changed()` runs when somebody has opened or closed a message.
   * @param {HTMLElement} scroller
   * @param {HTMLElement} list
   * @param {() => void} changed
   */
  constructor(scroller, list, changed) {
    this.#scroller = scroller;
    this.#list = list;
    this.#changed = changed;
    list.addEventListener("click", ({ target }) => {
      if (target instanceof HTMLElement && target.matches(".more")) this.#toggle(target);
    });
    // What has the focus, or was found by the browser, is in the hidden part.
    list.addEventListener("scroll", ({ target }) => this.#unhide(target), { capture: true });
  }

  /** Another chat is open. */
  clear() {
    this.#open.clear();
  }

  /** Fold what is long, and say so; what somebody has opened stays open. */
  show() {
    const texts = /** @type {NodeListOf<HTMLElement>} */ (this.#list.querySelectorAll("[data-long] > .bubble__text"));
    const heights = [...texts].map((text) => text.scrollHeight);
    for (const [index, text] of texts.entries()) this.#fold(text, heights[index] > LONGEST);
  }

  /**
   * Open a message.
   * @param {HTMLElement} node
   */
  expand(node) {
    this.#open.add(node.dataset.key ?? "");
    this.show();
  }

  /**
   * @param {HTMLElement} text
   * @param {boolean} isLong
   */
  #fold(text, isLong) {
    const bubble = /** @type {HTMLElement} */ (text.parentElement);
    const old = bubble.querySelector(":scope > .more");
    const isOpen = this.#open.has(/** @type {HTMLElement} */ (bubble.parentElement).dataset.key ?? "");
    bubble.classList.toggle("bubble--folded", isLong && !isOpen);
    if (!isLong) return void old?.remove();
    const button = old ?? make("button", { class: "more", type: "button" });
    if (!old) bubble.append(button);
    button.setAttribute("aria-expanded", String(isOpen));
    setText(button, isOpen ? t("Show less") : t("Read more"));
  }

  /**
   * Open or close a message. Closed from its end, it leaves the button where it is.
   * @param {HTMLElement} button
   */
  #toggle(button) {
    const node = /** @type {HTMLElement} */ (button.closest(".message"));
    const key = node.dataset.key ?? "";
    const before = button.getBoundingClientRect().top;
    const beginsAbove = node.offsetTop < this.#scroller.scrollTop;
    if (!this.#open.delete(key)) this.#open.add(key);
    this.show();
    if (beginsAbove) this.#scroller.scrollTop += button.getBoundingClientRect().top - before;
    this.#changed();
  }

  /** @param {EventTarget | null} text */
  #unhide(text) {
    const node = text instanceof HTMLElement && text.matches(".bubble__text") ? text.closest(".message") : null;
    if (!(text instanceof HTMLElement) || !(node instanceof HTMLElement)) return;
    this.expand(node);
    text.scrollTop = 0;
    this.#changed();
  }
}
