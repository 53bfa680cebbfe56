// A server in memory, for tests of what the page holds. It answers as docs/websocket.md and docs/api.md say, with small
// pages; and everything takes its time: what is read, what is answered and what is told live overtake each other, as they
// do with two ws-servers and one database.

const PAGE = 5;
const SYNC_MESSAGES = 4;
const SYNC_CHANGES = 3;
const MOST_CHANGES = 8;
const LIST = 2;

/** Numbers without a pattern, the same ones for the same seed. */
export function random(seed) {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39) | 0;
    const mixed = Math.imul(state ^ (state >>> 12), 0x85ebca6b);
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
  };
}

export class Server {
  chats = new Map();
  /** Frames on their way: live ones of two servers, and the answers to `sync`, each in order. */
  pipes = { one: [], two: [], sync: [] };
  /** Steps of requests and questions that are under way; each does one thing, and may add the next one. */
  steps = [];
  isConnected = false;
  #moment = 0;

  constructor(pick) {
    this.pick = pick;
  }

  // -- what happens

  addChat(id) {
    this.chats.set(id, { id, rows: [], changes: [], lastSeq: 0, changeSeq: 0, floor: 0, moment: ++this.#moment });
    this.#tell({ type: "chat_added", from: 1, chat: this.#pair(this.chats.get(id)) });
  }

  send(id, from, replyTo) {
    const chat = this.chats.get(id);
    chat.moment = ++this.#moment;
    const seq = ++chat.lastSeq;
    const sentAt = new Date(chat.moment * 1000).toISOString();
    const row = { id: chat.moment, chat_id: id, seq, sender_id: from, content: `text ${chat.moment}`, sent_at: sentAt };
    if (replyTo) row.replyTo = replyTo;
    chat.rows.push(row);
    const { sender_id: _from, content, id: messageId, replyTo: _seq, ...rest } = row;
    const quote = this.#row(chat, row).reply_to;
    const answers = quote && { reply_to: quote };
    this.#tell({ type: "message", message_id: messageId, ...rest, from, message: content, ...answers });
  }

  change(id, seq, kind) {
    const chat = this.chats.get(id);
    const row = chat.rows.find((one) => one.seq === seq);
    if (!row || row.deleted_at) return;
    chat.changeSeq += 1;
    row.change_seq = chat.changeSeq;
    row.text_seq ??= 0;
    if (kind === "react") row.reactions = [{ user_id: 2, emoji: `${chat.changeSeq}` }];
    else Object.assign(row, { text_seq: chat.changeSeq, content: kind === "edit" ? `change ${chat.changeSeq}` : "" });
    if (kind === "edit") row.edited_at = row.sent_at;
    if (kind === "delete") row.deleted_at = row.sent_at;
    chat.changes.push({ seq, number: chat.changeSeq });
    this.#tell({ type: "message_changed", message: this.#row(chat, row) });
  }

  purge(id, upTo) {
    const chat = this.chats.get(id);
    if (upTo <= chat.floor) return;
    chat.floor = upTo;
    chat.rows = chat.rows.filter((row) => row.seq > upTo);
    chat.changes = chat.changes.filter((one) => one.seq > upTo);
    this.#tell({ type: "purged", chat_id: id, up_to: upTo });
  }

  #tell(frame) {
    if (this.isConnected) this.pipes[this.pick() < 0.5 ? "one" : "two"].push(structuredClone(frame));
  }

  // -- what is read

  rowsOf(id) {
    const chat = this.chats.get(id);
    return chat.rows.map((row) => this.#row(chat, row));
  }

  #row(chat, { replyTo, ...row }) {
    if (!replyTo) return structuredClone(row);
    const answered = chat.rows.find((one) => one.seq === replyTo);
    if (!answered) return { ...structuredClone(row), reply_to: { seq: replyTo, gone: true } };
    const { sender_id, content, deleted_at: deleted } = answered;
    const quote = deleted ? { deleted: true } : { content };
    return { ...structuredClone(row), reply_to: { seq: replyTo, sender_id, ...quote } };
  }

  #pair({ id }) {
    return { id, other_user: { id: id * 10, username: `user ${id}` } };
  }

  summary(chat) {
    const receipts = { unread: 0, delivered_seq: 0, read_seq: 0, other_delivered_seq: 0, other_read_seq: 0 };
    const { lastSeq: last_seq, changeSeq: change_seq, floor } = chat;
    return { ...this.#pair(chat), ...receipts, last_seq, change_seq, floor };
  }

  /** @param {URLSearchParams} query */
  #list(query) {
    const before = Number(query.get("before") ?? Infinity);
    const chats = [...this.chats.values()].filter((one) => one.moment < before).sort((a, b) => b.moment - a.moment);
    const page = chats.slice(0, LIST);
    const body = page.map((chat, at) => {
      const messages = this.rowsOf(chat.id).slice(at ? -1 : -3);
      // Some have no room in the page.
      const shown = this.pick() < 0.2 ? [] : messages;
      return { ...this.summary(chat), messages: shown, more: chat.lastSeq - chat.floor > shown.length };
    });
    const next = chats.length > LIST ? `<?limit=2&before=${page.at(-1).moment}>; rel="next"` : null;
    return { body, link: next };
  }

