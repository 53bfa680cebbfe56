// What one does with a message: react, answer, edit, copy, delete. Answering and editing are done in the composer.
import { find, make, setText } from "./dom.js";
import { isolate, t } from "./i18n.js";
import { limitMarks } from "./marks.js";
import { quoteOf } from "./message_changes.js";
import { oneLine } from "./one_line.js";
import { changedBy } from "./pending_changes.js";
import { confirmDeleting } from "./questions.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./outbox_entry.js").Details} Details
 * @typedef {"react" | "reply" | "edit" | "copy" | "delete"} MessageAction
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
  return actions;
}

/**
 * Copy a text; where the page may not (plain http), the old way. Says whether it was.
 * @param {string} text
 */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "visually-hidden", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    return isCopied;
  }
}

export class Actions {
  /** @type {{ kind: "reply" | "edit", message: Message } | null} what the composer is open for, beside new messages */
  #task = null;
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
  }

  /**
   * @param {MessageAction} action
   * @param {Message} message
   */
  run(action, message) {
    if (action === "reply") this.#reply(message);
    else if (action === "edit") this.edit(message);
    else if (action === "copy") this.#copy(message);
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

  /** @param {Message} message */
  #reply(message) {
    const { router } = this.#parts;
    const isMine = message.from !== router.chat?.other.id;
    const name = isolate(router.chat?.other.username ?? "");
    this.#start("reply", message, isMine ? t("Reply to yourself") : t("Reply to %(name)s", { name }));
  }

  /**
   * Edit a message in the composer; with `text`, go on with an edit that was refused.
   * @param {Message} message
   * @param {string} [text]
   */
  edit(message, text = message.content) {
    this.#start("edit", message, t("Edit message"));
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
   * @param {string} title
   */
  #start(kind, message, title) {
    this.stop();
    this.#task = { kind, message };
    setText(find("b", this.#strip), title);
    setText(find("bdi", this.#strip), limitMarks(oneLine(message.content)));
    this.#strip.hidden = false;
    this.#parts.say(title);
    this.#parts.composer().focus();
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

  /** Another chat is open. */
  leave() {
    if (this.#task) this.#end();
  }

  /**
   * Take what was written. An edit is made with it; of a new message returns what belongs to it, null where it was an edit.
   * @param {string} text
   * @returns {Details | null}
   */
  take(text) {
    const task = this.#task;
    this.leave();
    if (!task) return {};
    const { seq, textSeq, content } = task.message;
    if (task.kind === "reply") return { replyTo: quoteOf(task.message) };
    // A change of this browser that still waits may have made the text that was edited by then.
    const was = task.message.change ? content : undefined;
    if (text !== content || task.message.change) this.#change({ kind: "edit", seq, base: textSeq, was }, text);
    return null;
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
