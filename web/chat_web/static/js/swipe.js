// Swipes on the rows of the list: Mute and Archive stand at one end, Pin at the other. The row shrinks, so that its name
// stays in sight; up and down the list scrolls as ever.
import { isArchived, isMuted } from "./chat_settings.js";
import { icon, make } from "./dom.js";
import { t } from "./i18n.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {"pin" | "mute" | "archive"} SwipeAction
 * @typedef {object} Parts
 * @property {(row: HTMLElement) => Chat | null} chatOf
 * @property {(action: SwipeAction, chat: Chat, row: HTMLElement) => void} run
 */

const SLOP = 10;
const EDGE = 24; // from there the browser's own gesture goes back
const BUTTON = 80;

/** @param {Chat} chat */
const wordsOf = (chat) => ({
  pin: chat.pinnedAt ? t("Unpin") : t("Pin"),
  mute: isMuted(chat) ? t("Unmute") : t("Mute"),
  archive: isArchived(chat) ? t("Unarchive") : t("Archive"),
});

/** One row that is swiped. `by` is how far it is open: beyond 0 at its beginning, below at its end. */
class Swiped {
  by = 0;
  #start = make("div", { class: "swipe swipe--start" });
  #end = make("div", { class: "swipe swipe--end" });

  /**
   * @param {HTMLElement} row
   * @param {Chat} chat
   * @param {(action: SwipeAction) => void} run
   */
  constructor(row, chat, run) {
    this.row = row;
    this.item = /** @type {HTMLElement} */ (row.parentElement);
    const words = wordsOf(chat);
    /** @param {SwipeAction} action */
    const button = (action) =>
      make("button", { type: "button", "data-swipe": action, click: () => run(action) }, icon(action), words[action]);
    this.#start.append(button("pin"));
    this.#end.append(button("mute"), button("archive"));
    this.item.classList.add("swiped");
    this.item.append(this.#start, this.#end);
  }

  /** @param {number} by */
  move(by) {
    this.by = Math.max(-2 * BUTTON, Math.min(by, BUTTON));
    this.item.style.setProperty("--at-start", `${Math.max(0, this.by)}px`);
    this.item.style.setProperty("--at-end", `${Math.max(0, -this.by)}px`);
  }

  /** Let it come to rest; says whether it stays open. */
  settle() {
    const start = this.by > BUTTON / 2 ? BUTTON : 0;
    this.move(this.by < -BUTTON ? -2 * BUTTON : start);
    return this.by !== 0;
  }

  close() {
    this.move(0);
    this.#start.remove();
    this.#end.remove();
    this.item.classList.remove("swiped");
  }
}

class Swipes {
  /** @type {Swiped | null} */
  #open = null;
  /** @type {{ row: HTMLElement, x: number, y: number, from: number, isMoving: boolean } | null} */
  #press = null;
  #list;
  #parts;

  /**
   * @param {HTMLElement} list
   * @param {Parts} parts
   */
  constructor(list, parts) {
    this.#list = list;
    this.#parts = parts;
    list.addEventListener("pointerdown", (event) => this.#onDown(event));
    list.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const name of ["pointerup", "pointercancel"]) list.addEventListener(name, () => this.#onUp());
    list.addEventListener("scroll", () => this.#close());
    document.addEventListener("click", (event) => this.#onClick(event), { capture: true });
  }

  #close() {
    this.#open?.close();
    this.#open = null;
  }

  /** @param {PointerEvent} event */
  #onDown({ target, pointerType, isPrimary, clientX: x, clientY: y }) {
    this.#press = null;
    const row = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("a.chat")) : null;
    if (pointerType !== "touch" || !isPrimary || !row || x < EDGE || x > innerWidth - EDGE) return;
    const from = this.#open?.row === row ? this.#open.by : 0;
    this.#press = { row, x, y, from, isMoving: false };
  }

  /** @param {PointerEvent} event */
  #onMove({ clientX, clientY, pointerId }) {
    const press = this.#press;
    if (!press) return;
    const [across, along] = [clientX - press.x, clientY - press.y];
    if (!press.isMoving) {
      if (Math.hypot(across, along) < SLOP) return;
      if (Math.abs(across) < 1.5 * Math.abs(along) || !this.#begin(press.row)) {
        this.#press = null;
        return;
      }
      press.isMoving = true;
      press.row.setPointerCapture(pointerId);
    }
    const isRightToLeft = getComputedStyle(this.#list).direction === "rtl";
    this.#open?.move(press.from + (isRightToLeft ? -across : across));
  }

  /** @param {HTMLElement} row */
  #begin(row) {
    if (this.#open?.row === row) return true;
    this.#close();
    const chat = this.#parts.chatOf(row);
    if (!chat) return false;
    this.#open = new Swiped(row, chat, (action) => {
      this.#close();
      this.#parts.run(action, chat, row);
    });
    return true;
  }

  #onUp() {
    const isMoving = this.#press?.isMoving;
    this.#press = null;
    if (isMoving && !this.#open?.settle()) this.#close();
  }

  /**
   * A tap beside the buttons only closes what is open.
   * @param {MouseEvent} event
   */
  #onClick(event) {
    if (!this.#open || (event.target instanceof Element && event.target.closest(".swipe"))) return;
    event.preventDefault();
    event.stopPropagation();
    this.#close();
  }
}

/**
 * @param {HTMLElement} list
 * @param {Parts} parts
 */
export function addSwipes(list, parts) {
  new Swipes(list, parts);
}
