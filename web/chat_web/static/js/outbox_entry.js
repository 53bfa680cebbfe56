// What waits in the outbox: messages, and changes of messages. And how each is said to the server.

/**
 * A message, or a change of one, on its way. The client id stays the same through every retry, so that the server does it
 * once however often it is sent.
 * @typedef {object} Entry
 * @property {string} clientId
 * @property {number} userId
 * @property {number} chatId
 * @property {string} text of a message or an edit; else ""
 * @property {number} at milliseconds
 * @property {number} [order] its place in what is kept; none before it is kept
 * @property {"waiting" | "failed"} state
 * @property {string | null} code why it has failed
 * @property {number} [sentAt] when it was sent first; no answer has come since
 * @property {string | null} [epoch] that of the server when it was written
 * @property {string} [to] the name of who it was written to
 * @property {import("./chat.js").Quote | null} [replyTo] what a message answers
 * @property {"edit" | "delete" | "react"} [kind] what is to be done to the message of number `seq`; none: send this one
 * @property {number} [seq]
 * @property {string | null} [emoji] the reaction; null takes it back
 * @property {number} [base] the `text_seq` of the text that was edited
 * @property {string} [was] that text, where an earlier change of it waited
 * @property {SentFile[]} [files] what goes with a message
 * @property {boolean} [isAgain] the server had lost its files, and they were brought once more
 */

/**
 * A file of a message that waits: the client id of its upload, and what is shown of it.
 * @typedef {Pick<import("./upload_entry.js").Prepared, "clientId" | "name" | "type" | "duration"> & { size: number }} SentFile
 */

/** @typedef {Pick<Entry, "kind" | "seq" | "emoji" | "base" | "was" | "replyTo" | "files">} Details */

/** A client id no other message has. (crypto.randomUUID does not exist on plain http.) */
export function makeClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Pick<Entry, "clientId" | "userId" | "chatId" | "text" | "at">} known
 * @param {Partial<Entry>} more
 * @returns {Entry}
 */
export const makeEntry = (known, more) => ({ ...known, state: "waiting", code: null, ...more });

/**
 * What is kept, in its order, as entries of one tab: those that it knows already stay the same objects. What it has added
 * and not yet written is in no answer: it stays, at the end. What it has just `dropped` may still be in one: it stays away.
 * @param {Entry[]} kept
 * @param {Entry[]} before
 * @param {Set<string>} dropped
 */
export function mergeKept(kept, before, dropped) {
  const known = new Map(before.map((entry) => [entry.clientId, entry]));
  const fresh = before.filter((entry) => !entry.order);
  const away = new Set([...dropped, ...fresh.map((entry) => entry.clientId)]);
  const entries = kept.filter((entry) => !away.has(entry.clientId));
  /** @type {Entry[]} */
  const merged = entries.map((entry) => {
    const { state, code, order } = entry;
    const same = known.get(entry.clientId) ?? entry;
    return Object.assign(same, { state, code, order, sentAt: same.sentAt ?? entry.sentAt });
  });
  return merged.concat(fresh);
}

/** @param {Entry} entry */
export const uploadsOf = ({ files = [] }) => files.map((one) => one.clientId);

/**
 * The frame that says it to the server; `files` are the server's ids of those that go with it.
 * @param {Entry} entry
 * @param {number[]} [files]
 */
export function frameOf({ kind, clientId, chatId, text, seq, emoji = null, base, replyTo }, files = []) {
  const which = { chat_id: chatId, client_id: clientId };
  if (kind === "edit") return { type: "edit_message", ...which, seq, message: text, base };
  if (kind === "delete") return { type: "delete_message", ...which, seq };
  if (kind === "react") return { type: "react", ...which, seq, emoji };
  const more = { ...(replyTo ? { reply_to_seq: replyTo.seq } : {}), ...(files.length ? { files } : {}) };
  return { type: "send_message", ...which, message: text, ...more };
}
