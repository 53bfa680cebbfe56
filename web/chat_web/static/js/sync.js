// Fills what is missing: after each login of the connection, and whenever a jump in `seq` or `change_seq` is seen.
import { toMessage } from "./chat.js";
import { hasHole, heldSeq, isFetched } from "./runs.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./chat.js").RawMessage} RawMessage
 * @typedef {import("./chat.js").RawSummary} RawSummary
 * @typedef {import("./store.js").Store} Store
 * @typedef {object} SyncChat
 * @property {RawSummary} chat
 * @property {RawMessage[]} messages
 * @property {boolean} more
 * @property {boolean} [reset]
 * @property {RawMessage[]} [changes]
 * @property {number} [change_seq]
 */

const LIMIT = 20_000;

/**
 * What is held of every chat that is fetched: all messages up to a `seq`, all changes of these up to a `change_seq`. The
 * others are not named: the server would begin them at 1.
 * @param {Map<number, Chat>} chats
 * @returns {Record<string, [number, number]>}
 */
export const held = (chats) =>
  Object.fromEntries([...chats.values()].filter(isFetched).map((chat) => [chat.id, [heldSeq(chat), chat.heldChange]]));

export class Sync {
  #store;
  #send;
  #clock;
  #isSame;
  #running = false;
  #again = false;
  /** @type {import("./clock.js").Timer} */
  #timer = 0;
  /** @type {Record<string, [number, number]>} what was held when the question was asked */
  #asked = {};
  /** @type {number[]} */
  #known = [];
  /** @type {RawSummary[]} */
  #parts = [];
  /** @type {Set<number>} */
  #unfinished = new Set();
  /** @type {Chat[]} */
  #lacking = [];

  /**
   * `send` gives a frame to the connection and says whether it went out; `isSame(epoch)` says whether what is held belongs
   * to the server (where not, all begins anew).
   * @param {object} parts
   * @param {Store} parts.store
   * @param {(frame: object) => boolean} parts.send
   * @param {import("./clock.js").Clock} parts.clock
   * @param {(epoch: string | undefined) => boolean} [parts.isSame]
   */
  constructor({ store, send, clock, isSame = () => true }) {
    this.#store = store;
    this.#send = send;
    this.#clock = clock;
    this.#isSame = isSame;
  }

  /** Ask for what is missing. While one question is open, remember to ask once more after it. */
  ask() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    const chats = held(this.#store.chats);
    this.#asked = chats;
    this.#known = [...this.#store.chats.keys()];
    this.#parts = [];
    this.#unfinished.clear();
    this.#running = this.#send({ type: "sync", chats, only: true });
    this.#again = false;
    this.#clock.cancel(this.#timer);
    if (this.#running) this.#timer = this.#clock.after(LIMIT, () => this.restart());
  }

  /** A new connection knows nothing of a question asked on the old one. */
  restart() {
    this.#running = false;
    this.ask();
  }

  stop() {
    this.#running = false;
    this.#clock.cancel(this.#timer);
  }

  /**
   * Take the refusal of a question (`rate_limited`, `unavailable`): ask again when the server says.
   * @param {{ retry_after?: number }} raw
   */
  refused({ retry_after: seconds = 2 }) {
    if (!this.#running) return;
    this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.after(1000 * seconds, () => this.restart());
  }

  /**
   * Take one `sync_chat`; says which messages were new.
   * @param {SyncChat} frame
   * @returns {Message[]}
   */
  take({ chat: raw, messages: rawMessages, more, reset, changes = [], change_seq: changeSeq = 0 }) {
    if (!this.#running) return [];
    const messages = rawMessages.map(toMessage);
    if (reset) {
      this.#again ||= this.#hasMoved(raw.id);
      this.#store.restart(raw, messages, changeSeq);
      return messages;
    }
    if (!this.#store.chats.has(raw.id)) this.#store.addChat(raw, 0);
    this.#store.raiseFloor(raw.id, raw.floor ?? 0);
    const { added } = this.#store.merge(raw.id, [...changes.map(toMessage), ...messages]);
    this.#holdChanges(raw.id, changeSeq, messages.at(-1)?.seq ?? 0);
    if (more) {
      this.#again = true;
      this.#unfinished.add(raw.id);
    }
    return added;
  }

  /**
   * Whether something has come live since the question: with a reset it counts for nothing, too, and is asked for.
   * @param {number} chatId
   */
  #hasMoved(chatId) {
    const chat = this.#store.chats.get(chatId);
    const [seq, changeSeq] = this.#asked[chatId] ?? [0, 0];
    return chat !== undefined && (heldSeq(chat) !== seq || chat.heldChange !== changeSeq || hasHole(chat));
  }

  /**
   * All changes up to `changeSeq` are held now, of what the question named and of what has come with them. Of a message
   * that came meanwhile some may have been lost: they are asked for.
   * @param {number} chatId
   * @param {number} changeSeq
   * @param {number} lastSeq
   */
  #holdChanges(chatId, changeSeq, lastSeq) {
    const chat = this.#store.chats.get(chatId);
    if (!chat || changeSeq <= chat.heldChange) return;
    const reach = Math.max(lastSeq, this.#asked[chatId]?.[0] ?? 0);
    if (heldSeq(chat) <= reach) this.#store.holdChanges(chatId, changeSeq);
    else this.#again = true;
  }

  /**
   * Take `sync_done`, or a part of it; returns the chats whose newest messages are to be fetched: those that have come into
   * the list by it, and those of which all that was held is gone; also those that did not come last time. Ask again where a chat has more, unless nothing has moved
   * (that would never end).
   * @param {{ chats: RawSummary[], more?: boolean, epoch?: string }} frame
   */
  done(frame) {
    if (!this.#isSame(frame.epoch)) {
      this.stop();
      return [];
    }
    this.#parts.push(...frame.chats);
    if (frame.more) return [];
    this.#clock.cancel(this.#timer);
    this.#running = false;
    const brought = this.#store.settle(this.#parts, this.#known);
    const named = Object.keys(this.#asked).flatMap((id) => this.#store.chats.get(Number(id)) ?? []);
    this.#lacking = [...new Set([...brought, ...named, ...this.#lacking])].filter((chat) => this.#lacks(chat));
    for (const chat of named) this.#prove(chat);
    const behind = this.#parts.some((raw) => this.#isBehind(raw));
    const moved = JSON.stringify(held(this.#store.chats)) !== JSON.stringify(this.#asked);
    this.#parts = [];
    if (this.#again || behind) {
      if (moved) this.ask();
      else this.#timer = this.#clock.after(2000, () => this.ask());
    }
    return this.#lacking;
  }

  /**
   * The answer has brought all there was of a chat: what comes next was written behind the changes that it knew.
   * @param {Chat} chat
   */
  #prove(chat) {
    if (!this.#unfinished.has(chat.id) && !chat.ahead.size) chat.provenChange = Infinity;
  }

  /** @param {Chat} chat */
  #lacks(chat) {
    return !isFetched(chat) && this.#store.chats.get(chat.id) === chat;
  }

  /** @param {RawSummary} raw */
  #isBehind(raw) {
    const chat = this.#store.chats.get(raw.id);
    if (chat === undefined || !isFetched(chat)) return false;
    return raw.last_seq > heldSeq(chat) || (raw.change_seq ?? 0) > chat.heldChange;
  }
}
