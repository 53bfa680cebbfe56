// Who is logged in, who is there, and who writes? And whoever wants to know of a change hears of it.

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {{ user_id: number, online: boolean, last_seen: string | null }} RawPresence
 */

export class People {
  /** @type {{ id: number, username: string } | null} who is logged in; null until that is known */
  me = null;
  /** @type {Map<number, Chat>} */
  chats = new Map();
  /** @type {Map<number, { online: boolean, lastSeen: number | null }>} */
  people = new Map();
  isReachable = true;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** The id of who is logged in, or 0. */
  get myId() {
    return this.me?.id ?? 0;
  }

  /** @param {{ id: number, username: string }} me */
  setMe(me) {
    this.me = me;
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.#listeners.add(listener);
  }

  /** Tell everybody of a change. */
  changed() {
    for (const listener of this.#listeners) listener();
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
    this.changed();
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
    this.changed();
  }

  /** Without a connection nobody knows who is there. */
  forgetPresence() {
    for (const person of this.people.values()) person.online = false;
    for (const chat of this.chats.values()) chat.typing = false;
    this.changed();
  }

  /**
   * @param {number} chatId
   * @param {boolean} typing
   */
  setTyping(chatId, typing) {
    const chat = this.chats.get(chatId);
    if (!chat || chat.typing === typing) return;
    chat.typing = typing;
    this.changed();
  }
}
