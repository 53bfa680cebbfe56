// What is known: chats, messages, people. No DOM, no network; whoever wants to know of a change listens.
import { countUnread, makeChat, resetChat, setPair, setSummary, toMessage } from "./chat.js";
import { append, appendToPart, begin, heldSeq, openPart, prepend } from "./runs.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./chat.js").RawChat} RawChat
 * @typedef {import("./chat.js").RawPair} RawPair
 * @typedef {import("./chat.js").RawSummary} RawSummary
 * @typedef {import("./outbox.js").Entry} Entry
 * @typedef {{ user_id: number, online: boolean, last_seen: string | null }} RawPresence
 * @typedef {{ chat_id: number, user_id: number, delivered_seq: number, read_seq: number }} RawReceipt
 */

export class Store {
  /** @type {{ id: number, username: string } | null} who is logged in; null until the server has said so */
  me = null;
  /** Whether the first chats of the list are here, and whether all are. */
  isLoaded = false;
  isComplete = false;
  /** @type {Map<number, Chat>} */
  chats = new Map();
  /** @type {Map<number, { online: boolean, lastSeen: number | null }>} */
  people = new Map();
  isReachable = true;
  /** @type {Entry[]} */
  waiting = [];
  /** @type {Map<number, RawSummary>} chats that `sync` has named before the list got to them */
  #unlisted = new Map();
  /** @type {Set<number>} chats that were asked for before anything was known of them */
  #wanted = new Set();
  #lowestRank = 0;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {() => void} listener */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  #changed() {
    for (const listener of this.#listeners) listener();
  }

  /** The id of who is logged in, or 0. */
  get myId() {
    return this.me?.id ?? 0;
  }

  /** @param {{ id: number, username: string }} me */
  setMe(me) {
    this.me = me;
  }

  /**
   * Take a page of the list: newest activity first, each chat with its latest messages. After the last page the list is
   * complete.
   * @param {RawChat[]} list
   * @param {{ isLast?: boolean }} [options]
   */
  addChats(list, { isLast = true } = {}) {
    // A chat without messages has its place between the others; where it is the first of all, above them.
    const newest = list.find((raw) => raw.messages.length)?.messages.at(-1);
    if (!this.isLoaded) this.#lowestRank = (newest ? Date.parse(newest.sent_at) : Date.now()) + list.length;
    for (const raw of list) {
      const chat = this.#getOrAdd(raw);
      const messages = raw.messages.map(toMessage);
      // A later answer (the first one failed half-way, say) must not undo what arrived live in between.
      if (heldSeq(chat) < (messages.at(-1)?.seq ?? 0)) {
        chat.messages = messages;
        chat.more = raw.more;
      }
      chat.rank = this.#lowestRank = messages.at(-1)?.at ?? this.#lowestRank - 1;
      setSummary(chat, raw, this.myId);
    }
    this.isLoaded = true;
    this.isComplete ||= isLast;
    // A chat with a new message goes to the top while the list is read page by page, and is on none of them.
    if (isLast) this.#bringAll(this.#unlisted.keys());
    this.#changed();
  }

  /**
   * Take a chat into the list that only `sync` has named so far; null where it has not (`settle` brings it then).
   * @param {number} id
   */
  bring(id) {
    const raw = this.#unlisted.get(id);
    if (!raw) {
      if (!this.isComplete) this.#wanted.add(id);
      return null;
    }
    this.#unlisted.delete(id);
    this.#wanted.delete(id);
    const chat = this.#getOrAdd(raw);
    if (!raw.last_seq) chat.rank = Date.now();
    setSummary(chat, raw, this.myId);
    return chat;
  }

  /**
   * Take the chats of `sync_done`, which are all there are: of those that were `known` when it began, one that is
   * missing does not exist any more. Returns the chats that have come into the list.
   * @param {RawSummary[]} list
   * @param {Iterable<number>} [known]
   */
  settle(list, known = [...this.chats.keys()]) {
    const named = new Set(list.map((raw) => raw.id));
    for (const id of known) if (!named.has(id)) this.chats.delete(id);
    for (const raw of list) {
      const chat = this.chats.get(raw.id);
      if (chat) setSummary(chat, raw, this.myId);
      else this.#unlisted.set(raw.id, raw);
    }
    const brought = this.#bringAll(this.isComplete ? this.#unlisted.keys() : this.#wanted);
    this.#changed();
    return brought;
  }

