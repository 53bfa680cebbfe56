// What one does with a message: react, answer, edit, copy, select, delete. Answering and editing are done in the composer.
import { deletedWords } from "./chat.js";
import { copyText } from "./clipboard.js";
import { find, setText } from "./dom.js";
import { briefOf } from "./file_words.js";
import { isolate, t } from "./i18n.js";
import { limitMarks } from "./marks.js";
import { messageOf, quoteOf } from "./message_changes.js";
import { oneLine } from "./one_line.js";
import { changedBy } from "./pending_changes.js";
import { confirmDeleting } from "./questions.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./outbox_entry.js").Details} Details
 * @typedef {"react" | "reply" | "edit" | "copy" | "select" | "delete"} MessageAction
 * @typedef {{ kind: "reply" | "edit", chatId: number, message: Message }} Task what the composer is open for
 */

/**
 * What can be done with a message now.
 * @param {Chat} chat
 * @param {Message} message
 * @returns {Set<MessageAction>}
 */
export function actionsFor(chat, { seq, from, content, deleted, notice, problem }) {
  /** @type {Set<MessageAction>} */
  const actions = new Set();
  if (deleted || notice) return actions;
  const isMine = from !== chat.other.id;
  if (seq && !problem && !chat.blocked && !chat.other.deleted) {
    actions.add("react").add("reply");
    if (isMine) actions.add("edit");
  }
  if (content && !problem) actions.add("copy");
  if (seq && isMine) actions.add("delete");
  if (seq && (actions.has("copy") || isMine)) actions.add("select");
  return actions;
}

