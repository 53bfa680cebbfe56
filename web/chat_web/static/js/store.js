// What is known: chats, messages, people. No DOM, no network; whoever wants to know of a change listens.
//
// Of each chat an unbroken run of messages is held, from some `seq` up to `heldSeq`. What arrives beyond a hole waits in
// `ahead` until `sync` has filled it, so that nobody ever sees a chat with a hole in it. Who left off long before that run
// reads in a second one, `part`, which grows at both ends until it meets the first one and becomes one with it.

import { t } from "./i18n.js";

export const toMessage = (raw) => ({
  seq: raw.seq,
  from: raw.sender_id ?? raw.from,
  content: raw.content ?? raw.message,
  at: Date.parse(raw.sent_at),
  clientId: raw.client_id ?? null,
  problem: raw.problem ?? null,
});

/** What is wrong with a message, in words; "" where nothing is. */
export const problemOf = (message) => ({ damaged: t("This message is damaged"), not_verified: t("This message could not be verified") })[message.problem] ?? "";

/** A message where there is room for one line of it. What is not verified is nobody's words. */
export const briefOf = (message) => problemOf(message) || message.content;

/** A person as others see them. An account that is deleted has no name any more; its conversations stay. */
const toUser = (raw) => ({ id: raw.id, username: raw.username ?? t("Deleted account"), deleted: !raw.username });

export const heldSeq = (chat) => chat.messages.at(-1)?.seq ?? 0;

/** The unbroken run of messages that is read now, as `{ messages, more }`; `more`: there are older ones. */
export const runOf = (chat) => chat.part ?? chat;

export class Store {
  me = null;
  loaded = false;
  chats = new Map();
  people = new Map();
  isReachable = true;
  waiting = [];
  #listeners = new Set();

  onChange(listener) {
    this.#listeners.add(listener);
  }

  changed() {
    for (const listener of this.#listeners) listener();
  }

  /** Take the answer of get_chats: newest activity first, each with its latest messages. */
  setChats(list) {
    let rank = 0;
    for (const raw of list.toReversed()) {
      const chat = this.#chat(raw);
      const messages = raw.messages.map(toMessage);
      // A later answer (the first one failed half-way, say) must not undo what arrived live in between.
      if (heldSeq(chat) < (messages.at(-1)?.seq ?? 0)) {
        chat.messages = messages;
        chat.more = raw.more;
      }
      rank = Math.max(rank + 1, messages.at(-1)?.at ?? 0);
      chat.rank = rank;
      this.#update(chat, raw);
    }
    this.loaded = true;
    this.changed();
  }

  /** Take the chats of `sync_done`, which are all there are: one that is missing does not exist any more. */
  settle(list) {
    const known = new Set(list.map((raw) => raw.id));
    for (const id of this.chats.keys()) if (!known.has(id)) this.chats.delete(id);
    for (const raw of list) this.#update(this.#chat(raw), raw);
    this.loaded = true;
    this.changed();
  }

  addChat(raw, now = Date.now()) {
    const chat = this.chats.get(raw.id) ?? this.#chat(raw);
    if (!chat.messages.length) chat.rank = now;
    this.changed();
    return chat;
  }

  #chat(raw) {
    let chat = this.chats.get(raw.id);
    if (!chat) {
      chat = { id: raw.id, other: toUser(raw.other_user), blocked: false, messages: [], ahead: new Map(), more: false, part: null, unread: 0, lastSeq: 0, rank: 0, typing: false, deliveredSeq: 0, readSeq: 0, otherDeliveredSeq: 0, otherReadSeq: 0 };
      this.chats.set(raw.id, chat);
    }
    return chat;
  }