  /** @param {URLSearchParams} query */
  #messages(query) {
    const rows = this.rowsOf(Number(query.get("chat_id")));
    const [before, after] = [query.get("before_seq"), query.get("after_seq")];
    const wanted = rows.filter((row) => (before ? row.seq < before : row.seq > (after ?? 0)));
    const messages = after === null ? wanted.slice(-PAGE) : wanted.slice(0, PAGE);
    const { changeSeq: change_seq } = this.chats.get(Number(query.get("chat_id")));
    return { body: { messages, more: wanted.length > messages.length, change_seq } };
  }

  /** A request over HTTP, as `fetch`: it is read some time later, and answered still later, or not at all. */
  fetch = (address) =>
    new Promise((resolve, reject) => {
      const { pathname, searchParams } = new URL(address, "http://chat.example");
      this.steps.push(() => {
        const { body, link = null } = pathname.endsWith("get_chats")
          ? this.#list(searchParams)
          : this.#messages(searchParams);
        const isLost = this.pick() < 0.1;
        const answer = { ok: true, json: async () => body, headers: { get: () => link } };
        this.steps.push(() => (isLost ? reject(new Error("lost")) : resolve(answer)));
      });
    });

  // -- sync

  connect() {
    this.isConnected = true;
    this.connection = {};
  }

  disconnect() {
    this.isConnected = false;
    this.connection = null;
    for (const pipe of Object.values(this.pipes)) pipe.length = 0;
  }

  /** Take a frame of the page: `sync`. */
  receive(frame) {
    if (!this.isConnected) return false;
    const { connection } = this;
    const held = structuredClone(frame.chats);
    /** Do one thing after the other, each some time later, as long as the connection is there. */
    const later = (run) => this.steps.push(() => this.connection === connection && run());
    later(() => {
      const list = [...this.chats.values()].map((chat) => this.summary(chat));
      const named = list.filter((one) => held[one.id]);
      const next = () => {
        const one = named.shift();
        if (one) this.#syncChat(one, held[one.id], later, next);
        else later(() => this.#end());
      };
      next();
    });
    return true;
  }

  #end() {
    // What was overtaken is read again: this is of now.
    const list = [...this.chats.values()].map((chat) => this.summary(chat));
    this.pipes.sync.push({ type: "sync_done", chats: list.slice(0, 1), more: true });
    this.pipes.sync.push({ type: "sync_done", chats: list.slice(1) });
  }

  #say(chat, messages, more, rest) {
    this.pipes.sync.push({ type: "sync_chat", chat, messages, more, ...rest });
  }

  #syncChat(listed, [seq, change], later, next) {
    const chat = this.chats.get(listed.id);
    const anew = () =>
      later(() => {
        const messages = this.rowsOf(chat.id).slice(-SYNC_MESSAGES);
        this.#say(listed, messages, false, { reset: true, change_seq: chat.changeSeq });
        next();
      });
    if (seq > listed.last_seq || change > listed.change_seq || seq < listed.floor) return anew();
    const messages = (reached, lastSeq) => {
      if (seq >= lastSeq) return next();
      later(() => {
        const rows = this.rowsOf(chat.id).filter((row) => row.seq > seq);
        const page = rows.slice(0, SYNC_MESSAGES);
        const changeSeq = seq ? Math.min(reached, chat.changeSeq) : chat.changeSeq;
        this.#say(listed, page, rows.length > page.length, { change_seq: changeSeq });
        next();
      });
    };
    if (!seq || change >= listed.change_seq) return messages(change, listed.last_seq);
    later(() => {
      const missing = chat.changes.filter((one) => one.seq <= seq && one.number > change);
      if (missing.length > MOST_CHANGES) return anew();
      const page = missing.slice(0, SYNC_CHANGES);
      const more = missing.length > page.length;
      const reached = more ? page.at(-1).number : chat.changeSeq;
      const seqs = new Set(page.map((one) => one.seq));
      const changes = this.rowsOf(chat.id).filter((row) => seqs.has(row.seq));
      const { lastSeq } = chat;
      this.#say(listed, [], more, { changes, change_seq: reached });
      if (more) return next();
      messages(reached, lastSeq);
    });
  }
}
