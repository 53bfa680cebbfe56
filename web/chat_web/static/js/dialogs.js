// New chat, a person, and "are you sure?". The browser's own <dialog> keeps the focus inside and gives it back.
import { Refused } from "./api.js";
import { find, paintAvatar, setText, setTyped } from "./dom.js";
import { isolate, t, tn } from "./i18n.js";

/**
 * Prepare a dialog: a click beside it or on its cross closes it.
 * @param {string} selector
 */
function prepare(selector) {
  const dialog = find(selector, document, HTMLDialogElement);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || (target instanceof Element && target.closest("[data-close]"))) dialog.close();
  });
  return dialog;
}

/**
 * Why no chat came of a name, in words; `wait` is in seconds.
 * @param {string} code
 * @param {string} name
 * @param {number} [wait]
 */
export function refusalOf(code, name, wait = 0) {
  const words = {
    no_such_user: t("Nobody here is called %(name)s. Check the spelling.", { name: isolate(name) }),
    own_chat: t("That is you. Write somebody else's username."),
    rate_limited: tn(
      "Too many names in a short time. Try again in %(num)d second.",
      "Too many names in a short time. Try again in %(num)d seconds.",
      Math.max(1, Math.ceil(wait)),
    ),
    not_delivered: t("You cannot write to each other."),
    offline: t("You are not connected right now. Try again in a moment."),
  }[code];
  return words ?? t("The server cannot answer right now. Try again in a moment.");
}

export class NewChatDialog {
  #dialog = prepare("#new-chat-dialog");
  #input = find("input", this.#dialog, HTMLInputElement);
  #error = find(".field__error", this.#dialog);
  #button = find(".button", this.#dialog, HTMLButtonElement);
  #start;
  #open;

  /**
   * `start(name)` resolves to the chat's id, or rejects with a Refused.
   * @param {{ start: (name: string) => Promise<number>, open: (chatId: number) => void }} parts
   */
  constructor({ start, open }) {
    this.#start = start;
    this.#open = open;
    this.#input.addEventListener("input", () => this.#say(""));
    find("form", this.#dialog).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(this.#input.value.trim());
    });
  }

  /** @param {string} name */
  async #submit(name) {
    if (!name) {
      this.#say(t("Write a username first."));
      return;
    }
    this.#button.disabled = true;
    try {
      const chatId = await this.#start(name);
      this.#dialog.close();
      this.#open(chatId);
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      this.#say(refusalOf(refusal.code, name, refusal.wait));
    } finally {
      this.#button.disabled = false;
    }
  }

  show(name = "") {
    this.#input.value = name;
    this.#say("");
    this.#dialog.showModal();
    this.#input.focus(); // the browser itself would choose the cross, which comes first
  }

  /** @param {string} words */
  #say(words) {
    setText(this.#error, words);
    if (words) {
      this.#input.setAttribute("aria-invalid", "true");
      this.#input.focus();
    } else this.#input.removeAttribute("aria-invalid");
  }
}

/** @typedef {import("./chat.js").Chat} Chat */

export class PersonDialog {
  #dialog = prepare("#person-dialog");
  #block = find(".button", this.#dialog);

  /** @param {{ toggleBlock: () => void }} parts */
  constructor({ toggleBlock }) {
    this.#block.addEventListener("click", () => {
      this.#dialog.close();
      toggleBlock();
    });
  }

  /**
   * @param {Chat} chat
   * @param {string} state
   */
  show(chat, state) {
    this.fill(chat, state);
    this.#dialog.showModal();
  }

  /**
   * Say who it is, in a dialog that is open already too.
   * @param {Chat} chat
   * @param {string} state
   */
  fill(chat, state) {
    paintAvatar(find(".avatar", this.#dialog), chat.other);
    setTyped(find("bdi", this.#dialog), chat.other.username);
    setText(find(".field__hint", this.#dialog), state);
    setText(this.#block, chat.blocked ? t("Unblock") : t("Block"));
    this.#block.hidden = chat.other.deleted;
  }
}

/**
 * Ask before something that cannot be undone; resolves to the answer.
 * @param {{ title: string, words: string, yes: string }} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, words, yes }) {
  const dialog = find("#confirm-dialog", document, HTMLDialogElement);
  setText(find("h2", dialog), title);
  setText(find("p", dialog), words);
  setText(find("[value=yes]", dialog), yes);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
