// What is known: chats, messages, people. No DOM, no network; whoever wants to know of a change listens.
import { countUnread, makeChat, resetChat, setPair, setSummary, takeReceipt, toMessage } from "./chat.js";
import { Early } from "./early.js";
import { beginChanges, holdChange, holdChangesUpTo, replaceMessage } from "./message_changes.js";
import { People } from "./people.js";
import { append, appendToPart, begin, beginOrGoOn, openPart, prepend, raiseFloor } from "./runs.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./chat.js").RawChat} RawChat
 * @typedef {import("./chat.js").RawPair} RawPair
 * @typedef {import("./chat.js").RawSummary} RawSummary
 * @typedef {import("./outbox_entry.js").Entry} Entry
 * @typedef {{ chat_id: number, user_id: number, delivered_seq: number, read_seq: number }} RawReceipt
 */

export class Store extends People {
  /** Whether there are chats to show, whether those of the server's list are among them, and whether all are. */
  isLoaded = false;
  isListed = false;
  isComplete = false;
  /** @type {Entry[]} */
  waiting = [];
  /** @type {Map<number, RawSummary>} chats that `sync` has named before the list got to them */
  #unlisted = new Map();
  /** @type {Set<number>} chats that were asked for before anything was known of them */
  #wanted = new Set();
  #early = new Early();
  #lowestRank = 0;

  /**
   * Show chats that this browser has kept, until those of the list are here. They are held as they were: what has become
   * of them since is asked for like what happens during a pause of the connection.
   * @param {{ me: { id: number, username: string }, chats: Chat[] }} kept
   */
  takeKept({ me, chats }) {
    this.me = me;
    for (const chat of chats) this.chats.set(chat.id, chat);
    this.isLoaded = true;
    this.changed();
  }

  /** Forget all chats: a backup was restored, and what is held may never have been. */
  forget() {
    for (const known of [this.chats, this.#unlisted, this.#wanted, this.#early]) known.clear();
    this.isLoaded = this.isListed = this.isComplete = false;
    this.changed();
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
    if (!this.isListed) this.#lowestRank = (newest ? Date.parse(newest.sent_at) : Date.now()) + list.length;
    for (const raw of list) {
      const chat = this.#getOrAdd(raw);
      const messages = raw.messages.map(toMessage);
      beginOrGoOn(chat, { messages, more: raw.more, changeSeq: raw.change_seq ?? 0 });
      chat.rank = this.#lowestRank = messages.at(-1)?.at ?? this.#lowestRank - 1;
      this.#summarize(chat, raw);
    }
    this.isLoaded = this.isListed = true;
    this.isComplete ||= isLast;
    // A chat with a new message goes to the top while the list is read page by page, and is on none of them.
    if (isLast) this.#bringAll(this.#unlisted.keys());
    this.changed();
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
    this.#summarize(chat, raw);
    return chat;
  }

  /**
   * @param {Chat} chat
   * @param {RawSummary} raw
   */
  #summarize(chat, raw) {
    raiseFloor(chat, raw.floor ?? 0);
    setSummary(chat, raw, this.myId);
    // Where no message is there, none of those to come has one of these changes.
    const changeSeq = raw.change_seq ?? 0;
    if (!chat.messages.length && raw.last_seq <= (raw.floor ?? 0) && changeSeq > chat.heldChange)
      beginChanges(chat, changeSeq);
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
      if (chat) this.#summarize(chat, raw);
      else this.#unlisted.set(raw.id, raw);
    }
    const brought = this.#bringAll(this.isComplete ? this.#unlisted.keys() : this.#wanted);
    this.changed();
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
    this.changed();
    return chat;
  }

