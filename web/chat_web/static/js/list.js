// The list of chats: the archive, those that are pinned, then newest activity; one tab stop, arrow keys within.
import { ArchiveRow } from "./archive_row.js";
import { ArchiveView } from "./archive_view.js";
import { BackStep } from "./back_step.js";
import { isArchived } from "./chat_settings.js";
import { find, setText } from "./dom.js";
import { t } from "./i18n.js";
import { inOrder } from "./list_order.js";
import { ListRow } from "./list_row.js";

/** @typedef {import("./chat.js").Chat} Chat */

/** @param {string} text */
export const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

export class ListView {
  /** @type {Map<number, ListRow>} */
  #rows = new Map();
  #openId = 0;
  #store;
  #dates;
  #drafts;
  #open;
  #list = find("#list");
  #filter = find("#filter", document, HTMLInputElement);
  #back = new BackStep("finding", () => this.#clear());
  #note = find("#list-note");
  #loading = find("#list-loading");
  #view = new ArchiveView(() => this.render(this.#openId));
  #archive = new ArchiveRow(() => this.#view.toggle());

  /**
   * `open(chatId)` is called for the chat that is chosen; `start(name)` where none has the name that was typed.
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./dates.js").Dates} parts.dates
   * @param {import("./drafts.js").Drafts} parts.drafts
   * @param {(chatId: number) => void} parts.open
   * @param {(name: string) => void} parts.start
   */
  constructor({ store, dates, drafts, open, start }) {
    this.#store = store;
    this.#dates = dates;
    this.#drafts = drafts;
    this.#open = open;
    this.#filter.addEventListener("input", () => this.#filtered());
    this.#filter.addEventListener("keydown", (event) => this.#onFilterKey(event));
    this.#list.addEventListener("keydown", (event) => this.#onKey(event));
    this.#list.addEventListener("click", (event) => this.#onClick(event));
    find("button", this.#note).addEventListener("click", () => start(this.#filter.value.trim()));
  }

  focusFilter() {
    this.#filter.focus();
    this.#filter.select();
  }

  /** @param {number} [chatId] */
  focusRow(chatId = this.#openId) {
    (this.#rows.get(chatId)?.link ?? this.#chats()[0] ?? this.#filter).focus();
  }

  /** @param {number} openId the chat that is open, or 0 */
  render(openId) {
    this.#openId = openId;
    this.#loading.hidden = this.#store.isLoaded;
    const wanted = fold(this.#filter.value.trim());
    const { chats, archived } = this.#choose(wanted);
    const lost = this.#removeRows(new Set(chats.map((chat) => chat.id)));
    this.#renderArchive(wanted ? 0 : archived);
    let cursor = this.#archive.item.isConnected ? this.#archive.item.nextSibling : this.#list.firstChild;
    for (const chat of chats) {
      const row = this.#row(chat);
      row.show(chat, chat.id === openId);
      if (row.item === cursor) cursor = cursor.nextSibling;
      else this.#move(row, cursor);
    }
    this.#renderNote(chats.length, wanted);
    this.#renderTabStop(chats[0]?.id ?? 0);
    if (lost >= 0) this.#focusNear(lost);
  }

  /**
   * The chats to show in their order, and how many lie in the archive. Who looks for a name finds it there, too.
   * @param {string} wanted
   */
  #choose(wanted) {
    const all = inOrder(this.#store);
    const archived = new Set(all.filter((chat) => isArchived(chat)));
    if (!archived.size && this.#store.isComplete) this.#view.leave();
    const { isInside } = this.#view;
    const chats = wanted
      ? all.filter((chat) => fold(chat.other.username).includes(wanted))
      : all.filter((chat) => archived.has(chat) === isInside);
    return { chats, archived: archived.size };
  }

  /** @param {number} count */
  #renderArchive(count) {
    const { item } = this.#archive;
    if (!count) item.remove();
    else if (this.#list.firstChild !== item) this.#list.prepend(item);
    this.#archive.show(count, this.#view.isInside);
  }

  /**
   * Take the rows away of which none is `shown`. Returns where the one stood that had the focus, or -1.
   * @param {Set<number>} shown
   */
  #removeRows(shown) {
    let lost = -1;
    for (const [id, row] of this.#rows) {
      if (shown.has(id)) continue;
      if (row.link === document.activeElement) lost = this.#chats().indexOf(row.link);
      row.item.remove();
      this.#rows.delete(id);
    }
    return lost;
  }

  /**
   * Focus what stands now where something else did.
   * @param {number} place
   */
  #focusNear(place) {
    const chats = this.#chats();
    (chats[Math.min(place, chats.length - 1)] ?? this.#filter).focus();
  }

  /** @param {number} firstId */
  #renderTabStop(firstId) {
    const stop = this.#rows.get(this.#openId) ?? this.#rows.get(firstId);
    const focused = document.activeElement;
    this.#archive.button.tabIndex = stop && focused !== this.#archive.button ? -1 : 0;
    for (const row of this.#rows.values()) {
      const index = row === stop || row.link === focused ? 0 : -1;
      if (row.link.tabIndex !== index) row.link.tabIndex = index;
    }
  }

  /**
   * Moving an element takes the focus from it; give it back.
   * @param {ListRow} row
   * @param {Node | null} cursor
   */
  #move(row, cursor) {
    const hadFocus = document.activeElement === row.link;
    this.#list.insertBefore(row.item, cursor);
    if (hadFocus) row.link.focus({ preventScroll: true });
  }

  /**
   * @param {number} count
   * @param {string} wanted
   */
  #renderNote(count, wanted) {
    const hasArchive = this.#archive.item.isConnected;
    this.#list.hidden = !count && !hasArchive;
    this.#note.hidden = count > 0 || !this.#store.isLoaded;
    if (this.#note.hidden) return;
    this.#note.classList.toggle("chats__note--first", !wanted);
    const words = hasArchive ? t("All your chats are archived.") : t("No chats yet. Start one with somebody you know.");
    setText(find("p", this.#note), wanted ? t("No chat with that name.") : words);
  }

  /** @param {Chat} chat */
  #row(chat) {
    let row = this.#rows.get(chat.id);
    if (!row) {
      row = new ListRow(chat.id, { store: this.#store, dates: this.#dates, drafts: this.#drafts });
      this.#rows.set(chat.id, row);
    }
    return row;
  }

  #chats() {
    return /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll("a.chat")]);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("a.chat"));
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#open(Number(row.dataset.chat));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key === "Escape" && this.#view.isInside) {
      event.preventDefault();
      this.#view.leave();
    }
    const rows = /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll("a.chat, .archive")]);
    const index = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (next < 0) this.#filter.focus();
    else rows[Math.min(next, rows.length - 1)].focus();
  }

  /** @param {KeyboardEvent} event */
  #onFilterKey(event) {
    const first = this.#chats()[0];
    if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      first.focus();
    } else if (event.key === "Enter" && first && !event.isComposing) {
      event.preventDefault();
      this.#open(Number(first.dataset.chat));
      this.#clear();
    } else if (event.key === "Escape" && this.#filter.value) {
      event.stopPropagation();
      this.#clear();
    }
  }

  #filtered() {
    if (this.#filter.value) this.#back.begin();
    else this.#back.end();
    this.render(this.#openId);
  }

  #clear() {
    this.#filter.value = "";
    this.#filter.dispatchEvent(new Event("input"));
  }
}
