// The way into the archive and out of it: the first row of the list, where there is an archive.
import { icon, make, setText } from "./dom.js";
import { t, tn } from "./i18n.js";

export class ArchiveRow {
  #seen = "";
  #hint = make("span", { class: "visually-hidden" });
  #count = make("span", { class: "archive__count", "aria-hidden": "true" });
  #start = make("span", { class: "archive__icon" });
  #end = make("span", { class: "archive__icon" });

  /** @param {() => void} toggle */
  constructor(toggle) {
    const name = make("span", { class: "archive__name" }, t("Archived"), this.#hint);
    const attributes = { class: "archive", type: "button", "data-row": true, tabindex: -1, click: toggle };
    this.button = make("button", attributes, this.#start, name, this.#count, this.#end);
    this.item = make("li", {}, this.button);
  }

  /**
   * @param {number} count how many chats lie in the archive
   * @param {boolean} isInside whether the list shows the archive
   */
  show(count, isInside) {
    const seen = `${count} ${isInside}`;
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.item.classList.toggle("archive--inside", isInside);
    this.#start.replaceChildren(icon(isInside ? "back" : "archive"));
    this.#end.replaceChildren(...(isInside ? [] : [icon("on")]));
    setText(this.#count, isInside ? "" : String(count));
    const hint = isInside ? t("back to all chats") : tn("%(num)d chat", "%(num)d chats", count);
    // What is hidden is a block of its own, with a space before it: a comma would stand alone.
    setText(this.#hint, `– ${hint}`);
  }
}
