// Keeps the newest chats in the browser's database: written when nothing else is to be done; but what was edited, deleted
// or cleared is written at once, so that its text is not kept any longer.
import { makeChat } from "./chat.js";
import { FIRST_PURGE } from "./chat_settings.js";
import { soon } from "./clock.js";
import { activityOf } from "./list_order.js";
import { withoutGone } from "./message_changes.js";
import { done, forgetKept, KEPT, openDatabase } from "./storage.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./store.js").Store} Store
 * @typedef {Omit<Chat, "ahead" | "provenChange" | "part" | "changesAhead" | "changedBefore" | "typing">} KeptChat
 * @typedef {{ id: number, username: string }} Me
 * @typedef {{ key: "owner", me: Me, shape: string, mark: string }} Owner
 */

const CHATS = 50;
const MESSAGES = 50;
const LETTERS = 100_000;
const LAZY = 2000;
// The page of another release may mean something else by what it keeps. (The address names the release.)
const SHAPE = import.meta.url;

/**
 * What is kept of a chat: its newest messages, and what is known of it.
 * @param {Chat} chat
 * @returns {KeptChat}
 */
export function keptOf(chat) {
  const { ahead: _1, provenChange: _2, part: _3, changesAhead: _4, changedBefore: _5, typing: _6, ...held } = chat;
  const { messages, ...known } = held;
  let first = messages.length;
  for (let letters = 0; first > 0 && messages.length - first < MESSAGES; first -= 1) {
    letters += messages[first - 1].content.length;
    if (letters > LETTERS) break;
  }
  return { ...known, messages: messages.slice(first), more: known.more || first > 0 };
}

/**
 * What of a chat may still be shown: it may have been kept here for longer than the chat keeps its messages. The server
 * says what is really gone, so the chat has the same floor as before.
 * @param {KeptChat} kept
 * @param {number} now
 */
function withoutDue(kept, now) {
  const { messages, keepSeconds } = kept;
  // One that is not among them was chosen before.
  const chosenAt = (messages.findLast(({ keep }) => keep) ?? messages[0])?.at ?? 0;
  if (keepSeconds === null || now < chosenAt + FIRST_PURGE) return kept;
  const left = messages.filter(({ at }) => now < at + keepSeconds * 1000);
  if (left.length === messages.length) return kept;
  const floor = messages[messages.length - left.length - 1].seq;
  return { ...kept, messages: left.map((message) => withoutGone({ floor }, message)), more: true };
}

/**
 * The chat that was kept.
 * @param {KeptChat} kept
 * @param {number} [now]
 * @returns {Chat}
 */
export const chatOf = (kept, now = Date.now()) =>
  Object.assign(makeChat({ id: kept.id, other_user: kept.other, blocked: kept.blocked }), withoutDue(kept, now));

/**
 * The chats to keep: those in which something has happened last.
 * @param {Store} store
 */
export const newestOf = (store) =>
  [...store.chats.values()].sort((a, b) => activityOf(store, b) - activityOf(store, a)).slice(0, CHATS);

/**
 * Whether a chat is not the one any more that was kept.
 * @param {Chat} chat
 * @param {KeptChat | undefined} kept
 */
export function hasMoved(chat, kept) {
  if (!kept) return true;
  const { messages, ...known } = keptOf(chat);
  const { messages: before, ...knownBefore } = kept;
  if (messages.length !== before.length || messages.some((one, at) => one !== before[at])) return true;
  return JSON.stringify(known) !== JSON.stringify(knownBefore);
}

/**
 * Whether something that was kept of a chat is not to be kept any longer: a text has changed, or is gone.
 * @param {Chat | undefined} chat
 * @param {KeptChat} kept
 */
export function isStale(chat, kept) {
  if (!chat) return true;
  const first = chat.messages[0]?.seq ?? 0;
  return kept.messages.some((one) => chat.messages[one.seq - first] !== one);
}

/** @param {IDBDatabase} database */
function build(database) {
  database.createObjectStore("chats", { keyPath: "id" });
  database.createObjectStore("owner", { keyPath: "key" });
}

/**
 * Run something with the database, which is closed again: nobody who wants to throw it away has to wait.
 * @template T
 * @param {(transaction: IDBTransaction) => Promise<T>} run
 * @returns {Promise<T>}
 */
