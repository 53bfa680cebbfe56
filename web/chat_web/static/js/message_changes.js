// Which changes of its messages does a chat hold? A row is only ever replaced by a later state of itself.

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./chat.js").Quote} Quote
 */

const QUOTED = 200;

/**
 * Whether `message` is a later state than the one that is held; an equal one is not.
 * @param {Message} message
 * @param {Message} [held]
 */
export const isNewer = (message, held) => !held || message.changeSeq > held.changeSeq;

/**
 * What an answer to `message` shows of it. What is not verified is nobody's words.
 * @param {Message} message
 * @returns {Quote}
 */
export const quoteOf = ({ seq, from, content, files, deleted, problem }) => ({
  seq,
  from,
  content: problem ? "" : [...content.slice(0, 2 * QUOTED)].slice(0, QUOTED).join(""),
  files: problem ? [] : files.map(({ type }) => type),
  deleted,
  gone: false,
});

/**
 * A message without the words of what it answers, where that is gone for the reader: a page, or a frame, may have been
 * read before.
 * @param {Pick<Chat, "floor">} chat
 * @param {Message} message
 * @returns {Message}
 */
export function withoutGone({ floor }, message) {
  const { replyTo } = message;
  if (!replyTo || replyTo.gone || replyTo.seq > floor) return message;
  return { ...message, replyTo: { seq: replyTo.seq, from: 0, content: "", files: [], deleted: false, gone: true } };
}

/**
 * The message of a number, where it is held.
 * @param {Chat} chat
 * @param {number} seq
 * @returns {Message | undefined}
 */
export function messageOf(chat, seq) {
  const runs = [chat.part?.messages ?? [], chat.messages];
  return runs.map((messages) => messages[seq - (messages[0]?.seq ?? 0)]).find(Boolean);
}

/**
 * Whether a message is gone for the reader, as far as is known: it was deleted, or lies below the floor.
 * @param {Chat} chat
 * @param {number} seq
 */
export function isGone(chat, seq) {
  const known = messageOf(chat, seq) ?? chat.changedBefore.get(seq) ?? chat.ahead.get(seq);
  return seq <= chat.floor || known?.deleted === true;
}

/**
 * Put a state of a message in its place, where it is held and this is a later one, and into the quotes of its answers.
 * What is not held yet stays away: it comes as it is then.
 * @param {Chat} chat
 * @param {Message} message
 */
export function replaceMessage(chat, message) {
  if (message.seq <= chat.floor) return;
  // What is held knows this change already, its quotes too.
  const isNews = message.changeSeq > chat.heldChange;
  for (const messages of [chat.messages, chat.part?.messages ?? []]) {
    const index = message.seq - (messages[0]?.seq ?? 0);
    const held = messages[index];
    // What one has written oneself is known by its own name, whoever lists it.
    if (held && isNewer(message, held)) {
      const state = withoutGone(chat, withQuote(chat, message));
      messages[index] = { ...state, clientId: message.clientId ?? held.clientId };
    }
    if (isNews && message.textSeq >= (held?.textSeq ?? 1)) renewQuotes(messages, message);
  }
  if (isNews && message.seq < (chat.messages[0]?.seq ?? 0)) chat.changedBefore.set(message.seq, message);
}

/**
 * A message with what it answers as that is now: the frame of an answer may come behind that of a change which it does
 * not know.
 * @param {Chat} chat
 * @param {Message} message
 * @returns {Message}
 */
export function withQuote(chat, message) {
  const seq = message.replyTo?.seq ?? 0;
  const answered = chat.messages[seq - (chat.messages[0]?.seq ?? 0)] ?? chat.changedBefore.get(seq);
  return answered?.textSeq ? { ...message, replyTo: quoteOf(answered) } : message;
}

/**
 * @param {Message[]} messages
 * @param {Message} message
 */
function renewQuotes(messages, message) {
  for (let index = messages.length - 1; index >= 0 && messages[index].seq > message.seq; index -= 1) {
    const answer = messages[index];
    if (answer.replyTo?.seq === message.seq) messages[index] = { ...answer, replyTo: quoteOf(message) };
  }
}

/**
 * Note that one change has come: the next one is held, one beyond it waits until those between are.
 * @param {Chat} chat
 * @param {number} changeSeq
 */
export function holdChange(chat, changeSeq) {
  if (changeSeq > chat.heldChange) chat.changesAhead.add(changeSeq);
  while (chat.changesAhead.delete(chat.heldChange + 1)) chat.heldChange += 1;
}

/**
 * The messages that are held were read anew: they know all changes up to this one, whatever was held before.
 * @param {Chat} chat
 * @param {number} changeSeq
 */
export function beginChanges(chat, changeSeq) {
  chat.heldChange = changeSeq;
  chat.changedBefore.clear();
  chat.provenChange = Infinity;
  holdChangesUpTo(chat, changeSeq);
}

/**
 * Note that all changes up to this one are held, of what is held now: not of what comes live behind it, or waits behind a
 * hole. It may have changed before, and is to be asked for when it is here.
 * @param {Chat} chat
 * @param {number} changeSeq
 */
export function holdChangesUpTo(chat, changeSeq) {
  if (changeSeq > chat.heldChange) chat.provenChange = Math.min(chat.provenChange, chat.heldChange);
  chat.heldChange = Math.max(chat.heldChange, changeSeq);
  for (const seq of chat.changesAhead) if (seq <= chat.heldChange) chat.changesAhead.delete(seq);
  holdChange(chat, 0);
}
