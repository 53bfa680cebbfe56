// What one does with a chat: pin, mute, archive, clear, take along, block; and for how long its messages are kept.
import { Refused } from "./api.js";
import { isArchived, isMuted } from "./chat_settings.js";
import { isolate, t } from "./i18n.js";
import { timeWords } from "./keep_words.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat_menu.js").ChatAction} ChatAction
 * @typedef {{ words: string, run: () => void }} Choice
 */

const FOR_EVER = "9999-12-31T00:00:00.000Z";

/**
 * Why something was not set, in words.
 * @param {string} code
 */
const refusalOf = (code) =>
  ({
    offline: t("You are offline. This can be changed when you are back."),
    not_delivered: t("You cannot write to each other, so this stays as it is."),
    no_such_user: t("This account was deleted."),
    no_such_chat: t("This chat does not exist any more."),
  })[code] ?? t("The server cannot answer right now. Try again in a moment.");

export class ChatActions {
  #parts;
  #keep;
  #export;

  /**
   * `toast(words, choice?)` says something for a moment, with something that can be done.
   * @param {object} parts
   * @param {import("./settings_sender.js").SettingsSender} parts.settings
   * @param {(chatId: number) => void} parts.open
   * @param {() => number} parts.openId
   * @param {(words: string, choice?: Choice) => void} parts.toast
   * @param {(question: { title: string, words: string, yes: string }) => Promise<boolean>} parts.confirmed
   * @param {(chat: Chat) => void} parts.block
   * @param {(chat: Chat) => void} parts.showMedia
   * @param {typeof import("./keep_dialog.js").KeepDialog} parts.KeepDialog
   * @param {typeof import("./export_dialog.js").ExportDialog} parts.ExportDialog
   */
  constructor(parts) {
    this.#parts = parts;
    this.#keep = new parts.KeepDialog((chat, seconds) => this.#setKeep(chat, seconds));
    this.#export = new parts.ExportDialog(parts.toast);
  }

  /**
   * @param {ChatAction} action
   * @param {Chat} chat
   */
  run(action, chat) {
    if (action === "pin") this.#pin(chat);
    else if (action === "mute" && isMuted(chat)) this.#mute(chat, null);
    else if (action.startsWith("mute ")) this.#mute(chat, Number(action.slice(5)));
    else if (action === "archive") this.#archive(chat);
    else if (action === "keep") this.#keep.show(chat);
    else if (action === "export") this.#export.show(chat);
    else if (action === "clear") this.#clear(chat);
    else if (action === "media") this.#parts.showMedia(chat);
    else if (action === "block") this.#parts.block(chat);
    else if (action === "search" && this.#parts.openId() !== chat.id) this.#parts.open(chat.id);
  }

  /**
   * Set something, and say what is so then; a refusal is said as a sentence. Resolves to whether it is set.
   * @param {Promise<void>} setting
   * @param {string} words
   * @param {Choice} [choice]
   */
  async #set(setting, words, choice) {
    const refusal = await this.#refusalOf(setting);
    this.#parts.toast(refusal || words, refusal ? undefined : choice);
  }

  /**
   * Why something is not set, in words; "" where it is.
   * @param {Promise<void>} setting
   */
  async #refusalOf(setting) {
    try {
      await setting;
      return "";
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      return refusalOf(refusal.code);
    }
  }

  /** @param {Chat} chat */
  #pin({ id, pinnedAt }) {
    this.#set(this.#parts.settings.setChat(id, { pinned: !pinnedAt }), pinnedAt ? t("Unpinned") : t("Pinned"));
  }

  /**
   * @param {Chat} chat
   * @param {number | null} seconds null: not any more; 0: always
   */
  #mute({ id }, seconds) {
    const until = seconds ? new Date(Date.now() + seconds * 1000).toISOString() : FOR_EVER;
    const setting = this.#parts.settings.setChat(id, { muted_until: seconds === null ? null : until });
    this.#set(setting, seconds === null ? t("Sound is on again") : t("Muted"));
  }

  /** @param {Chat} chat */
  #archive(chat) {
    const { settings } = this.#parts;
    const archived = !isArchived(chat);
    const undo = () => this.#set(settings.setChat(chat.id, { archived: !archived }), t("Undone"));
    const choice = { words: t("Undo"), run: undo };
    this.#set(settings.setChat(chat.id, { archived }), archived ? t("Archived") : t("Out of the archive"), choice);
  }

  /** @param {Chat} chat */
  async #clear({ id, lastSeq, other }) {
    const name = isolate(other.username);
    const isSure = await this.#parts.confirmed({
      title: t("Clear this chat?"),
      words: t(
        "All messages so far go for you only, on all your devices. %(name)s keeps theirs. This cannot be undone.",
        {
          name,
        },
      ),
      yes: t("Clear for me"),
    });
    if (isSure) this.#set(this.#parts.settings.clear(id, lastSeq), t("Chat cleared"));
  }

  /**
   * @param {Chat} chat
   * @param {number | null} seconds
   */
  #setKeep({ id }, seconds) {
    return this.#refusalOf(this.#parts.settings.keep(id, seconds));
  }

  /**
   * Choose again what was so before.
   * @param {Chat} chat
   * @param {number | null} seconds
   */
  undoKeep({ id }, seconds) {
    const words = seconds === null ? t("Messages stay") : t("Messages go after %(time)s", { time: timeWords(seconds) });
    this.#set(this.#parts.settings.keep(id, seconds), words);
  }
}
