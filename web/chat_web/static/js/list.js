// The list of chats: newest activity first, one tab stop, arrow keys within.
import { find, make, paintAvatar, setText, setTyped } from "./dom.js";
import { t, tn } from "./i18n.js";
import { briefOf } from "./store.js";

export const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
export const oneLine = (text) => text.slice(0, 200).replace(/\s+/gu, " ");

export class ListView {
  #rows = new Map();

  /** `open(chatId)` is called for the chat that is chosen; `draftOf(chatId)` gives what is begun and not sent. */
  constructor({ store, dates, open, draftOf }) {
    Object.assign(this, { store, dates, draftOf });
    this.list = find("#list");
    this.filter = find("#filter");
    this.note = find("#list-note");
    this.loading = find("#list-loading");
    this.openId = 0;
    this.filter.addEventListener("input", () => this.render());
    this.filter.addEventListener("keydown", (event) => this.#onFilterKey(event, open));
    this.list.addEventListener("keydown", (event) => this.#onKey(event));
    this.list.addEventListener("click", (event) => {
      const row = event.target.closest("a");
      if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(Number(row.dataset.chat), row);
    });
  }

  focusFilter() {
    this.filter.focus();
    this.filter.select();
  }

  focusRow(chatId = this.openId) {
    (this.#rows.get(chatId)?.link ?? find("a", this.list) ?? this.filter).focus();
  }

  render() {
    const { store } = this;
    this.loading.hidden = store.loaded;
    const wanted = fold(this.filter.value.trim());
    const chats = store.inOrder().filter((chat) => !wanted || fold(chat.other.username).includes(wanted));
    const shown = new Set(chats.map((chat) => chat.id));
    for (const [id, row] of this.#rows) {
      if (shown.has(id)) continue;
      row.item.remove();
      this.#rows.delete(id);
    }
    let cursor = this.list.firstChild;
    for (const chat of chats) {
      const row = this.#row(chat);
      this.#fill(row, chat);
      if (row.item === cursor) cursor = cursor.nextSibling;
      else this.#move(row, cursor);
    }
    this.#renderNote(chats.length, wanted);
    const stop = this.#rows.get(this.openId) ?? this.#rows.get(chats[0]?.id);
    const focused = document.activeElement;
    for (const row of this.#rows.values()) row.link.tabIndex = row === stop || row.link === focused ? 0 : -1;
  }

  /** Moving an element takes the focus from it; give it back. */
  #move(row, cursor) {
    const focused = document.activeElement === row.link;
    this.list.insertBefore(row.item, cursor);
    if (focused) row.link.focus({ preventScroll: true });
  }

  #renderNote(count, wanted) {
    this.list.hidden = count === 0;
    this.note.hidden = count > 0 || !this.store.loaded;
    if (this.note.hidden) return;
    this.note.classList.toggle("chats__note--first", !wanted);
    setText(this.note.firstChild, wanted ? t("No chat with that name.") : t("No chats yet. Start one with somebody you know."));
  }

  #row(chat) {
    let row = this.#rows.get(chat.id);
    if (row) return row;
    row = { avatar: make("span", { class: "avatar", "aria-hidden": "true" }), dot: make("span", { class: "avatar__dot" }), name: make("bdi"), online: make("span", { class: "unseen" }), time: make("time", { class: "chat__time" }), last: make("span", { class: "chat__last" }), badge: make("span", { class: "badge" }), unread: make("span", { class: "unseen" }), seen: "" };
    row.avatar.append(row.dot);
    row.link = make("a", { class: "chat", href: `#${chat.id}`, "data-chat": chat.id }, row.avatar,
      make("span", { class: "chat__lines" }, make("span", { class: "chat__name" }, row.name, row.online), row.time, row.last, row.badge), row.unread);
    row.item = make("li", {}, row.link);
    this.#rows.set(chat.id, row);
    return row;
  }

  #fill(row, chat) {
    const { store } = this;
    const online = store.isOnline(chat.other.id);
    const preview = this.#preview(chat);
    const moment = chat.messages.length || store.waitingOf(chat).length ? this.dates.brief(store.activityOf(chat)) : "";
    const seen = JSON.stringify([chat.other.username, online, preview, moment, chat.unread, chat.id === this.openId]);
    if (row.seen === seen) return;
    row.seen = seen;
    paintAvatar(row.avatar, chat.other);
    setTyped(row.name, chat.other.username);
    row.dot.hidden = !online;
    setText(row.online, online ? `, ${t("online")}` : "");
    setText(row.time, moment);
    row.last.className = `chat__last ${preview.kind ? `chat__last--${preview.kind}` : ""}`;
    const text = make("bdi");
    setTyped(text, preview.text);
    row.last.replaceChildren(preview.before ? make("span", {}, `${preview.before} `) : "", text);
    row.badge.hidden = !chat.unread;
    row.badge.setAttribute("aria-hidden", "true");
    setText(row.badge, chat.unread > 99 ? "99+" : String(chat.unread));
    setText(row.unread, chat.unread ? tn("%(num)d unread message", "%(num)d unread messages", chat.unread) : "");
    row.link.classList.toggle("chat--unread", chat.unread > 0);
    if (chat.id === this.openId) row.link.setAttribute("aria-current", "true");
    else row.link.removeAttribute("aria-current");
  }

  #preview(chat) {
    if (chat.typing) return { text: t("typing…"), kind: "busy" };
    const waiting = this.store.waitingOf(chat).at(-1);
    const draft = chat.id === this.openId ? "" : this.draftOf(chat.id);
    if (waiting?.state === "failed") return { text: t("Not sent: %(text)s", { text: oneLine(waiting.text) }), kind: "failed" };
    if (draft) return { before: t("Draft:"), text: oneLine(draft), kind: "draft" };
    if (waiting) return { before: t("You:"), text: oneLine(waiting.text) };
    const last = chat.messages.at(-1);
    if (!last) return { text: t("No messages yet") };
    return { before: last.from === this.store.me.id && !last.problem ? t("You:") : "", text: oneLine(briefOf(last)) };
  }

  #onKey(event) {
    const rows = [...this.list.querySelectorAll("a")];
    const at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to < 0) this.filter.focus();
    else rows[Math.min(to, rows.length - 1)].focus();
  }

  #onFilterKey(event, open) {
    const first = find("a", this.list);
    if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      first.focus();
    } else if (event.key === "Enter" && first && !event.isComposing) {
      event.preventDefault();
      this.#clear();
      open(Number(first.dataset.chat), first);
    } else if (event.key === "Escape" && this.filter.value) {
      event.stopPropagation();
      this.#clear();
    }
  }

  #clear() {
    this.filter.value = "";
    this.render();
  }
}
