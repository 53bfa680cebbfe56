// Which chat stands where in the list, and what of each waits to be sent?
import { ownMessage } from "./chat.js";
import { isArchived, isMuted } from "./chat_settings.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./outbox_entry.js").Entry} Entry
 * @typedef {import("./store.js").Store} Store
 */

/**
 * What of a chat is written but not yet in its place: behind a hole, or in the outbox.
 * @param {Store} store
 * @param {Chat} chat
 * @returns {Message[]}
 */
export function waitingOf({ myId, waiting }, chat) {
  /** @type {Message[]} */
  const stored = [...chat.ahead.values()]
    .filter((one) => one.from === myId && one.clientId)
    .map((one) => ({ ...one, seq: 0, state: "stored" }));
  const known = new Set(stored.map((one) => one.clientId));
  const entries = waiting.filter((one) => !one.kind && one.chatId === chat.id && !known.has(one.clientId));
  return stored.concat(entries.map((entry) => toWaiting(entry, myId)));
}

/**
 * @param {Entry} entry
 * @param {number} myId
 * @returns {Message}
 */
function toWaiting({ clientId, text, at, state, code, replyTo = null, files: sending }, myId) {
  return ownMessage({ seq: 0, from: myId, content: text, at, clientId, replyTo, state, code, sending });
}

/**
 * The moment of the last thing that happened in a chat, in milliseconds.
 * @param {Store} store
 * @param {Chat} chat
 */
export function activityOf({ waiting }, chat) {
  let latest = Math.max(chat.messages.at(-1)?.at ?? 0, chat.rank);
  for (const { kind, chatId, at } of waiting) if (!kind && chatId === chat.id && at > latest) latest = at;
  return latest;
}

/**
 * All chats: those that are pinned first, then newest activity first.
 * @param {Store} store
 * @returns {Chat[]}
 */
export function inOrder(store) {
  /** @type {[number, Chat][]} */
  const keyed = [...store.chats.values()].map((chat) => [activityOf(store, chat), chat]);
  /** @param {Chat} chat */
  const pinned = ({ pinnedAt }) => Number(pinnedAt > 0);
  keyed.sort(([a, one], [b, other]) => pinned(other) - pinned(one) || b - a || other.id - one.id);
  return keyed.map(([, chat]) => chat);
}

/**
 * How many messages of all chats are unread. Those of muted chats and of the archive wait in silence.
 * @param {Store} store
 */
export function countAllUnread({ chats }) {
  let sum = 0;
  for (const chat of chats.values()) if (!isMuted(chat) && !isArchived(chat)) sum += chat.unread;
  return sum;
}