  #update(chat, raw) {
    chat.other = toUser(raw.other_user);
    chat.blocked = raw.blocked === true;
    chat.lastSeq = raw.last_seq;
    chat.otherDeliveredSeq = Math.max(chat.otherDeliveredSeq, raw.other_delivered_seq);
    chat.otherReadSeq = Math.max(chat.otherReadSeq, raw.other_read_seq);
    chat.deliveredSeq = Math.max(chat.deliveredSeq, raw.delivered_seq);
    if (raw.read_seq >= chat.readSeq) {
      chat.readSeq = raw.read_seq;
      chat.unread = raw.unread;
    }
    this.#count(chat);
  }

  /** Count the unread ones where all of them are held; elsewhere the server's number stands. */
  #count(chat) {
    if (chat.messages.length ? chat.messages[0].seq > chat.readSeq + 1 : chat.lastSeq) return;
    chat.unread = 0;
    for (let at = chat.messages.length - 1; at >= 0 && chat.messages[at].seq > chat.readSeq; at -= 1) {
      if (chat.messages[at].from !== this.me.id) chat.unread += 1;
    }
  }

  /**
   * Add messages at the end of a chat. Says what was `added` (in order, without doubles) and whether a `hole` was seen.
   * `reset` forgets what was held first: the server has gone back to an older state.
   */
  merge(chatId, messages, { reset = false } = {}) {
    const chat = this.chats.get(chatId);
    if (!chat) return { added: [], hole: true };
    if (reset) {
      Object.assign(chat, { messages: [], more: false, part: null, lastSeq: 0, unread: 0, deliveredSeq: 0, readSeq: 0, otherDeliveredSeq: 0, otherReadSeq: 0 });
      chat.ahead.clear();
    }
    for (const message of messages) if (message.seq > heldSeq(chat)) chat.ahead.set(message.seq, message);
    const added = [];
    for (let next = heldSeq(chat) + 1; chat.ahead.has(next); next += 1) {
      const message = chat.ahead.get(next);
      chat.ahead.delete(next);
      chat.messages.push(message);
      added.push(message);
      if (message.from !== this.me.id && next > chat.readSeq) chat.unread += 1;
      if (message.from !== this.me.id) chat.typing = false;
    }
    chat.lastSeq = Math.max(chat.lastSeq, heldSeq(chat));
    if (added.length) this.#count(chat);
    this.changed();
    return { added, hole: chat.ahead.size > 0 };
  }

  /** Add older messages (oldest first) in front of the run that is read; they must end where it begins. */
  prepend(chatId, messages, more) {
    const chat = this.chats.get(chatId);
    if (!chat) return;
    const run = runOf(chat);
    const begin = run.messages[0]?.seq ?? 1;
    const older = messages.filter((message) => message.seq < begin);
    if (older.length && older.at(-1).seq !== begin - 1) return;
    run.messages = older.concat(run.messages);
    run.more = more;
    this.#count(chat);
    this.changed();
  }

  /** Read from these messages (oldest first, without a hole) on: the ones behind them are not here yet. */
  openPart(chatId, messages) {
    const chat = this.chats.get(chatId);
    if (!chat || !messages.length) return;
    chat.part = { messages, more: messages[0].seq > 1 };
    this.#join(chat);
    this.changed();
  }

  /** Add newer messages to the part; they must begin where it ends. */
  appendPart(chatId, messages) {
    const chat = this.chats.get(chatId);
    if (!chat?.part) return;
    const end = chat.part.messages.at(-1).seq;
    const newer = messages.filter((message) => message.seq > end);
    if (newer.length && newer[0].seq !== end + 1) return;
    chat.part.messages = chat.part.messages.concat(newer);
    this.#join(chat);
    this.changed();
  }

  /** Go back to the run that ends with the newest message. */
  closePart(chat) {
    chat.part = null;
  }

  #join(chat) {
    const { messages, more } = chat.part;
    const begin = chat.messages[0]?.seq ?? heldSeq(chat) + 1;
    if (messages.at(-1).seq < begin - 1) return;
    if (messages[0].seq < begin) Object.assign(chat, { messages: messages.filter((one) => one.seq < begin).concat(chat.messages), more });
    chat.part = null;
    this.#count(chat);
  }

  /** A receipt: only ever forward. */
  receipt({ chat_id: chatId, user_id: userId, delivered_seq: delivered, read_seq: read }) {
    const chat = this.chats.get(chatId);
    if (!chat) return;
    if (userId === this.me.id) {
      chat.deliveredSeq = Math.max(chat.deliveredSeq, delivered);
      if (read > chat.readSeq) {
        chat.readSeq = read;
        if (read >= heldSeq(chat)) chat.unread = 0;
        this.#count(chat);
      }
    } else {
      chat.otherDeliveredSeq = Math.max(chat.otherDeliveredSeq, delivered);
      chat.otherReadSeq = Math.max(chat.otherReadSeq, read);
    }
    this.changed();
  }

  /** The other person of a chat has deleted their account, or this one has blocked them or taken it back elsewhere. */
  changeChat(raw) {
    const chat = this.chats.get(raw.id);
    if (!chat) return;
    chat.other = toUser(raw.other_user);
    chat.blocked = raw.blocked === true;
    if (chat.blocked || chat.other.deleted) {
      chat.typing = false;
      this.people.delete(chat.other.id);
    }
    this.changed();
  }

  setPresence(userId, online, lastSeen) {
    this.people.set(userId, { online, lastSeen: lastSeen ? Date.parse(lastSeen) : null });
    if (!online) for (const chat of this.chats.values()) if (chat.other.id === userId) chat.typing = false;
    this.changed();
  }

  /** Whether somebody is known to be there now. */
  isOnline(userId) {
    return this.isReachable && this.people.get(userId)?.online === true;
  }

  /** While the server does not reach its database, what was said of people may not hold any more. */
  setReachable(isReachable) {
    if (this.isReachable === isReachable) return;
    this.isReachable = isReachable;
    this.changed();
  }

  /** Without a connection nobody knows who is there. */
  forgetPresence() {
    for (const person of this.people.values()) person.online = false;
    for (const chat of this.chats.values()) chat.typing = false;
    this.changed();
  }

  setTyping(chatId, typing) {
    const chat = this.chats.get(chatId);
    if (!chat || chat.typing === typing) return;
    chat.typing = typing;
    this.changed();
  }

  /** What waits to be sent, from the outbox, oldest first. */
  setWaiting(entries) {
    this.waiting = entries;
    this.changed();
  }

  /** What of a chat is written but not yet in its place: behind a hole, or in the outbox. */
  waitingOf(chat) {
    const stored = [...chat.ahead.values()].filter((one) => one.from === this.me.id && one.clientId);
    const known = new Set(stored.map((one) => one.clientId));
    const behind = stored.map((one) => ({ clientId: one.clientId, chatId: chat.id, text: one.content, at: one.at, state: "stored" }));
    return behind.concat(this.waiting.filter((one) => one.chatId === chat.id && !known.has(one.clientId)));
  }

  /** The state of one's own message: sent, delivered or read. */
  tickOf(chat, message) {
    if (message.seq <= chat.otherReadSeq) return "read";
    return message.seq <= chat.otherDeliveredSeq ? "delivered" : "sent";
  }

  activityOf(chat) {
    let latest = Math.max(chat.messages.at(-1)?.at ?? 0, chat.rank);
    for (const entry of this.waiting) if (entry.chatId === chat.id && entry.at > latest) latest = entry.at;
    return latest;
  }

  /** All chats, newest activity first. */
  inOrder() {
    const keyed = [...this.chats.values()].map((chat) => [this.activityOf(chat), chat]);
    return keyed.sort((a, b) => b[0] - a[0] || b[1].id - a[1].id).map(([, chat]) => chat);
  }

  get unread() {
    let sum = 0;
    for (const chat of this.chats.values()) sum += chat.unread;
    return sum;
  }
}
