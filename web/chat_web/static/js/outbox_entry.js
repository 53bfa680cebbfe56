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
 */

/** @typedef {Pick<Entry, "kind" | "seq" | "emoji" | "base" | "was" | "replyTo">} Details */

/** A client id no other message has. (crypto.randomUUID does not exist on plain http.) */
export function makeClientId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The frame that says it to the server.
 * @param {Entry} entry
 */
export function frameOf({ kind, clientId, chatId, text, seq, emoji = null, base, replyTo }) {
  const which = { chat_id: chatId, client_id: clientId };
  if (kind === "edit") return { type: "edit_message", ...which, seq, message: text, base };
  if (kind === "delete") return { type: "delete_message", ...which, seq };
  if (kind === "react") return { type: "react", ...which, seq, emoji };
  return { type: "send_message", ...which, message: text, ...(replyTo ? { reply_to_seq: replyTo.seq } : {}) };
}
