// How one gets at a message: right click, long press, a button beside it, the keyboard; a swipe answers it.

import { find, icon, make, setText } from "./dom.js";
import { t } from "./i18n.js";
import { actionsFor } from "./message_actions.js";

/**
 * @typedef {import("./message_items.js").Item} Item
 * @typedef {import("./message_actions.js").MessageAction} MessageAction
 */

const LONG_PRESS = 450;
const GAP = 4;
const ROOM = 120; // pixels, for the button and a time
const SLOP = 10; // pixels that a finger moves while it rests
const SWIPE = 56;
const LONGEST_SWIPE = 80;
/** @type {Record<string, number>} */
const STEPS = { ArrowUp: -1, ArrowDown: 1 };
/** @type {Record<string, MessageAction>} */
const KEYS = { r: "reply", e: "edit", c: "copy", s: "select", Delete: "delete" };

/** The finger that has opened the menu must not choose what has come up under it. */
export function swallowTouchEnd() {
  const done = new AbortController();
  /** @param {Event} event */
  const swallow = (event) => {
    event.preventDefault();
    done.abort();
  };
  for (const name of ["touchend", "touchcancel"]) {
    addEventListener(name, swallow, { capture: true, passive: false, signal: done.signal });
  }
}

export class MessageTools {
  #list = find(".messages");
  #scroller = find(".scroller");
  #time = make("time", { "aria-hidden": "true" });
  #button = make("button", {
    class: "message__more",
    type: "button",
    tabindex: -1,
    "aria-label": t("Message options"),
  });
  #tools = make("div", { class: "message__tools" });
  /** @type {{ node: HTMLElement, x: number, y: number, by: number, timer: ReturnType<typeof setTimeout> } | null} */
  #press = null;
  #messages;
  #show;
  #run;

  /**
   * `show(item, node)` opens the menu of a message; `run(action, item)` does something with it at once.
   * @param {object} parts
   * @param {import("./messages.js").MessagesView} parts.messages
   * @param {(item: Item, node: HTMLElement) => void} parts.show
   * @param {(action: MessageAction, item: Item) => void} parts.run
   */
  constructor({ messages, show, run }) {
    this.#messages = messages;
    this.#show = show;
    this.#run = run;
    this.#button.append(icon("more"));
    this.#tools.append(this.#button, this.#time);
    this.#button.addEventListener("click", () => this.#open(this.#nodeOf(this.#button)));
    this.#list.addEventListener("contextmenu", (event) => this.#onContextMenu(event));
    this.#list.addEventListener("pointerover", (event) => this.#onHover(event));
    this.#list.addEventListener("pointerdown", (event) => this.#onDown(event));
    this.#list.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.#list.addEventListener(name, () => this.#onUp(name === "pointerup"));
    }
    this.#scroller.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {EventTarget | null} target */
  #nodeOf(target) {
    return target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(".message")) : null;
  }

  /** @param {HTMLElement} node */
  #actionsOf(node) {
    const { chat } = this.#messages;
    const item = this.#messages.itemOf(node);
    return { item, actions: chat && item ? actionsFor(chat, item.message) : new Set() };
  }

  /** @param {HTMLElement | null} node */
  #open(node) {
    if (!node) return false;
    const { item, actions } = this.#actionsOf(node);
    if (!item || !actions.size) return false;
    this.#show(item, node);
    return true;
  }

  /** @param {MouseEvent} event */
  #onContextMenu(event) {
    // A link, and a text that is selected, have a menu of the browser's own.
    const isLink = event.target instanceof Element && event.target.closest("a[href]");
    if (isLink || !document.getSelection()?.isCollapsed) return;
    this.#forget();
    if (this.#open(this.#nodeOf(event.target))) event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #onHover({ target, pointerType }) {
    const node = this.#nodeOf(target);
    if (pointerType !== "mouse" || !node || node.contains(this.#button) || !this.#actionsOf(node).actions.size) return;
    const { item } = this.#actionsOf(node);
    if (item) setText(this.#time, this.#messages.exactTime(item));
    this.#place(node);
    node.append(this.#tools);
  }

  /**
   * Beside the bubble; the time where there is room for it.
   * @param {HTMLElement} node
   */
  #place(node) {
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = find(".bubble", node);
    const room = node.clientWidth - offsetLeft - offsetWidth;
    const isOnEnd = offsetLeft > room;
    const { style } = this.#tools;
    style.left = isOnEnd ? "" : `${offsetLeft + offsetWidth + GAP}px`;
    style.right = isOnEnd ? `${node.clientWidth - offsetLeft + GAP}px` : "";
    style.top = `${offsetTop + offsetHeight / 2 - 18}px`;
    this.#time.hidden = Math.max(offsetLeft, room) < ROOM;
  }

  /** @param {PointerEvent} event */
  #onDown({ target, pointerType, isPrimary, clientX: x, clientY: y }) {
    this.#forget();
    const node = this.#nodeOf(target);
    if (pointerType !== "touch" || !isPrimary || !node) return;
    const timer = setTimeout(() => {
      this.#forget();
      if (this.#open(node)) swallowTouchEnd();
    }, LONG_PRESS);
    this.#press = { node, x, y, by: 0, timer };
  }

  /** @param {PointerEvent} event */
  #onMove({ clientX, clientY }) {
    const press = this.#press;
    if (!press) return;
    const by = clientX - press.x;
    if (Math.abs(by) < SLOP && Math.abs(clientY - press.y) < SLOP && !press.by) return;
    clearTimeout(press.timer);
    if (!press.by && (by < SLOP || !this.#actionsOf(press.node).actions.has("reply"))) {
      this.#forget();
      return;
    }
    press.by = Math.max(1, Math.min(by, LONGEST_SWIPE));
    press.node.style.transform = `translateX(${press.by}px)`;
  }

  /** @param {boolean} isDone */
  #onUp(isDone) {
    const press = this.#press;
    this.#forget();
    const item = press && isDone && press.by > SWIPE ? this.#messages.itemOf(press.node) : null;
    if (item) this.#run("reply", item);
  }

  #forget() {
    clearTimeout(this.#press?.timer);
    if (this.#press) this.#press.node.style.transform = "";
    this.#press = null;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { target, key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (ctrlKey || metaKey || altKey || shiftKey || !(target instanceof HTMLElement)) return;
    const node = target.matches(".message") ? target : null;
    if (!node && target !== this.#scroller) return;
    const by = STEPS[key];
    if (by) this.#step(node, by);
    if (by || (node && this.#do(node, key))) event.preventDefault();
  }

  /**
   * Do what a key means on a message; says whether it means something.
   * @param {HTMLElement} node
   * @param {string} key
   */
  #do(node, key) {
    if (key === "Enter") return this.#open(node);
    const { item, actions } = this.#actionsOf(node);
    if (!item || !actions.has(KEYS[key])) return false;
    this.#run(KEYS[key], item);
    return true;
  }

  /**
   * Go to the message before or behind one; into the list, to the last one in view.
   * @param {HTMLElement | null} node
   * @param {number} by
   */
  #step(node, by) {
    const all = /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll(".message")]);
    const bottom = this.#scroller.getBoundingClientRect().bottom;
    const next = node
      ? all[all.indexOf(node) + by]
      : all.findLast((one) => one.getBoundingClientRect().top < bottom - 20);
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  }
}
