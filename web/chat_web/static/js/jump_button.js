// Leads down to the newest message, and says how many are unread.
import { find, setText } from "./dom.js";
import { shortCount } from "./i18n.js";

export class JumpButton {
  #button = find("#jump");
  #badge = find(".badge", this.#button);

  /** @param {() => void} click */
  constructor(click) {
    this.#button.addEventListener("click", click);
  }

  /**
   * @param {boolean} isWanted
   * @param {number} unread
   */
  render(isWanted, unread) {
    this.#button.hidden = !isWanted;
    this.#badge.hidden = !unread;
    setText(this.#badge, shortCount(unread));
  }
}
