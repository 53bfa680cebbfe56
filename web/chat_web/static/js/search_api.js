// Asks the backend for what contains a text, and for the first message since a moment.
import { ask } from "./api.js";
import { toMessage } from "./chat.js";

/**
 * A message that was found, with its chat.
 * @typedef {import("./chat.js").Message & { chatId: number, name: string | null }} Found
 * @typedef {{ q: string, chatId: number }} Query `chatId` 0: all chats
 * @typedef {{ found: Found[], cursor: string | null, backTo: number | null }} Answer `cursor` is null where all was searched
 * @typedef {import("./chat.js").RawMessage & { chat_id: number, username: string | null }} RawFound
 */

/**
 * @param {RawFound} raw
 * @returns {Found}
 */
const toFound = (raw) => ({ ...toMessage(raw), chatId: raw.chat_id, name: raw.username });

/**
 * Messages that contain a text, newest first in each chat; `cursor` goes on where another answer ended.
 * @param {Query} query
 * @param {string | null} cursor
 * @returns {Promise<Answer>}
 */
export async function search({ q, chatId }, cursor) {
  const fields = { q, chat_id: chatId || undefined, before: cursor ?? undefined };
  const headers = { "Content-Type": "application/json" };
  const { body } = await ask("search", { method: "POST", headers, body: JSON.stringify(fields) });
  const backTo = body.searched_back_to ? Date.parse(body.searched_back_to) : null;
  return { found: body.found.map(toFound), cursor: body.searched_to, backTo };
}

/**
 * The first message of a chat since a moment, the last one where nothing was written since; null where there is none.
 * @param {number} chatId
 * @param {Date} moment
 */
export async function firstSince(chatId, moment) {
  const { body } = await ask(`get_messages?chat_id=${chatId}&around_date=${moment.toISOString()}&limit=1`);
  return body.messages.length ? toMessage(body.messages[0]) : null;
}
