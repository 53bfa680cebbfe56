// The menu of a chat: a card beside its row or its button; on phones a sheet. Muting asks for how long.
import { isArchived, isMuted } from "./chat_settings.js";
import { icon, make } from "./dom.js";
import { isolate, t } from "./i18n.js";
import { isNarrow } from "./media.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {"pin" | "mute" | "archive" | "search" | "media" | "keep" | "export" | "clear" | "block" | `mute ${number}`} ChatAction
 * @typedef {{ action: ChatAction, words: string, icon?: string, isDanger?: boolean }} Entry
 */

const GAP = 8;
const HOUR = 3600;
const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 });

/**
 * What can be done with a chat now.
 * @param {Chat} chat
 * @returns {Entry[]}
 */
function entriesOf(chat) {
  const hasMessages = chat.lastSeq > chat.floor;
  const muted = isMuted(chat);
  /** @type {(Entry | false)[]} */
  const entries = [
    { action: "pin", words: chat.pinnedAt ? t("Unpin") : t("Pin"), icon: "pin" },
    { action: "mute", words: muted ? t("Unmute") : t("Mute…"), icon: muted ? "bell" : "mute" },
    { action: "archive", words: isArchived(chat) ? t("Unarchive") : t("Archive"), icon: "archive" },
    { action: "search", words: t("Search"), icon: "search" },
    hasMessages && { action: "media", words: t("Media and files"), icon: "picture" },
    !chat.other.deleted && { action: "keep", words: t("Disappearing messages…"), icon: "timer" },
    hasMessages && { action: "export", words: t("Export…"), icon: "save" },
    hasMessages && { action: "clear", words: t("Clear chat…"), icon: "delete", isDanger: true },
    !chat.other.deleted && {
      action: "block",
      words: chat.blocked ? t("Unblock") : t("Block…"),
      icon: "block",
      isDanger: !chat.blocked,
    },
  ];
  return entries.filter((entry) => entry !== false);
}

/** @returns {Entry[]} */
const muteEntries = () => [
  { action: `mute ${HOUR}`, words: t("For 1 hour") },
  { action: `mute ${8 * HOUR}`, words: t("For 8 hours") },
  { action: `mute ${168 * HOUR}`, words: t("For 1 week") },
  { action: "mute 0", words: t("Always") },
];

export class ChatMenu {
  #dialog = make("dialog", { class: "menu", id: "chat-menu" });
  #run;

  /** @param {(action: ChatAction, chat: Chat) => void} run */
  constructor(run) {
    this.#run = run;
    document.body.append(this.#dialog);
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /**
   * Show what can be done with a chat, at `point` or beside `anchor`; or at once for how long it can be muted.
   * @param {Chat} chat
   * @param {HTMLElement} anchor
   * @param {{ point?: { x: number, y: number }, part?: "mute" }} where
   */
  show(chat, anchor, { point, part }) {
    if (document.querySelector("dialog[open]")) return;
    const box = anchor.getBoundingClientRect();
    const place = () => this.#place(point ? new DOMRect(point.x, point.y, 0, 0) : box);
    this.#fill(chat, part === "mute" && !isMuted(chat) ? muteEntries() : entriesOf(chat), place);
    if (part === "mute" && isMuted(chat)) this.#run("mute", chat);
    else this.#dialog.showModal();
    place();
    this.#dialog.querySelector("button")?.focus();
  }

  /**
   * @param {Chat} chat
   * @param {Entry[]} entries
   * @param {() => void} place
   */
  #fill(chat, entries, place) {
    const name = isolate(chat.other.username);
    const isMuting = entries[0].action.startsWith("mute ");
    const title = isMuting ? t("Mute %(name)s", { name }) : t("Chat with %(name)s", { name });
    this.#dialog.setAttribute("aria-label", title);
    const list = make("ul", { class: "menu__list" });
    for (const entry of entries) list.append(make("li", {}, this.#makeEntry(chat, entry, place)));
    const heading = make("p", { class: "menu__when" }, title);
    this.#dialog.replaceChildren(make("div", { class: "menu__card" }, list, heading));
  }

  /**
   * @param {Chat} chat
   * @param {Entry} entry
   * @param {() => void} place
   */
  #makeEntry(chat, { action, words, icon: drawn, isDanger }, place) {
    const click = () => {
      if (action === "mute" && !isMuted(chat)) {
        this.#fill(chat, muteEntries(), place);
        place();
        this.#dialog.querySelector("button")?.focus();
        return;
      }
      this.#dialog.close();
      this.#run(action, chat);
    };
    const kind = isDanger ? "menu__entry menu__entry--danger" : "menu__entry";
    const attributes = { class: kind, type: "button", "data-action": action, "data-chat": chat.id, click };
    return make("button", attributes, ...(drawn ? [icon(drawn)] : []), make("span", {}, words));
  }

  /**
   * Inside the window, where the reader's script begins; a phone has it at the bottom.
   * @param {DOMRect} box
   */
  #place(box) {
    const { style } = this.#dialog;
    style.left = style.top = "";
    if (isNarrow()) return;
    const { offsetWidth: width, offsetHeight: height } = this.#dialog;
    const isOnEnd = box.left > innerWidth / 2;
    const left = isOnEnd ? box.right - width : box.left + (box.width ? 2 * GAP : 0);
    const below = box.bottom + (box.width ? 0 : 1);
    const top = below + height + GAP <= innerHeight ? below : box.top - height;
    style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
    style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const buttons = [...this.#dialog.querySelectorAll("button")];
    const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const by = STEPS[event.key];
    const next = by ? (index + by) % buttons.length : { Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons.at(next)?.focus();
  }
}
