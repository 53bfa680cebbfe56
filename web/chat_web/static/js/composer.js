// Where one writes: grows with the text, keeps a draft of each chat, says when the end of what fits is near.
import { find, setText } from "./dom.js";
import { tn } from "./i18n.js";

export const LONGEST = 8000;
const WARN = 500;
const TYPING_EVERY = 3000;
const TYPING_IDLE = 5000;
// What the server takes off both ends: Unicode white space, control characters that count as such included.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const EDGE = /[\s\u0085\u001c-\u001f]/;
// What it removes everywhere: control characters, but line feed and tab.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * The text as it is stored: without white space at the ends, control characters and halves of characters.
 * @param {string} typed
 */
export function cleanText(typed) {
  const text = typed.replace(CONTROLS, "");
  let begin = 0;
  let end = text.length;
  while (begin < end && EDGE.test(text[begin])) begin += 1;
  while (end > begin && EDGE.test(text[end - 1])) end -= 1;
  return text.slice(begin, end).replace(/\p{Surrogate}/gu, "\ufffd");
}

export class Composer {
  /** @type {import("./clock.js").Timer | undefined} */
  #saver;
  /** @type {import("./clock.js").Timer | undefined} */
  #idle;
  #typedAt = 0;
  #isDirty = false;
  #isComposing = false;
  #chatId = 0;
  #send;
  #typing;
  #save;
  #entersSends;
  #stop;
  #editLast;
  #files;
  /** @type {string | null} the draft that an edit stands in for */
  #draft = null;
  #form = find(".composer");
  #field = find(".composer__field", document, HTMLTextAreaElement);
  #button = find(".send", document, HTMLButtonElement);
  #note = find("#composer-note");
  /** @type {(isEmpty: boolean) => void} hears whether there is nothing to send */
  shown = () => {};

  /**
   * `entersSends()` says what Enter does now; `stop()` ends an answer or an edit, `editLast()` begins one; both say whether
   * they did. `files` go with the text, which may be empty then.
   * @param {object} parts
   * @param {(text: string) => void} parts.send
   * @param {(chatId: number, typing: boolean) => void} parts.typing
   * @param {(chatId: number, draft: string) => void} parts.save
   * @param {() => boolean} parts.entersSends
   * @param {() => boolean} parts.stop
   * @param {() => boolean} parts.editLast
   * @param {Pick<import("./attachments.js").Attachments, "hasFiles" | "isReady">} parts.files
   */
  constructor({ send, typing, save, entersSends, stop, editLast, files }) {
    this.#send = send;
    this.#typing = typing;
    this.#save = save;
    this.#entersSends = entersSends;
    this.#stop = stop;
    this.#editLast = editLast;
    this.#files = files;
    this.#listen();
  }