  /** @param {Iterable<number>} ids */
  #bringAll(ids) {
    return [...ids].map((id) => this.bring(id)).filter((chat) => chat !== null);
  }

  /**
   * @param {RawPair} raw
   * @param {number} [now]
   */
  addChat(raw, now = Date.now()) {
    const chat = this.#getOrAdd(raw);
    if (!chat.messages.length) chat.rank = now;
    this.#changed();
    return chat;
  }

  /** @param {RawPair} raw */
  #getOrAdd(raw) {
    let chat = this.chats.get(raw.id);
    if (!chat) {
      chat = makeChat(raw);
      this.chats.set(raw.id, chat);
      this.#unlisted.delete(raw.id);
    }
    return chat;
  }

  /**
   * Add messages at the end of a chat. Says what was `added` (in order, without doubles) and whether a `hole` was seen.
   * `reset` forgets what was held first: the server has gone back to an older state.
   * @param {number} chatId
   * @param {Message[]} messages
   * @param {{ reset?: boolean }} [options]
   */
  merge(chatId, messages, { reset = false } = {}) {
    const chat = this.chats.get(chatId);
    if (!chat) return { added: [], hole: true };
    if (reset) resetChat(chat);
    const added = append(chat, messages);
    for (const { from, seq } of added) {
      if (from === this.myId) continue;
      if (seq > chat.readSeq) chat.unread += 1;
      chat.typing = false;
    }
    if (added.length) countUnread(chat, this.myId);
    this.#changed();
    return { added, hole: chat.ahead.size > 0 };
  }

  /**
   * Change which messages of a chat are held; see the functions of `runs.js`.
   * @param {number} chatId
   * @param {(chat: Chat) => void} change
   */
  #changeRuns(chatId, change) {
    const chat = this.chats.get(chatId);
    if (!chat) return;
    change(chat);
    countUnread(chat, this.myId);
    this.#changed();
  }

  /** @type {(chatId: number, messages: Message[], more: boolean) => void} */
  begin = (chatId, messages, more) => this.#changeRuns(chatId, (chat) => begin(chat, messages, more));

  /** @type {(chatId: number, messages: Message[], more: boolean) => void} */
  prepend = (chatId, messages, more) => this.#changeRuns(chatId, (chat) => prepend(chat, messages, more));

  /** @type {(chatId: number, messages: Message[]) => void} */
  openPart = (chatId, messages) => this.#changeRuns(chatId, (chat) => openPart(chat, messages));

  /** @type {(chatId: number, messages: Message[]) => void} */
  appendPart = (chatId, messages) => this.#changeRuns(chatId, (chat) => appendToPart(chat, messages));

  /**
   * Go back to the run that ends with the newest message.
   * @param {Chat} chat
   */
  closePart(chat) {
    chat.part = null;
  }

  /**
   * A receipt: only ever forward.
   * @param {RawReceipt} raw
   */
  receipt({ chat_id: chatId, user_id: userId, delivered_seq: delivered, read_seq: read }) {
    const chat = this.chats.get(chatId);
    if (!chat) return;
    if (userId !== this.myId) {
      chat.otherDeliveredSeq = Math.max(chat.otherDeliveredSeq, delivered);
      chat.otherReadSeq = Math.max(chat.otherReadSeq, read);
    } else {
      chat.deliveredSeq = Math.max(chat.deliveredSeq, delivered);
      if (read > chat.readSeq) {
        chat.readSeq = read;
        if (read >= heldSeq(chat)) chat.unread = 0;
        countUnread(chat, this.myId);
      }
    }
    this.#changed();
  }

  /**
   * The other person of a chat has deleted their account, or this one has blocked them or taken it back elsewhere.
   * @param {RawPair} raw
   */
  changeChat(raw) {
    const chat = this.chats.get(raw.id);
    if (!chat) return;
    setPair(chat, raw);
    if (chat.blocked || chat.other.deleted) {
      chat.typing = false;
      this.people.delete(chat.other.id);
    }
    this.#changed();
  }

  /**
   * Take who is there: of everybody after the login of the connection, of one after each change.
   * @param {RawPresence[]} people
   */
  setPresence(people) {
    const gone = new Set();
    for (const { user_id: id, online, last_seen: lastSeen } of people) {
      this.people.set(id, { online, lastSeen: lastSeen ? Date.parse(lastSeen) : null });
      if (!online) gone.add(id);
    }
    for (const chat of this.chats.values()) if (gone.has(chat.other.id)) chat.typing = false;
    this.#changed();
  }

  /**
   * Whether somebody is known to be there now.
   * @param {number} userId
   */
  isOnline(userId) {
    return this.isReachable && this.people.get(userId)?.online === true;
  }

  /**
   * While the server does not reach its database, what was said of people may not hold any more.
   * @param {boolean} isReachable
   */
  setReachable(isReachable) {
    if (this.isReachable === isReachable) return;
    this.isReachable = isReachable;
    this.#changed();
  }

  /** Without a connection nobody knows who is there. */
  forgetPresence() {
    for (const person of this.people.values()) person.online = false;
    for (const chat of this.chats.values()) chat.typing = false;
    this.#changed();
  }

  /**
   * @param {number} chatId
   * @param {boolean} typing
   */
  setTyping(chatId, typing) {
    const chat = this.chats.get(chatId);
    if (!chat || chat.typing === typing) return;
    chat.typing = typing;
    this.#changed();
  }

  /**
   * Take what waits to be sent, from the outbox, oldest first.
   * @param {Entry[]} entries
   */
  setWaiting(entries) {
    this.waiting = entries;
    this.#changed();
  }
}
