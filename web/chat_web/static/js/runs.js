// Keeps the messages of a chat without a hole: nobody ever sees one. A run begins at some `seq` and goes on unbroken; the
// newest one ends with the newest message, and the one that is read may be another, which grows until both are one.
import { beginChanges, isNewer, replaceMessage, withoutGone, withQuote } from "./message_changes.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./chat.js").Run} Run
 */

/**
 * The highest `seq` up to which messages are held without a hole.
 * @param {Chat} chat
 */
export const heldSeq = (chat) => chat.messages.at(-1)?.seq ?? chat.floor;

/**
 * Whether the newest messages of a chat are held, or there are none for the reader. A long list comes without those of some chats.
 * @param {Chat} chat
 */
export const isFetched = (chat) => chat.messages.length > 0 || chat.lastSeq <= chat.floor;

/**
 * Whether something has come that does not meet what is held.
 * @param {Chat} chat
 */
export const hasHole = (chat) => chat.ahead.size > 0 || chat.changesAhead.size > 0;

/**
 * The unbroken run of messages that is read now.
 * @param {Chat} chat
 * @returns {Run}
 */
export const runOf = (chat) => chat.part ?? chat;

/**
 * Whether a message is in a run.
 * @param {Run} run
 * @param {number} seq
 */
export const holds = ({ messages }, seq) =>
  messages.length > 0 && messages[0].seq <= seq && seq <= messages[messages.length - 1].seq;

/**
 * What is still there of messages: they may have been read before the floor rose.
 * @param {Chat} chat
 * @param {Message[]} messages
 */
const left = (chat, messages) =>
  messages.filter((one) => one.seq > chat.floor).map((message) => withoutGone(chat, message));

/**
 * Add messages at the end of the newest run; what lies beyond a hole waits. Returns those that were added, in order.
 * @param {Chat} chat
 * @param {Message[]} messages
 */
export function append(chat, messages) {
  /** @type {Message[]} */
  const added = [];
  for (const message of left(chat, messages)) {
    if (message.seq > heldSeq(chat) && isNewer(message, chat.ahead.get(message.seq)))
      chat.ahead.set(message.seq, message);
  }
  for (let next = chat.ahead.get(heldSeq(chat) + 1); next; next = chat.ahead.get(next.seq + 1)) {
    chat.ahead.delete(next.seq);
    const message = withoutGone(chat, withQuote(chat, next));
    chat.messages.push(message);
    added.push(message);
    chat.heldChange = Math.min(chat.heldChange, chat.provenChange);
  }
  chat.lastSeq = Math.max(chat.lastSeq, heldSeq(chat));
  return added;
}

/**
 * Hold the newest messages (oldest first) of a chat, which know all changes up to `changeSeq`. What has come live
 * meanwhile is later.
 * @param {Chat} chat
 * @param {{ messages: Message[], more: boolean, changeSeq: number }} page
 */
export function begin(chat, { messages, more, changeSeq }) {
  chat.messages = left(chat, messages);
  chat.more = more && (chat.messages[0]?.seq ?? 0) > chat.floor + 1;
  for (const message of chat.ahead.values()) {
    if (message.seq > heldSeq(chat)) continue;
    if (message.changeSeq > changeSeq) replaceMessage(chat, message);
    chat.ahead.delete(message.seq);
  }
  beginChanges(chat, changeSeq);
  append(chat, []);
}

/**
 * Hold the newest messages of a chat, of which some may be held already: from an earlier visit, or live. Where both meet
 * they are one run. Which changes of it are held does not rise by that: those of its older messages are to be asked for.
 * @param {Chat} chat
 * @param {{ messages: Message[], more: boolean, changeSeq: number }} page
 */
export function beginOrGoOn(chat, page) {
  const { messages } = page;
  if (!messages.length) return;
  if (!chat.messages.length || messages[0].seq > heldSeq(chat) + 1) {
    begin(chat, page);
    return;
  }
  for (const message of messages) if (message.changeSeq) replaceMessage(chat, message);
  append(chat, messages);
}

/**
 * Add older messages (oldest first) in front of the run that is read; they must end where it begins.
 * @param {Chat} chat
 * @param {Message[]} messages
 * @param {boolean} more
 */
export function prepend(chat, messages, more) {
  const run = runOf(chat);
  const first = run.messages[0]?.seq ?? 1;
  const older = left(chat, messages).filter((message) => message.seq < first);
  if (older.length ? older[older.length - 1].seq !== first - 1 : first > chat.floor + 1) return;
  run.messages = older.concat(run.messages);
  run.more = more && (run.messages[0]?.seq ?? 0) > chat.floor + 1;
}

/**
 * Read from these messages (oldest first, without a hole) on: the ones behind them are not here yet.
 * @param {Chat} chat
 * @param {Message[]} page
 */
export function openPart(chat, page) {
  const messages = left(chat, page);
  if (!messages.length) return;
  chat.part = { messages, more: messages[0].seq > chat.floor + 1 };
  join(chat);
}

/**
 * Add newer messages to the part; they must begin where it ends.
 * @param {Chat} chat
 * @param {Message[]} messages
 */
export function appendToPart(chat, messages) {
  if (!chat.part) return;
  const end = chat.part.messages.at(-1)?.seq ?? 0;
  const newer = messages.filter((message) => message.seq > end);
  if (newer.length && newer[0].seq !== end + 1) return;
  chat.part.messages = chat.part.messages.concat(newer);
  join(chat);
}

/** @param {Chat} chat */
function join(chat) {
  const part = chat.part;
  const end = part?.messages.at(-1)?.seq ?? 0;
  const first = chat.messages[0]?.seq ?? heldSeq(chat) + 1;
  if (!part || end < first - 1) return;
  if (part.messages[0].seq < first) {
    chat.messages = part.messages.filter((one) => one.seq < first).concat(chat.messages);
    chat.more = part.more;
  }
  chat.part = null;
}

/**
 * Messages up to `floor` are gone: let go of them.
 * @param {Chat} chat
 * @param {number} floor
 */
export function raiseFloor(chat, floor) {
  if (floor <= chat.floor) return;
  chat.floor = floor;
  chat.ahead = new Map(left(chat, [...chat.ahead.values()]).map((message) => [message.seq, message]));
  for (const run of chat.part ? [chat, chat.part] : [chat]) {
    const first = run.messages[0]?.seq ?? floor + 1;
    run.messages = left(chat, run.messages);
    if (first <= floor + 1) run.more = false;
  }
  if (!chat.part?.messages.length) chat.part = null;
  append(chat, []);
}