  #listen() {
    this.#field.addEventListener("input", (event) => this.#changed(/** @type {InputEvent} */ (event)));
    this.#field.addEventListener("compositionend", () => {
      this.#isComposing = false;
    });
    this.#field.addEventListener("focus", () => this.#showKey());
    this.#field.addEventListener("keydown", (event) => this.#onKey(event));
    this.#field.addEventListener("blur", () => this.#stopTyping());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    // Pressing the button must not close a phone's keyboard.
    this.#button.addEventListener("pointerdown", (event) => event.preventDefault());
    addEventListener("pagehide", () => this.flush());
    addEventListener("visibilitychange", () => this.flush());
  }

  /**
   * @param {number} chatId
   * @param {string} draft
   */
  open(chatId, draft) {
    this.#stopTyping();
    this.flush();
    this.#chatId = chatId;
    this.#field.value = draft;
    this.#isComposing = false;
    this.#show();
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  /** Whether what is written stands in for a message that was sent. */
  get isEditing() {
    return this.#draft !== null;
  }

  /** Show that something goes with the text, or does not any more. */
  renew() {
    this.#show();
  }

  /** What is written now. */
  get text() {
    return this.#field.value;
  }

  /**
   * Write something where the caret is, in place of what is selected.
   * @param {string} text
   */
  insert(text) {
    const { selectionStart, selectionEnd } = this.#field;
    this.#field.setRangeText(text, selectionStart, selectionEnd, "end");
    this.#changed(new InputEvent("input"));
  }

  /** Keep the draft now, if it was changed here: what another tab has written since must not be undone. */
  flush() {
    clearTimeout(this.#saver);
    if (this.#draft !== null) return;
    if (this.#chatId && this.#isDirty) this.#save(this.#chatId, this.#field.value);
    this.#isDirty = false;
  }

  /** Keep nothing of what is written here: its writer logs out. */
  forget() {
    this.#chatId = 0;
  }

  /**
   * A draft that another tab has changed; where somebody is typing here, theirs stands.
   * @param {number} chatId
   * @param {string} draft
   */
  take(chatId, draft) {
    if (this.#draft !== null) this.#draft = draft;
    if (
      chatId !== this.#chatId ||
      this.#draft !== null ||
      this.#isDirty ||
      this.#isComposing ||
      this.#field.value === draft
    )
      return;
    this.#field.value = draft;
    this.#show();
  }

  /**
   * Edit a text here; what was written stands back until `endEdit`.
   * @param {string} text
   */
  edit(text) {
    this.flush();
    this.#draft = this.#field.value;
    this.#field.value = text;
    this.#show();
  }

  /** What was written before an edit is there again. */
  endEdit() {
    if (this.#draft === null) return;
    this.#field.value = this.#draft;
    this.#draft = null;
    this.#isDirty = false;
    this.#show();
  }

  get #hasFiles() {
    return !this.isEditing && this.#files.hasFiles;
  }

  submit() {
    const text = cleanText(this.#field.value);
    if ((!text && !this.#hasFiles) || text.length > LONGEST) return;
    if (this.#hasFiles && !this.#files.isReady(() => this.submit())) return;
    this.#stopTyping();
    if (this.#draft === null) {
      this.#field.value = "";
      this.#isDirty = true;
      this.flush();
    }
    this.#show();
    this.#send(text);
    this.focus();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    // While a word is being composed (Japanese, say), Enter belongs to the input method.
    if (event.isComposing || event.keyCode === 229) return;
    const isTaken =
      (event.key === "Escape" && this.#stop()) ||
      (event.key === "ArrowUp" && !this.#field.value && this.#draft === null && this.#editLast());
    if (isTaken) event.preventDefault();
    if (event.key !== "Enter") return;
    const sends = this.#entersSends() ? !event.shiftKey : event.ctrlKey || event.metaKey;
    if (!sends || event.altKey) return;
    event.preventDefault();
    this.submit();
  }

  /** Write on the key of a phone's keyboard what it does. */
  #showKey() {
    this.#field.enterKeyHint = this.#entersSends() ? "send" : "enter";
  }

  /** @param {InputEvent} event */
  #changed(event) {
    this.#isDirty = true;
    this.#isComposing = event.isComposing;
    this.#show();
    clearTimeout(this.#saver);
    this.#saver = setTimeout(() => this.flush(), 250);
    if (!this.#field.value.trim()) {
      this.#stopTyping();
      return;
    }
    const now = Date.now();
    if (now - this.#typedAt > TYPING_EVERY) {
      this.#typedAt = now;
      this.#typing(this.#chatId, true);
    }
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#stopTyping(), TYPING_IDLE);
  }

  #stopTyping() {
    clearTimeout(this.#idle);
    if (!this.#typedAt) return;
    this.#typedAt = 0;
    this.#typing(this.#chatId, false);
  }

  #show() {
    const field = this.#field;
    field.style.height = "auto";
    if (field.value) field.style.height = `${field.scrollHeight}px`;
    const length = cleanText(field.value).length;
    const left = LONGEST - length;
    this.#button.disabled = (length === 0 && !this.#hasFiles) || left < 0;
    this.shown(length === 0 && !this.#hasFiles && !this.isEditing);
    this.#note.hidden = left > WARN;
    this.#note.classList.toggle("composer__note--over", left < 0);
    if (left <= WARN) {
      setText(
        this.#note,
        left < 0
          ? tn("Too long by %(num)d character", "Too long by %(num)d characters", -left)
          : tn("%(num)d character left", "%(num)d characters left", left),
      );
    }
  }
}