async function inDatabase(run) {
  const database = await openDatabase(KEPT, build);
  try {
    const transaction = database.transaction(["owner", "chats"], "readwrite");
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const [result] = await Promise.all([run(transaction), ended]);
    return result;
  } finally {
    database.close();
  }
}

/**
 * What is kept of a user; null where there is nothing, or it is another one's.
 * @param {number} userId
 */
export const readKept = (userId) =>
  inDatabase(async (transaction) => {
    /** @type {Owner | undefined} */
    const owner = await done(transaction.objectStore("owner").get("owner"));
    if (owner?.me.id !== userId || owner.shape !== SHAPE) return null;
    const chats = await done(transaction.objectStore("chats").getAll());
    return { me: owner.me, chats: chats.map((chat) => chatOf(chat)) };
  });

export class Keeper {
  #store;
  #isLeader;
  #isWanted;
  /** @type {Map<number, KeptChat>} what this tab has written */
  #written = new Map();
  #mark = "";
  #isWriting = false;
  #again = false;
  #isBroken = false;

  /**
   * `isWanted()` says whether anything is to be kept; `isLeader()` whether this tab writes what is not urgent.
   * @param {{ store: Store, isLeader: () => boolean, isWanted: () => boolean }} parts
   */
  constructor({ store, isLeader, isWanted }) {
    this.#store = store;
    this.#isLeader = isLeader;
    this.#isWanted = isWanted;
    store.onChange(() => this.notice());
    document.addEventListener("visibilitychange", () => document.hidden && isLeader() && this.#write());
    this.notice();
  }

  /** Something may have changed: keep it soon, and at once where it takes away what is kept. */
  notice() {
    for (const [id, kept] of this.#written) if (isStale(this.#store.chats.get(id), kept)) return void this.#write();
    this.#lazily();
  }

  /** What was kept is gone. */
  forget() {
    this.#written.clear();
    this.#mark = "";
  }

  #lazily = soon(LAZY, () => {
    if (!this.#isLeader()) return;
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => this.#write(), { timeout: LAZY });
    else this.#write();
  });

  /** Write what has changed. One after the other: what changes meanwhile is written behind it. */
  async #write() {
    if (this.#isWriting) {
      this.#again = true;
      return;
    }
    this.#isWriting = true;
    try {
      do {
        this.#again = false;
        if (this.#isDue()) await inDatabase((one) => this.#put(one));
      } while (this.#again);
    } catch {
      // What cannot be renewed must not stay: the disk is full, say.
      this.#isBroken = true;
      this.forget();
      forgetKept();
    } finally {
      this.#isWriting = false;
    }
  }

  /** Whether the chats to keep are not those any more that this tab has written; most of what happens changes none. */
  #isDue() {
    if (this.#isBroken || !this.#isWanted() || !this.#store.isListed) return false;
    if (!this.#mark) return true;
    const chats = newestOf(this.#store);
    return chats.length !== this.#written.size || chats.some((chat) => hasMoved(chat, this.#written.get(chat.id)));
  }

  /** @param {IDBTransaction} transaction */
  async #put(transaction) {
    const me = this.#store.me;
    const [owners, rows] = [transaction.objectStore("owner"), transaction.objectStore("chats")];
    /** @type {Owner | undefined} */
    const owner = await done(owners.get("owner"));
    const isMine = me && owner?.me.id === me.id && owner.shape === SHAPE;
    if (!isMine) rows.clear();
    // Another tab may have thrown away what this one had written.
    if (!isMine || owner.mark !== this.#mark) this.#written.clear();
    this.#mark = isMine ? owner.mark : String(Math.random());
    if (!isMine) owners.put({ key: "owner", me, shape: SHAPE, mark: this.#mark });
    const chats = newestOf(this.#store);
    for (const chat of chats) {
      if (!hasMoved(chat, this.#written.get(chat.id))) continue;
      const kept = keptOf(chat);
      this.#written.set(chat.id, kept);
      rows.put(kept);
    }
    const ids = new Set(chats.map((chat) => chat.id));
    for (const key of await done(rows.getAllKeys())) {
      const id = Number(key);
      if (ids.has(id)) continue;
      rows.delete(id);
      this.#written.delete(id);
    }
  }
}
