// Asks the backend. The page's head preloads the first two answers, so that they are on their way while the script arrives.
const LIMIT = 15_000;

/** A refusal or a failure: `code` is the backend's, or "unreachable". */
export class Refused extends Error {
  constructor(code, wait = 0) {
    super(code);
    this.code = code;
    this.wait = wait;
  }
}

async function ask(path, options = {}) {
  let answer;
  let body;
  try {
    answer = await fetch(`/backend/${path}`, { ...options, signal: AbortSignal.timeout(LIMIT) });
    body = await answer.json();
  } catch {
    throw new Refused(answer?.status === 503 ? "unavailable" : "unreachable");
  }
  if (!answer.ok) throw new Refused(body?.code ?? "unavailable", Number(answer.headers.get("Retry-After")) || 0);
  return body;
}

export const getSession = () => ask("get_session");
export const getChats = () => ask("get_chats");

/** Block somebody, or take it back. */
export const setBlocked = (userId, blocked) => ask(blocked ? "e_block" : "e_unblock", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ user_id: userId }) });

/** The messages of a chat just before `seq`, oldest first: `{ messages, more }`. */
export const getOlder = (chatId, seq, limit) => ask(`get_messages?chat_id=${chatId}&before_seq=${seq}&limit=${limit}`);

/** The messages of a chat just after `seq`, oldest first: `{ messages, more }`. */
export const getNewer = (chatId, seq, limit) => ask(`get_messages?chat_id=${chatId}&after_seq=${seq}&limit=${limit}`);

/** Whether the server reaches its database; null where it does not answer at all. */
export async function isHealthy() {
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(LIMIT) })).ok;
  } catch {
    return null;
  }
}
