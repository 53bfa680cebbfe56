// Takes a conversation along: asks as what, and lets the browser keep the file.
import { find, icon, make } from "./dom.js";
import { isolate, t } from "./i18n.js";

/** @typedef {import("./chat.js").Chat} Chat */

const formats = () => [
  ["html", t("Pages to read"), t("They open in any browser, without a network.")],
  ["jsonl", t("Data for programs"), t("JSON Lines, one message a line.")],
];

/**
 * @param {number} chatId
 * @param {string} format
 */
async function fetchArchive(chatId, format) {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const answer = await fetch("/backend/export", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ chat_id: chatId, format, time_zone: timeZone }),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.blob();
}

/**
 * @param {Blob} file
 * @param {string} name
 */
function keep(file, name) {
  const href = URL.createObjectURL(file);
  make("a", { href, download: `ChatApp-${name}.zip` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

export class ExportDialog {
  /** @type {Chat | null} */
  #chat = null;
  #dialog = this.#make();
  #say;

  /** @param {(words: string) => void} say */
  constructor(say) {
    this.#say = say;
    document.body.append(this.#dialog);
  }

  #make() {
    const close = { class: "icon-button", type: "button", "aria-label": t("Close"), click: () => this.#dialog.close() };
    const title = make("h2", { id: "export-title" }, t("Export this chat"));
    const top = make("div", { class: "sheet__top" }, title, make("button", close, icon("close")));
    const options = formats().map(([value, name, hint], index) => {
      const input = make("input", { type: "radio", name: "format", value, checked: index === 0 });
      return make("label", { class: "option" }, make("span", {}, name, make("small", {}, hint)), input);
    });
    const group = make("div", { class: "options", role: "radiogroup", "aria-labelledby": "export-title" }, ...options);
    const buttons = make("div", { class: "sheet__buttons" }, make("button", { class: "button" }, t("Export")));
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit();
    };
    const form = make("form", { class: "sheet", submit }, top, group, buttons);
    const click = (/** @type {Event} */ { target }) => target === this.#dialog && this.#dialog.close();
    return make("dialog", { id: "export-dialog", "aria-labelledby": "export-title", click }, form);
  }

  /** @param {Chat} chat */
  show(chat) {
    this.#chat = chat;
    this.#dialog.showModal();
    find("input:checked", this.#dialog).focus();
  }

  async #submit() {
    const format = find("input:checked", this.#dialog, HTMLInputElement).value;
    const chat = this.#chat;
    this.#dialog.close();
    if (!chat) return;
    const name = chat.other.deleted ? String(chat.id) : chat.other.username;
    this.#say(t("The chat with %(name)s is being gathered…", { name: isolate(chat.other.username) }));
    try {
      keep(await fetchArchive(chat.id, format), name);
      this.#say(t("Exported"));
    } catch {
      this.#say(t("The chat could not be exported. Try again in a moment."));
    }
  }
}
