// Files of a chat, newest first, a page at a time: what is held of it, and behind that what the server lists.
import { ask, Refused } from "./api.js";
import { runOf } from "./runs.js";
import { isVisual, toFiles } from "./shared_files.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./shared_files.js").SharedFile} SharedFile
 * @typedef {"media" | "file" | "sound"} MediaKind
 * @typedef {{ seq: number, from: number, at: number, file: SharedFile }} ChatFile
 * @typedef {{ files: ChatFile[], more: boolean }} Page
 * @typedef {(chatId: number, kind: MediaKind, before: number) => Promise<Page>} Ask `before` is 0 for the newest
 */

/** @type {Ask} */
export async function askFiles(chatId, kind, before) {
  const from = before ? `&before_seq=${before}` : "";
  const { body } = await ask(`get_files?chat_id=${chatId}&kind=${kind}${from}`);
  const files = body.files.map((/** @type {any} */ { seq, sender_id: sender, sent_at: sentAt, file }) => ({
    ...{ seq, from: sender, at: Date.parse(sentAt) },
    file: toFiles([file])[0],
  }));
  return { files, more: body.more };
}

/**
 * The pictures and films of the messages that one reads in a chat, newest message first.
 * @param {Chat} chat
 * @returns {ChatFile[]}
 */
export const heldMedia = (chat) =>
  runOf(chat)
    .messages.toReversed()
    .flatMap(({ seq, from, at, files, problem }) => {
      const shown = problem ? [] : files.filter(isVisual);
      return shown.map((file) => ({ seq, from, at, file }));
    });

export class MediaPages {
  /** @type {ChatFile[]} newest message first; those of one message in their own order */
  files;
  /** @type {"idle" | "busy" | "failed"} */
  state = "idle";
  more;
  #before;
  #parts;

  /**
   * `files` are those that are known, all from `before` on; `more`: there may be others before that.
   * @param {{ chatId: number, kind: MediaKind, ask?: Ask }} parts
   * @param {{ files?: ChatFile[], before?: number, more?: boolean }} [known]
   */
  constructor(parts, { files = [], before = 0, more = true } = {}) {
    this.#parts = parts;
    this.files = files;
    this.#before = before;
    this.more = more;
  }

  /** Take the next page, unless one is under way; resolves once it is there, or cannot be had. */
  async next() {
    if (!this.more || this.state === "busy") return;
    this.state = "busy";
    const { chatId, kind, ask: askPage = askFiles } = this.#parts;
    try {
      const { files, more } = await askPage(chatId, kind, this.#before);
      this.files = this.files.concat(files);
      this.#before = files.at(-1)?.seq ?? this.#before;
      this.more = more && files.length > 0;
      this.state = "idle";
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      this.state = "failed";
    }
  }

  /** All that are known as they were sent: oldest message first. */
  get inOrder() {
    return this.files.toSorted((a, b) => a.seq - b.seq);
  }
}

/**
 * The pictures and films of a chat, from what is read of it on to the first one.
 * @param {Chat} chat
 */
export function mediaOf(chat) {
  const { messages, more } = runOf(chat);
  return new MediaPages({ chatId: chat.id, kind: "media" }, { files: heldMedia(chat), before: messages[0]?.seq, more });
}
