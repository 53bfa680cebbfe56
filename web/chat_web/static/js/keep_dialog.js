// Asks for how long the messages of a chat are kept, for both.
import { find, icon, make, setText } from "./dom.js";
import { t } from "./i18n.js";
import { timeWords } from "./keep_words.js";

/** @typedef {import("./chat.js").Chat} Chat */

const DAY = 86_400;
const CHOICES = [DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];

export class KeepDialog {
  /** @type {Chat | null} */
  #chat = null;
  #choices = make("div", { class: "options" });
  #error = make("p", { class: "field__error", role: "alert" });
  #button = make("button", { class: "button" }, t("Set"));
  #dialog = this.#make();
  #set;

  /** @param {(chat: Chat, seconds: number | null) => Promise<string>} set resolves to a sentence, "" where it is set */
  constructor(set) {
    this.#set = set;
    document.body.append(this.#dialog);
  }

  #make() {
    const title = make("h2", { id: "keep-title" }, t("Disappearing messages"));
    const close = { class: "icon-button", type: "button", "aria-label": t("Close"), click: () => this.#dialog.close() };
    const words = t(
      "Messages go this long after they were sent, for both of you. The first ones go 24 hours after it is set; until then either of you can undo it.",
    );
    const hint = make("p", { class: "field__hint", id: "keep-hint" }, words);
    const group = make(
      "div",
      { role: "radiogroup", "aria-labelledby": "keep-title", "aria-describedby": "keep-hint" },
      this.#choices,
    );
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit();
    };
    const top = make("div", { class: "sheet__top" }, title, make("button", close, icon("close")));
    const buttons = make("div", { class: "sheet__buttons" }, this.#button);
    const form = make("form", { class: "sheet", submit }, top, hint, group, this.#error, buttons);
    const click = (/** @type {Event} */ { target }) => target === this.#dialog && this.#dialog.close();
    return make("dialog", { id: "keep-dialog", "aria-labelledby": "keep-title", click }, form);
  }

  /** @param {Chat} chat */
  show(chat) {
    this.#chat = chat;
    const known = new Set(CHOICES);
    if (chat.keepSeconds !== null) known.add(chat.keepSeconds);
    const choices = [null, ...[...known].sort((a, b) => a - b)];
    this.#choices.replaceChildren(...choices.map((seconds) => makeChoice(seconds, chat.keepSeconds)));
    setText(this.#error, "");
    this.#dialog.showModal();
    find("input:checked", this.#dialog).focus();
  }

  async #submit() {
    const chat = this.#chat;
    const seconds = Number(find("input:checked", this.#dialog, HTMLInputElement).value) || null;
    if (!chat || seconds === chat.keepSeconds) {
      this.#dialog.close();
      return;
    }
    this.#button.disabled = true;
    const refusal = await this.#set(chat, seconds);
    this.#button.disabled = false;
    setText(this.#error, refusal);
    if (!refusal) this.#dialog.close();
  }
}

/**
 * @param {number | null} seconds
 * @param {number | null} now
 */
function makeChoice(seconds, now) {
  const value = String(seconds ?? "");
  const input = make("input", { type: "radio", name: "keep", value, checked: seconds === now });
  return make("label", { class: "option" }, make("span", {}, seconds ? timeWords(seconds) : t("Off")), input);
}
