// Asks the backend. The page's head preloads the first two answers, so that they are on their way while the script arrives.

/**
 * @typedef {import("./chat.js").RawChat} RawChat
 * @typedef {import("./chat.js").RawMessage} RawMessage
 * @typedef {{ user_id: number, username: string, token: string, ws_url: string }} Session
 * @typedef {{ chats: RawChat[], next: string | null }} ChatPage
 * @typedef {{ messages: RawMessage[], more: boolean, change_seq?: number }} MessagePage
 */

const LIMIT = 15_000;
const FIRST_CHATS = "?limit=50";

/** A refusal or a failure: `code` is the backend's, or "unreachable"; `wait` is in seconds. */
export class Refused extends Error {
  /**
   * @param {string} code
   * @param {number} [wait]
   */
  constructor(code, wait = 0) {
    super(code);
    this.code = code;
    this.wait = wait;
  }
}

/**
 * Ask the backend. Throws Refused.
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<{ body: any, headers: Headers }>}
 */
export async function ask(path, options = {}) {
  let answer;
  let body;
  try {
    answer = await fetch(`/backend/${path}`, { ...options, signal: AbortSignal.timeout(LIMIT) });
    body = await answer.json();
  } catch {
    throw new Refused(answer?.status === 503 ? "unavailable" : "unreachable");
  }
  if (!answer.ok) throw new Refused(body?.code ?? "unavailable", Number(answer.headers.get("Retry-After")) || 0);
  return { body, headers: answer.headers };
}

/**
 * The query of the next page, from a Link header (RFC 8288), or null where there is none.
 * @param {string | null} link
 */
export function nextQuery(link) {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/i.exec(link ?? "")?.[1];
  const query = target?.indexOf("?") ?? -1;
  return target && query >= 0 ? target.slice(query) : null;
}

/** @returns {Promise<Session>} */
export const getSession = async () => (await ask("get_session")).body;

/**
 * A page of the list, newest activity first; `next` is what to give for the one behind it.
 * @param {string} [query]
 * @returns {Promise<ChatPage>}
 */
export async function getChats(query = FIRST_CHATS) {
  const { body, headers } = await ask(`get_chats${query}`);
  return { chats: body, next: nextQuery(headers.get("Link")) };
}

/**
 * Change something of the account.
 * @param {string} endpoint
 * @param {object} fields
 */
export async function change(endpoint, fields) {
  const headers = { "Content-Type": "application/json" };
  await ask(endpoint, { method: "POST", headers, body: JSON.stringify(fields) });
}

/**
 * Block somebody, or take it back.
 * @param {number} userId
 * @param {boolean} blocked
 */
export const setBlocked = (userId, blocked) => change(blocked ? "e_block" : "e_unblock", { user_id: userId });

/**
 * @param {number} chatId
 * @param {string} from
 * @returns {Promise<MessagePage>}
 */
const getMessages = async (chatId, from) => (await ask(`get_messages?chat_id=${chatId}&${from}`)).body;

/**
 * The newest messages of a chat, oldest first.
 * @param {number} chatId
 * @param {number} limit
 */
export const getLatest = (chatId, limit) => getMessages(chatId, `limit=${limit}`);

/**
 * The messages of a chat just before `seq`, oldest first.
 * @param {number} chatId
 * @param {number} seq
 * @param {number} limit
 */
export const getOlder = (chatId, seq, limit) => getMessages(chatId, `before_seq=${seq}&limit=${limit}`);

/**
 * The messages of a chat just after `seq`, oldest first.
 * @param {number} chatId
 * @param {number} seq
 * @param {number} limit
 */
export const getNewer = (chatId, seq, limit) => getMessages(chatId, `after_seq=${seq}&limit=${limit}`);

/**
 * Whether the server reaches its database; null where it does not answer at all.
 * @returns {Promise<boolean | null>}
 */
export async function isHealthy() {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(LIMIT) })).ok;
  } catch {
    return null;
  }
}
