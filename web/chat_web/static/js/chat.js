// What is a chat, and what is a message? Their shapes in the page, made from the answers and frames of the server.
import { t } from "./i18n.js";

/** @typedef {{ id: number, username: string, deleted: boolean }} User */

/**
 * One message. `at` is milliseconds. A message of the outbox, or behind a hole, has seq 0 and a `state`.
 * @typedef {object} Message
 * @property {number} seq
 * @property {number} from the sender's id
 * @property {string} content
 * @property {number} at
 * @property {string | null} clientId
 * @property {string | null} problem
 * @property {"stored" | "waiting" | "failed"} [state]
 * @property {string | null} [code] why it has failed
 */

/** @typedef {{ messages: Message[], more: boolean }} Run an unbroken run, oldest first; `more`: there are older ones */

/**
 * One chat. Of its messages the run that ends with the newest one is held; what arrives beyond a hole waits in `ahead`.
 * Who left off long before that run reads in a second one, `part`.
 * @typedef {object} Chat
 * @property {number} id
 * @property {User} other
 * @property {boolean} blocked
 * @property {Message[]} messages
 * @property {boolean} more
 * @property {Map<number, Message>} ahead
 * @property {Run | null} part
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
 * @typedef {RawPair & RawState} RawSummary
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
  part: null,
  unread: 0,
  lastSeq: 0,
  rank: 0,
  typing: false,
  deliveredSeq: 0,
  readSeq: 0,
  otherDeliveredSeq: 0,
  otherReadSeq: 0,
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
 * A message where there is room for one line of it. What is not verified is nobody's words.
 * @param {Message} message
 */
export const briefOf = (message) => problemOf(message) || message.content;

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
  if (chat.messages.length ? chat.messages[0].seq > chat.readSeq + 1 : chat.lastSeq) return;
  chat.unread = 0;
  for (let index = chat.messages.length - 1; index >= 0 && chat.messages[index].seq > chat.readSeq; index -= 1) {
    if (chat.messages[index].from !== myId) chat.unread += 1;
  }
}

/**
 * Forget what is held of a chat: the server has gone back to an older state.
 * @param {Chat} chat
 */
export function resetChat(chat) {
  const { id, other, blocked, rank, typing } = chat;
  const raw = { id, other_user: other, blocked };
  Object.assign(chat, makeChat(raw), { other, rank, typing });
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
