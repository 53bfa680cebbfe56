// New chat, settings, and "are you sure?". The browser's own <dialog> keeps the focus inside and gives it back.
import { find, paintAvatar, setText, setTyped } from "./dom.js";
import { isolate, t, tn } from "./i18n.js";

/** Open a dialog; a click beside it or on its cross closes it. */
function setUp(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  return dialog;
}

/** Why no chat came of a name, in words. */
export const refusalOf = (code, name, wait = 0) => ({
  no_such_user: t("Nobody here is called %(name)s. Check the spelling.", { name: isolate(name) }),
  own_chat: t("That is you. Write the name of somebody else."),
  rate_limited: tn("Too many names in a short time. Try again in %(num)d second.", "Too many names in a short time. Try again in %(num)d seconds.", Math.max(1, Math.ceil(wait))),
  not_delivered: t("You cannot write to each other."),
  offline: t("You are not connected right now. Try again in a moment."),
})[code] ?? t("The server cannot answer right now. Try again in a moment.");

export class NewChatDialog {
  /** `start(name)` resolves to the chat's id, or rejects with an error that has a `code` (and `wait`). */
  constructor({ start, open }) {
    this.dialog = setUp(find("#new-chat-dialog"));
    this.input = find("input", this.dialog);
    this.error = find(".field__error", this.dialog);
    this.button = find(".button", this.dialog);
    this.input.addEventListener("input", () => this.#say(""));
    find("form", this.dialog).addEventListener("submit", async (event) => {
      event.preventDefault();
      const name = this.input.value.trim();
      if (!name) {
        this.#say(t("Write a name first."));
        return;
      }
      this.button.disabled = true;
      try {
        const chatId = await start(name);
        this.dialog.close();
        open(chatId);
      } catch (refusal) {
        this.#say(refusalOf(refusal.code, name, refusal.wait));
      } finally {
        this.button.disabled = false;
      }
    });
  }

  show(name = "") {
    this.input.value = name;
    this.#say("");
    this.dialog.showModal();
    this.input.focus(); // the browser itself would choose the cross, which comes first
  }

  #say(words) {
    setText(this.error, words);
    if (words) {
      this.input.setAttribute("aria-invalid", "true");
      this.input.focus();
    } else this.input.removeAttribute("aria-invalid");
  }
}

export class SettingsDialog {
  #installing = null;

  /** `switches` reads and writes a switch by its name; `whyNot(name)` says why one cannot be used, or "". */
  constructor({ switches, whyNot, setTheme, theme, leave }) {
    Object.assign(this, { switches, whyNot });
    this.dialog = setUp(find("#settings-dialog"));
    this.install = find("#install");
    for (const radio of this.dialog.querySelectorAll("[name=theme]")) {
      radio.checked = radio.value === theme();
      radio.addEventListener("change", () => setTheme(radio.value));
    }
    for (const box of this.dialog.querySelectorAll("[role=switch]")) {
      box.addEventListener("change", async () => {
        await switches.set(box.name, box.checked);
        this.#fill();
      });
    }
    find("#logout").addEventListener("submit", (event) => {
      event.preventDefault();
      leave(event.target);
    });
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.#installing = event;
    });
    this.install.addEventListener("click", () => {
      this.#installing?.prompt();
      this.#installing = null;
      this.install.hidden = true;
    });
  }

  show(me) {
    if (me) {
      paintAvatar(find(".sheet__who .avatar", this.dialog), me);
      setTyped(find(".sheet__who bdi", this.dialog), me.username);
    }
    this.install.hidden = !this.#installing;
    setText(find("#install-hint"), globalThis.isSecureContext ? "" : t("Over plain http, browsers offer no notifications and no installing as an app. Everything else works."));
    this.#fill();
    this.dialog.showModal();
  }

  #fill() {
    for (const box of this.dialog.querySelectorAll("[role=switch]")) {
      const why = this.whyNot(box.name);
      box.checked = !why && this.switches.get(box.name);
      box.disabled = Boolean(why);
      setText(find("small", box.parentNode), why || (box.name === "enter" ? t("Shift+Enter makes a new line.") : ""));
    }
  }
}

export class PersonDialog {
  constructor({ toggleBlock }) {
    this.dialog = setUp(find("#person-dialog"));
    this.block = find(".button", this.dialog);
    this.block.addEventListener("click", () => {
      this.dialog.close();
      toggleBlock();
    });
  }

  show(chat, state) {
    this.fill(chat, state);
    this.dialog.showModal();
  }

  /** Say who it is, in a dialog that is open already too. */
  fill(chat, state) {
    paintAvatar(find(".avatar", this.dialog), chat.other);
    setTyped(find("bdi", this.dialog), chat.other.username);
    setText(find(".field__hint", this.dialog), state);
    setText(this.block, chat.blocked ? t("Unblock") : t("Block"));
    this.block.hidden = chat.other.deleted;
  }
}

/** Ask before something that cannot be taken back; resolves to the answer. */
export function confirmed({ title, words, yes }) {
  const dialog = find("#confirm-dialog");
  setText(find("h2", dialog), title);
  setText(find("p", dialog), words);
  setText(find("[value=yes]", dialog), yes);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
