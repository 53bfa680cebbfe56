// The files that go with the next message, above its text: what they look like, in which order, and what is wrong.
import { find, icon, make, setText } from "./dom.js";
import { kindWord } from "./file_name.js";
import { t } from "./i18n.js";

/**
 * @typedef {import("./tray.js").TrayItem} TrayItem
 * @typedef {import("./tray.js").Tray} Tray
 */

const STEPS = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 });

/** @param {TrayItem} item */
const isPicture = ({ prepared }) => Boolean(prepared?.file.width);

export class TrayView {
  /** @type {Tray | null} */
  #tray = null;
  /** @type {Map<string, { node: HTMLElement, show: (index: number, count: number) => void, end: () => void }>} */
  #shown = new Map();
  #dragged = "";
  #say;
  #list = make("ol", { class: "tray__list" });
  #note = make("p", { class: "tray__note", role: "status" });
  #switch = make("input", { type: "checkbox", role: "switch", class: "switch" });
  #how = make(
    "label",
    { class: "tray__how" },
    make("span", {}, t("Full size, as files"), make("small", {}, t("Off: smaller, without place data"))),
    this.#switch,
  );
  #box = make("div", { class: "tray", role: "group", "aria-label": t("Files to send"), hidden: true });

  /**
   * `add(button)` lets somebody choose more.
   * @param {{ add: (button: HTMLElement) => void, say: (words: string) => void }} parts
   */
  constructor({ add, say }) {
    this.#say = say;
    const more = make("button", { class: "tray__add", type: "button", "aria-label": t("Add more") }, icon("plus"));
    more.addEventListener("click", () => add(more));
    this.#box.append(this.#list, more, this.#how, this.#note);
    this.#switch.addEventListener("change", () => this.#tray?.setWhole(this.#switch.checked));
    find(".composer__box").insertBefore(this.#box, find(".composer__line"));
  }

  /** @param {Tray | null} tray */
  show(tray) {
    this.#tray = tray;
    const items = tray?.items ?? [];
    this.#box.hidden = !items.length && !this.#note.textContent;
    this.#how.hidden = !items.some(isPicture);
    this.#switch.checked = tray?.isWhole ?? false;
    const wanted = new Set(items.map((item) => item.clientId));
    for (const [id, { node, end }] of this.#shown) {
      if (wanted.has(id)) continue;
      end();
      node.remove();
      this.#shown.delete(id);
    }
    for (const [index, item] of items.entries()) {
      const shown = this.#shown.get(item.clientId) ?? this.#make(item);
      shown.show(index, items.length);
      if (this.#list.children[index] !== shown.node) this.#list.insertBefore(shown.node, this.#list.children[index]);
    }
  }

  /**
   * Say what could not be taken; "" says nothing.
   * @param {string} words
   */
  note(words) {
    setText(this.#note, words);
    this.show(this.#tray);
  }

  /** @param {TrayItem} item */
  #make(item) {
    const { clientId } = item;
    const { name } = item.file;
    const thumb = make("button", { class: "tray__thumb", type: "button", "aria-description": t("Arrow keys move it") });
    const remove = make("button", { class: "tray__remove", type: "button", click: () => this.#remove(clientId) });
    remove.append(make("span", {}, icon("close")));
    remove.setAttribute("aria-label", t("Remove %(name)s", { name }));
    const node = make("li", { class: "tray__item", draggable: "true", title: name }, thumb, remove);
    const picture = make("img", { alt: name });
    const place = make("span", { class: "visually-hidden" });
    const words = [make("span", { class: "tray__kind" }, kindWord(name)), make("bdi", {}, name)];
    this.#listen(node, thumb, clientId);
    let drawn = /** @type {unknown} */ (undefined);
    /**
     * @param {number} index
     * @param {number} count
     */
    const show = (index, count) => {
      setText(place, t("%(num)d of %(count)d", { num: index + 1, count }));
      node.classList.toggle("tray__item--busy", !item.prepared);
      if (drawn === item.prepared) return;
      drawn = item.prepared;
      URL.revokeObjectURL(picture.src);
      const small = item.prepared && isPicture(item) && (item.prepared.file.thumbnail?.blob ?? item.prepared.file.blob);
      if (small) picture.src = URL.createObjectURL(small);
      thumb.replaceChildren(...(small ? [picture] : words), place);
    };
    const shown = { node, show, end: () => URL.revokeObjectURL(picture.src) };
    this.#shown.set(clientId, shown);
    return shown;
  }

  /**
   * Moved by keys, and with a mouse.
   * @param {HTMLElement} node
   * @param {HTMLElement} thumb
   * @param {string} clientId
   */
  #listen(node, thumb, clientId) {
    thumb.addEventListener("keydown", (event) => {
      const by = STEPS[event.key];
      if (event.key === "Delete" || event.key === "Backspace") this.#remove(clientId);
      if (!by) return;
      event.preventDefault();
      const isTurned = getComputedStyle(node).direction === "rtl" && event.key.match(/Left|Right/);
      this.#move(clientId, isTurned ? -by : by);
      thumb.focus();
    });
    node.addEventListener("dragstart", (event) => {
      this.#dragged = clientId;
      event.dataTransfer?.setData("application/x-chatapp-tray", clientId);
    });
    node.addEventListener("dragover", (event) => this.#dragged && event.preventDefault());
    node.addEventListener("dragend", () => {
      this.#dragged = "";
    });
    node.addEventListener("drop", (event) => {
      if (!this.#dragged) return;
      event.preventDefault();
      this.#tray?.move(this.#dragged, [...this.#list.children].indexOf(node));
    });
  }

  /**
   * @param {string} clientId
   * @param {number} by
   */
  #move(clientId, by) {
    const from = this.#tray?.items.findIndex((item) => item.clientId === clientId) ?? -1;
    if (!this.#tray?.move(clientId, from + by)) return;
    this.#say(t("Moved to place %(num)d", { num: from + by + 1 }));
  }

  /** @param {string} clientId */
  #remove(clientId) {
    const index = this.#tray?.items.findIndex((item) => item.clientId === clientId) ?? 0;
    this.#tray?.remove(clientId);
    this.#say(t("Removed"));
    const next = this.#list.children[Math.min(index, this.#list.children.length - 1)] ?? find(".composer");
    find(".tray__thumb, .composer__field", next).focus();
  }
}