  /** @param {RawPair} raw */
  #getOrAdd(raw) {
    let chat = this.chats.get(raw.id);
    if (!chat) {
      chat = makeChat(raw);
      this.chats.set(raw.id, chat);
      this.#unlisted.delete(raw.id);
      this.#early.give(chat);
    }
    return chat;
  }

  /**
   * Take messages as they are now: those that follow what is held are added at the end, later states of others replace
   * them. Says what was `added` (in order, without doubles) and whether a `hole` was seen.
   * @param {number} chatId
   * @param {Message[]} messages
   */
  merge(chatId, messages) {
    const chat = this.chats.get(chatId);
    if (!chat) {
      this.#early.add(chatId, messages);
      return { added: [], hole: true };
    }
    for (const message of messages) if (message.changeSeq) replaceMessage(chat, message);
    const added = append(chat, messages);
    for (const { from, seq } of added) {
      if (from === this.myId) continue;
      if (seq > chat.readSeq) chat.unread += 1;
      chat.typing = false;
    }
    if (added.length) countUnread(chat, this.myId);
    this.changed();
    return { added, hole: chat.ahead.size > 0 };
  }

  /**
   * Take a message that has just changed; as `merge`. A change that is not the next one is a hole, too.
   * @param {number} chatId
   * @param {Message} message
   */
  change(chatId, message) {
    const { added, hole } = this.merge(chatId, [message]);
    const chat = this.chats.get(chatId);
    if (!chat) return { added, hole };
    holdChange(chat, message.changeSeq);
    countUnread(chat, this.myId);
    return { added, hole: hole || chat.changesAhead.size > 0 };
  }

  /** @type {(chatId: number, changeSeq: number) => void} all changes of what is held of a chat are held up to this one */
  holdChanges = (chatId, changeSeq) => {
    const chat = this.chats.get(chatId);
    if (chat) holdChangesUpTo(chat, changeSeq);
  };

  /**
   * Forget what is held of a chat, and begin with its latest messages (oldest first): what was held counts for nothing.
   * @param {RawSummary} raw
   * @param {Message[]} messages
   * @param {number} changeSeq
   */
  restart(raw, messages, changeSeq) {
    const chat = this.#getOrAdd(raw);
    resetChat(chat);
    this.#summarize(chat, raw);
    begin(chat, { messages, more: (messages[0]?.seq ?? 0) > chat.floor + 1, changeSeq });
    countUnread(chat, this.myId);
    this.changed();
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
    this.changed();
  }

  /**
   * Messages of a chat up to `floor` are gone.
   * @type {(chatId: number, floor: number) => void}
   */
  raiseFloor = (chatId, floor) => {
    if (!this.chats.has(chatId)) this.#early.raiseFloor(chatId, floor);
    this.#changeRuns(chatId, (chat) => raiseFloor(chat, floor));
  };

  /**
   * Hold the newest messages of a chat of which none were held; they know all changes up to `changeSeq`.
   * @type {(chatId: number, messages: Message[], more: boolean, changeSeq?: number) => void}
   */
  begin = (chatId, messages, more, changeSeq = 0) =>
    this.#changeRuns(chatId, (chat) => {
      if (!chat.messages.length) begin(chat, { messages, more, changeSeq });
    });

  /** @type {(chatId: number, messages: Message[], more: boolean) => void} */
  prepend = (chatId, messages, more) => this.#changeRuns(chatId, (chat) => prepend(chat, messages, more));

  /** @type {(chatId: number, messages: Message[]) => void} */
  openPart = (chatId, messages) => this.#changeRuns(chatId, (chat) => openPart(chat, messages));

  /** @type {(chatId: number, messages: Message[]) => void} */
  appendPart = (chatId, messages) => this.#changeRuns(chatId, (chat) => appendToPart(chat, messages));

  /** @type {(chat: Chat) => void} go back to the run that ends with the newest message */
  closePart = (chat) => {
    chat.part = null;
  };

  /**
   * A receipt: only ever forward.
   * @param {RawReceipt} raw
   */
  receipt({ chat_id: chatId, user_id: userId, delivered_seq: delivered, read_seq: read }) {
    const chat = this.chats.get(chatId);
    if (!chat) return;
    takeReceipt(chat, { delivered, read, isMine: userId === this.myId }, this.myId);
    this.changed();
  }

  /**
   * The other person of a chat has deleted their account, or this one has blocked them or taken it back elsewhere; or
   * something was set of it: then the whole chat is there.
   * @param {RawPair | RawSummary} raw
   */
  changeChat(raw) {
    const chat = this.chats.get(raw.id);
    if ("last_seq" in raw && this.#unlisted.has(raw.id)) this.#unlisted.set(raw.id, raw);
    if (!chat) return;
    if ("last_seq" in raw) this.#summarize(chat, raw);
    else setPair(chat, raw);
    if (chat.blocked || chat.other.deleted) {
      chat.typing = false;
      this.people.delete(chat.other.id);
    }
    this.changed();
  }

  /** @type {(entries: Entry[]) => void} take what waits to be sent, from the outbox, oldest first */
  setWaiting = (entries) => {
    this.waiting = entries;
    this.changed();
  };
}
