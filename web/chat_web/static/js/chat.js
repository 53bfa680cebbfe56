// What is a chat, and what is a message? Their shapes in the page, made from the answers and frames of the server.
import { toSettings } from "./chat_settings.js";
import { t } from "./i18n.js";
import { toFiles } from "./shared_files.js";

/** @typedef {{ id: number, username: string, deleted: boolean }} User */

/** @typedef {{ userId: number, emoji: string }} Reaction */

/**
 * What a message answers: its text as it is now and the types of its files, none where it was deleted, and nothing at all
 * where it is gone.
 * @typedef {{ seq: number, from: number, content: string, files: string[], deleted: boolean, gone: boolean }} Quote
 */

/**
 * One message as it is now. `at` is milliseconds. A message of the outbox, or behind a hole, has seq 0 and a `state`.
 * `changeSeq` and `textSeq` number its last change and the last one of its text; 0 while nothing has changed.
 * @typedef {object} Message
 * @property {number} seq
 * @property {number} from the sender's id
 * @property {string} content
 * @property {number} at
 * @property {string | null} clientId
 * @property {string | null} problem
 * @property {number} changeSeq
 * @property {number} textSeq
 * @property {boolean} edited
 * @property {boolean} deleted
 * @property {boolean} notice
 * @property {{ seconds: number | null, before: number | null } | null} keep what a notice says; null: nothing that is known
 * @property {Reaction[]} reactions
 * @property {import("./shared_files.js").SharedFile[]} files
 * @property {Quote | null} replyTo
 * @property {"stored" | "waiting" | "failed"} [state]
 * @property {string | null} [code] why it has failed
 * @property {import("./outbox_entry.js").SentFile[]} [sending] the files that go with it, while it waits
 * @property {import("./outbox_entry.js").Entry} [change] the last change of it that this browser has made and that waits
 */

/** @typedef {{ messages: Message[], more: boolean }} Run an unbroken run, oldest first; `more`: there are older ones */

/** @typedef {import("./chat_settings.js").RawSettings} RawSettings */

/**
 * One chat. Of its messages the run that ends with the newest one is held; what arrives beyond a hole waits in `ahead`.
 * Who left off long before that run reads in a second one, `part`. Of the changes of what is held, all up to `heldChange`
 * are; the numbers of those that came beyond a hole wait in `changesAhead`. Messages up to `floor` are gone.
 * @typedef {ChatFields & import("./chat_settings.js").Settings} Chat
 * @typedef {object} ChatFields
 * @property {number} id
 * @property {User} other
 * @property {boolean} blocked
 * @property {Message[]} messages
 * @property {boolean} more
 * @property {Map<number, Message>} ahead
 * @property {number} provenChange all changes up to this one are held of what comes next, too; Infinity: as of the rest
 * @property {Run | null} part
 * @property {number} heldChange
 * @property {Set<number>} changesAhead
 * @property {Map<number, Message>} changedBefore messages before those that are held, as they have changed since
 * @property {number} floor
 * @property {number} unread
 * @property {number} lastSeq
 * @property {number} rank the moment of its last activity, as far as the list says
 * @property {boolean} typing
 * @property {number} deliveredSeq
 * @property {number} readSeq
 * @property {number} otherDeliveredSeq
 * @property {number} otherReadSeq
 */

/**
 * @typedef {{ id: number, username: string | null }} RawUser
 * @typedef {object} RawMessage
 * @property {number} seq
 * @property {number} [sender_id]
 * @property {number} [from]
 * @property {string} [content]
 * @property {string} [message]
 * @property {string} sent_at
 * @property {string | null} [client_id]
 * @property {string | null} [problem]
 * @property {number} [change_seq]
 * @property {number} [text_seq]
 * @property {string} [edited_at]
 * @property {string} [deleted_at]
 * @property {string} [kind]
 * @property {{ keep_seconds: number | null, before: number | null }} [notice]
 * @property {{ user_id: number, emoji: string }[]} [reactions]
 * @property {import("./shared_files.js").RawFile[]} [files]
 * @property {{ seq: number, sender_id?: number } & Partial<Pick<Quote, "content" | "files" | "deleted" | "gone">>} [reply_to]
 */

/**
 * @typedef {{ id: number, other_user: RawUser, blocked?: boolean }} RawPair
 * @typedef {object} RawState
 * @property {number} last_seq
 * @property {number} unread
 * @property {number} delivered_seq
 * @property {number} read_seq
 * @property {number} other_delivered_seq
 * @property {number} other_read_seq
 * @property {number} [change_seq]
 * @property {number} [floor]
 * @typedef {RawPair & RawState & RawSettings} RawSummary
 * @typedef {RawSummary & { messages: RawMessage[], more: boolean }} RawChat
 */

/**
 * @param {RawMessage} raw
 * @returns {Message}
 */
export const toMessage = (raw) => ({
  seq: raw.seq,
  from: raw.sender_id ?? raw.from ?? 0,
  content: raw.content ?? raw.message ?? "",
  at: Date.parse(raw.sent_at),
  clientId: raw.client_id ?? null,
  problem: raw.problem ?? null,
  changeSeq: raw.change_seq ?? 0,
  textSeq: raw.text_seq ?? 0,
  edited: Boolean(raw.edited_at),
  deleted: Boolean(raw.deleted_at),
  notice: raw.kind === "notice",
  keep: raw.notice ? { seconds: raw.notice.keep_seconds, before: raw.notice.before } : null,
  reactions: (raw.reactions ?? []).map(({ user_id: userId, emoji }) => ({ userId, emoji })),
  files: toFiles(raw.files),
  replyTo: raw.reply_to ? toQuote(raw.reply_to) : null,
});

