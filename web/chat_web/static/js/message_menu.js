// The menu of a message: quick reactions, and what can be done with it. A card beside it; on phones a sheet.

import { find, icon, make } from "./dom.js";
import { t } from "./i18n.js";
import { isNarrow } from "./media.js";
import { actionsFor } from "./message_actions.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./message_actions.js").MessageAction} MessageAction
 */

const quickReactions = () => [
  ["❤️", t("Heart")],
  ["👍", t("Thumbs up")],
  ["😂", t("Laughing")],
  ["😮", t("Surprised")],
  ["😢", t("Sad")],
  ["🎉", t("Party")],
];
/** @returns {[MessageAction, string, string][]} */
const entries = () => [
  ["reply", t("Reply"), "R"],
  ["edit", t("Edit"), "E"],
  ["copy", t("Copy"), "C"],
  ["select", t("Select"), "S"],
  ["delete", t("Delete for both"), "Del"],
];

/**
 * What is shown of the message above a sheet, which covers it.
 * @param {HTMLElement} node
 */
function lift(node) {
  if (!isNarrow()) return [];
  const lifted = make("div", { class: `lifted ${node.className}`, "aria-hidden": "true", inert: true });
  lifted.append(find(".bubble", node).cloneNode(true));
  return [lifted];
}

export class MessageMenu {
  #dialog = find("#message-menu", document, HTMLDialogElement);
  /** @type {HTMLElement | null} the message it is open for */
  #node = null;
  #actions;
  #place;

  /**
   * @param {object} parts
   * @param {import("./message_actions.js").Actions} parts.actions
   * @param {(dialog: HTMLElement, anchor: Element) => void} parts.place
   */
  constructor({ actions, place }) {
    this.#actions = actions;
    this.#place = place;
    this.#dialog.addEventListener("close", () => {
      if (this.#node) delete this.#node.dataset.lifted;
    });
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /**
   * Open the menu of a message that `node` shows. `when` says its time and state.
   * @param {{ chat: Chat, message: Message, myId: number, node: HTMLElement, when: string }} shown
   */
  show({ chat, message, myId, node, when }) {
    if (this.#dialog.open) return;
    this.#node = node;
    const actions = actionsFor(chat, message);
    const list = make("ul", { class: "menu__list" });
    for (const [action, words, key] of entries())
      if (actions.has(action)) list.append(this.#makeEntry(message, action, words, key));
    const card = make("div", { class: "menu__card" }, list, make("p", { class: "menu__when" }, when));
    this.#dialog.replaceChildren(
      ...lift(node),
      ...(actions.has("react") ? [this.#makeQuick(message, myId, node)] : []),
      card,
    );
    node.dataset.lifted = "";
    this.#dialog.showModal();
    this.#place(this.#dialog, find(".bubble", node));
    list.querySelector("button")?.focus();
  }

  /**
   * @param {Message} message
   * @param {MessageAction} action
   * @param {string} words
   * @param {string} key
   */
  #makeEntry(message, action, words, key) {
    const click = () => {
      this.#dialog.close();
      this.#actions.run(action, message);
    };
    const hint = make("kbd", { "aria-hidden": "true" }, key);
    const kind = action === "delete" ? "menu__entry menu__entry--danger" : "menu__entry";
    const button = make("button", { class: kind, type: "button", click }, icon(action), make("span", {}, words), hint);
    return make("li", action === "delete" ? { class: "menu__rule" } : {}, button);
  }

  /**
   * @param {Message} message
   * @param {number} myId
   * @param {HTMLElement} node
   */
  #makeQuick(message, myId, node) {
    const mine = message.reactions.find(({ userId }) => userId === myId)?.emoji;
    const buttons = quickReactions().map(([emoji, name]) => {
      const click = () => {
        this.#dialog.close();
        this.#actions.react(message, emoji === mine ? null : emoji);
      };
      const pressed = String(emoji === mine);
      const attributes = { class: "emoji", type: "button", "aria-label": name, "aria-pressed": pressed, click };
      return make("button", attributes, emoji);
    });
    const click = () => {
      this.#dialog.close();
      this.#actions.reactWithAny(message, find(".bubble", node));
    };
    const more = make("button", { type: "button", "aria-label": t("More reactions"), click }, icon("plus"));
    return make("div", { class: "menu__quick", role: "group", "aria-label": t("React") }, ...buttons, more);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 });
    const by = steps[event.key];
    if (!by) return;
    event.preventDefault();
    const buttons = [...this.#dialog.querySelectorAll("button")];
    const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    buttons.at((index + by) % buttons.length)?.focus();
  }
}