export class Actions {
  /** @type {Task | null} what the composer is open for, beside new messages */
  #task = null;
  /** @type {Map<number, Task & { text: string }>} what was begun in chats that are not open now, and what was written */
  #begun = new Map();
  #parts;
  #strip = find("#composer-task");

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {import("./tabs.js").Tabs} parts.tabs
   * @param {import("./router.js").Router} parts.router
   * @param {import("./dialog_loader.js").Dialogs} parts.dialogs
   * @param {() => import("./composer.js").Composer} parts.composer
   * @param {(words: string) => void} parts.say
   * @param {() => void} parts.changed shows what has changed
   */
  constructor(parts) {
    this.#parts = parts;
    find("button", this.#strip).addEventListener("click", () => this.stop());
    parts.store.onChange(() => this.#renew());
  }

  /**
   * @param {MessageAction} action
   * @param {Message} message
   */
  run(action, message) {
    if (action === "reply") this.#start("reply", message);
    else if (action === "edit") this.edit(message);
    else if (action === "copy") this.#copy(message);
    else if (action === "select") this.#select(message);
    else if (action === "delete") this.#delete(message);
  }

  /**
   * React with an emoji; null takes the reaction back.
   * @param {Message} message
   * @param {string | null} emoji
   */
  react({ seq }, emoji) {
    this.#change({ kind: "react", seq, emoji });
    this.#parts.say(emoji ? t("You reacted with %(emoji)s", { emoji }) : t("Reaction taken back"));
  }

  /**
   * React with an emoji that is chosen among all.
   * @param {Message} message
   * @param {Element} anchor
   */
  async reactWithAny(message, anchor) {
    const { dialogs, say } = this.#parts;
    try {
      await dialogs.showEmoji({ anchor, title: t("React"), choose: (emoji) => this.react(message, emoji) });
    } catch {
      say(t("You are not connected right now. Try again in a moment."));
    }
  }

  /**
   * Edit a message in the composer; with `text`, go on with an edit that was refused.
   * @param {Message} message
   * @param {string} [text]
   */
  edit(message, text = message.content) {
    this.#start("edit", message);
    this.#parts.composer().edit(text);
  }

  /** Edit the last message that one has written, if it is among the newest ones; says whether there is one. */
  editLast() {
    const { store, router } = this.#parts;
    const chat = router.chat;
    const last = chat?.messages.findLast((one) => one.from === store.myId && actionsFor(chat, one).has("edit"));
    if (!chat || !last) return false;
    this.edit(changedBy(store.waiting, chat.id, store.myId)(last));
    return true;
  }

  /**
   * @param {"reply" | "edit"} kind
   * @param {Message} message
   */
  #start(kind, message) {
    const { composer, router, say } = this.#parts;
    this.stop();
    say(this.#show({ kind, chatId: router.openId, message }));
    composer().focus();
  }

  /**
   * Show what the composer is open for; returns its title.
   * @param {Task} task
   */
  #show(task) {
    this.#task = task;
    const title = this.#titleOf(task);
    setText(find("b", this.#strip), title);
    const { deleted, from } = task.message;
    const words = deleted ? deletedWords(from !== this.#parts.router.chat?.other.id) : briefOf(task.message);
    setText(find("bdi", this.#strip), limitMarks(oneLine(words)));
    this.#strip.hidden = false;
    return title;
  }

  /** What is being answered may have another text by now, or none. */
  #renew() {
    const { chat } = this.#parts.router;
    if (!chat || this.#task?.kind !== "reply" || this.#task.chatId !== chat.id) return;
    const message = messageOf(chat, this.#task.message.seq);
    if (message && message.textSeq > this.#task.message.textSeq) this.#show({ ...this.#task, message });
  }

  /** @param {Task} task */
  #titleOf({ kind, message }) {
    const other = this.#parts.router.chat?.other;
    if (kind === "edit") return t("Edit message");
    if (message.from !== other?.id) return t("Reply to yourself");
    return t("Reply to %(name)s", { name: isolate(other.username) });
  }

  /** Neither answer nor edit any more; says whether one did. */
  stop() {
    const { composer, say } = this.#parts;
    if (!this.#task) return false;
    const isEdit = this.#task.kind === "edit";
    this.#end();
    composer().focus();
    say(isEdit ? t("Editing stopped") : t("Answering stopped"));
    return true;
  }

  /** The composer is there for new messages again. */
  #end() {
    this.#task = null;
    this.#strip.hidden = true;
    this.#parts.composer().endEdit();
  }

  /** Another chat is open: what was begun here is kept until this one is open again. */
  leave() {
    if (!this.#task) return;
    this.#begun.set(this.#task.chatId, { ...this.#task, text: this.#parts.composer().text });
    this.#end();
  }

  /**
   * Go on with what was begun in the chat that is open now, unless its message was deleted meanwhile.
   * @param {Chat | null} chat
   */
  resume(chat) {
    const begun = chat && this.#begun.get(chat.id);
    if (!begun) return;
    this.#begun.delete(chat.id);
    const { kind, message, text } = begun;
    if (!actionsFor(chat, messageOf(chat, message.seq) ?? message).has(kind)) return;
    this.#parts.say(this.#show(begun));
    if (kind === "edit") this.#parts.composer().edit(text);
  }

  /**
   * Take what was written. An edit is made with it; of a new message returns what belongs to it, null where it was an edit.
   * @param {string} text
   * @returns {Details | null}
   */
  take(text) {
    const task = this.#task;
    this.#end();
    if (!task) return {};
    const { seq, textSeq, content } = task.message;
    if (task.kind === "reply") return { replyTo: quoteOf(task.message) };
    // A change of this browser that still waits may have made the text that was edited by then.
    const was = task.message.change ? content : undefined;
    const isNew = text !== content || task.message.change !== undefined;
    if (isNew) this.#change({ kind: "edit", seq, base: textSeq, was }, text);
    this.#parts.say(isNew ? t("Message edited") : t("Editing stopped"));
    return null;
  }

  /** @param {Message} message */
  #select({ seq }) {
    const { store, router, dialogs, say } = this.#parts;
    /** @param {Message[]} messages */
    const remove = (messages) => {
      for (const one of messages) this.#change({ kind: "delete", seq: one.seq });
    };
    dialogs.showSelection(seq, { store, router, dialogs, say, remove });
  }

  /** @param {Message} message */
  async #copy({ content }) {
    this.#parts.say((await copyText(content)) ? t("Copied") : t("It could not be copied."));
  }

  /** @param {Message} message */
  async #delete({ seq }) {
    if (!(await confirmDeleting(this.#parts.dialogs))) return;
    this.#change({ kind: "delete", seq });
    this.#parts.say(t("Message deleted"));
  }

  /**
   * Change a message; the change is shown at once, and sent when it can be.
   * @param {Details} details
   * @param {string} [text] of an edit
   */
  #change(details, text = "") {
    const { outbox, tabs, router, changed } = this.#parts;
    tabs.lead();
    outbox.add(router.openId, text, details);
    // After a while it can be taken back.
    setTimeout(changed, 3200);
  }
}
