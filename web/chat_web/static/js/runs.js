// Keeps the messages of a chat without a hole: nobody ever sees one. A run begins at some `seq` and goes on unbroken; the
// newest one ends with the newest message, and the one that is read may be another, which grows until both are one.

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./chat.js").Run} Run
 */

/**
 * The highest `seq` up to which messages are held without a hole.
 * @param {Chat} chat
 */
export const heldSeq = (chat) => chat.messages.at(-1)?.seq ?? 0;

/**
 * Whether the newest messages of a chat are held, or there are none. A long list comes without those of some chats.
 * @param {Chat} chat
 */
export const isFetched = (chat) => chat.messages.length > 0 || chat.lastSeq === 0;

/**
 * The unbroken run of messages that is read now.
 * @param {Chat} chat
 * @returns {Run}
 */
export const runOf = (chat) => chat.part ?? chat;

/**
 * Add messages at the end of the newest run; what lies beyond a hole waits. Returns those that were added, in order.
 * @param {Chat} chat
 * @param {Message[]} messages
 */
export function append(chat, messages) {
  /** @type {Message[]} */
  const added = [];
  for (const message of messages) if (message.seq > heldSeq(chat)) chat.ahead.set(message.seq, message);
  for (let next = chat.ahead.get(heldSeq(chat) + 1); next; next = chat.ahead.get(next.seq + 1)) {
    chat.ahead.delete(next.seq);
    chat.messages.push(next);
    added.push(next);
  }
  chat.lastSeq = Math.max(chat.lastSeq, heldSeq(chat));
  return added;
}

/**
 * Take the newest messages (oldest first) of a chat of which none were held.
 * @param {Chat} chat
 * @param {Message[]} messages
 * @param {boolean} more
 */
export function begin(chat, messages, more) {
  if (chat.messages.length) return;
  chat.messages = messages;
  chat.more = more;
  for (const seq of chat.ahead.keys()) if (seq <= heldSeq(chat)) chat.ahead.delete(seq);
  append(chat, []);
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
  const older = messages.filter((message) => message.seq < first);
  if (older.length && older[older.length - 1].seq !== first - 1) return;
  run.messages = older.concat(run.messages);
  run.more = more;
}

/**
 * Read from these messages (oldest first, without a hole) on: the ones behind them are not here yet.
 * @param {Chat} chat
 * @param {Message[]} messages
 */
export function openPart(chat, messages) {
  if (!messages.length) return;
  chat.part = { messages, more: messages[0].seq > 1 };
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