/**
 * @param {NonNullable<RawMessage["reply_to"]>} raw
 * @returns {Quote}
 */
const toQuote = ({ seq, sender_id: from = 0, ...said }) => ({
  ...{ seq, from, content: "", files: [], deleted: false, gone: false },
  ...said,
});

/**
 * A message that this browser has written and the server has not listed yet.
 * @param {Pick<Message, "seq" | "from" | "content" | "at" | "clientId" | "replyTo"> & Partial<Message>} known
 * @returns {Message}
 */
export const ownMessage = (known) => ({
  problem: null,
  changeSeq: 0,
  textSeq: 0,
  edited: false,
  deleted: false,
  notice: false,
  keep: null,
  reactions: [],
  files: [],
  ...known,
});

/**
 * A person as others see them. An account that is deleted has no name any more; its conversations stay.
 * @param {RawUser} raw
 * @returns {User}
 */
const toUser = (raw) => ({ id: raw.id, username: raw.username ?? t("Deleted account"), deleted: !raw.username });

/**
 * @param {RawPair} raw
 * @returns {Chat}
 */
export const makeChat = (raw) => ({
  id: raw.id,
  other: toUser(raw.other_user),
  blocked: raw.blocked === true,
  messages: [],
  more: false,
  ahead: new Map(),
  provenChange: Infinity,
  part: null,
  heldChange: 0,
  changesAhead: new Set(),
  changedBefore: new Map(),
  floor: 0,
  unread: 0,
  lastSeq: 0,
  rank: 0,
  typing: false,
  deliveredSeq: 0,
  readSeq: 0,
  otherDeliveredSeq: 0,
  otherReadSeq: 0,
  ...toSettings({}),
});

/**
 * What is wrong with a message, in words; "" where nothing is.
 * @param {Message} message
 */
export function problemOf({ problem }) {
  if (problem === "damaged") return t("This message is damaged");
  return problem === "not_verified" ? t("This message could not be verified") : "";
}

/**
 * The text of a message. What is not verified is nobody's words.
 * @param {Message} message
 */
export const textOf = (message) => problemOf(message) || message.content;

/**
 * What stands where a message was deleted.
 * @param {boolean} isMine
 */
export const deletedWords = (isMine) => (isMine ? t("You deleted this message") : t("This message was deleted"));

/**
 * Take who the other person is now.
 * @param {Chat} chat
 * @param {RawPair} raw
 */
export function setPair(chat, raw) {
  chat.other = toUser(raw.other_user);
  chat.blocked = raw.blocked === true;
}

/**
 * Take what the server says of a chat; receipts only go forward.
 * @param {Chat} chat
 * @param {RawSummary} raw
 * @param {number} myId
 */
export function setSummary(chat, raw, myId) {
  setPair(chat, raw);
  Object.assign(chat, toSettings(raw));
  chat.lastSeq = raw.last_seq;
  chat.otherDeliveredSeq = Math.max(chat.otherDeliveredSeq, raw.other_delivered_seq);
  chat.otherReadSeq = Math.max(chat.otherReadSeq, raw.other_read_seq);
  chat.deliveredSeq = Math.max(chat.deliveredSeq, raw.delivered_seq);
  if (raw.read_seq >= chat.readSeq) {
    chat.readSeq = raw.read_seq;
    chat.unread = raw.unread;
  }
  countUnread(chat, myId);
}

/**
 * Count the unread ones where all of them are held; elsewhere the server's number stands.
 * @param {Chat} chat
 * @param {number} myId
 */
export function countUnread(chat, myId) {
  const from = Math.max(chat.readSeq, chat.floor);
  if (chat.messages.length ? chat.messages[0].seq > from + 1 : chat.lastSeq > chat.floor) return;
  chat.unread = 0;
  for (let index = chat.messages.length - 1; index >= 0 && chat.messages[index].seq > from; index -= 1) {
    const { from: sender, deleted, notice } = chat.messages[index];
    if (sender !== myId && !deleted && !notice) chat.unread += 1;
  }
}

/**
 * Forget what is held of a chat: the server has gone back to an older state.
 * @param {Chat} chat
 */
export function resetChat(chat) {
  // A floor only ever rises.
  const { id, other, blocked, rank, typing, floor } = chat;
  const raw = { id, other_user: other, blocked };
  Object.assign(chat, makeChat(raw), { other, rank, typing, floor });
}

/**
 * Take how far one of the two has received and read: only ever forward.
 * @param {Chat} chat
 * @param {{ delivered: number, read: number, isMine: boolean }} receipt
 * @param {number} myId
 */
export function takeReceipt(chat, { delivered, read, isMine }, myId) {
  if (!isMine) {
    chat.otherDeliveredSeq = Math.max(chat.otherDeliveredSeq, delivered);
    chat.otherReadSeq = Math.max(chat.otherReadSeq, read);
    return;
  }
  chat.deliveredSeq = Math.max(chat.deliveredSeq, delivered);
  if (read <= chat.readSeq) return;
  chat.readSeq = read;
  if (read >= (chat.messages.at(-1)?.seq ?? 0)) chat.unread = 0;
  countUnread(chat, myId);
}

/**
 * The state of one's own message: sent, delivered or read.
 * @param {Chat} chat
 * @param {Message} message
 */
export function tickOf(chat, message) {
  if (message.seq <= chat.otherReadSeq) return "read";
  return message.seq <= chat.otherDeliveredSeq ? "delivered" : "sent";
}
