// Keeps what was written and changed until the server has stored it: sent in order, once, one of each chat at a time.
import { frameOf, makeClientId, makeEntry, mergeKept, uploadsOf } from "./outbox_entry.js";
import { afterRestore, baseOf, mayBeGone, noFacts, noFiles } from "./outbox_rules.js";
import { MemoryStorage } from "./storage.js";

/**
 * @typedef {import("./outbox_entry.js").Entry} Entry
 * @typedef {import("./outbox_entry.js").Details} Details
 * @typedef {import("./clock.js").Timer} Timer
 */

const ANSWER_LIMIT = 20_000;
const HOLD = new Set(["rate_limited", "unavailable"]);

export class Outbox {
  /** @type {import("./storage.js").Storage} */
  #storage = new MemoryStorage();
  #userId = 0;
  #send;
  #clock;
  #changed;
  #makeId;
  #facts;
  #files;
  /** @type {Map<string, Timer>} */
  #flying = new Map();
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Set<string>} */
  #dropped = new Set();
  #holdUntil = 0;
  #holds = 0;
  /** @type {Timer} */
  #timer = 0;
  #leads = false;
  #connected = false;

  /**
   * `send(frame)` says whether it went out; `changed(entries)` hears of every change.
   * @param {import("./outbox_rules.js").Parts} parts
   */
  constructor({ send, clock, changed, makeId = makeClientId, facts = noFacts, files = noFiles }) {
    this.#send = send;
    this.#clock = clock;
    this.#changed = () => changed([...this.#entries]);
    this.#makeId = makeId;
    this.#facts = facts;
    this.#files = files;
  }

  get entries() {
    return this.#entries;
  }

  /**
   * Begin with what `storage` keeps of this user.
   * @param {number} userId
   * @param {import("./storage.js").Storage} storage
   */
  open(userId, storage) {
    this.#userId = userId;
    this.#storage = storage;
    return this.load();
  }

  /** Read what is kept: at start, and when another tab has changed it. */
  async load() {
    const kept = await this.#storage.load(this.#userId);
    this.#entries = mergeKept(kept, this.#entries, this.#dropped);
    for (const id of this.#flying.keys()) if (!this.#find(id)) this.#land(id);
    this.#changed();
    this.pump();
  }

  /**
   * Only one tab sends at a time; the others wait.
   * @param {boolean} leads
   */
  setLeads(leads) {
    this.#leads = leads;
    if (leads) this.load();
    else for (const id of [...this.#flying.keys()]) this.#land(id);
  }

  /** @param {boolean} connected */
  setConnected(connected) {
    this.#connected = connected;
    for (const id of [...this.#flying.keys()]) this.#land(id);
    if (connected) this.pump();
  }

  /**
   * Take a message, or a change of one. It is shown at once, and sent as soon as it is kept; `files` are kept before it,
   * so that no message is found without them.
   * @param {number} chatId
   * @param {string} text
   * @param {Details} [details]
   * @param {Promise<void>} [files]
   */
  async add(chatId, text, details = {}, files) {
    const known = { clientId: this.#makeId(), userId: this.#userId, chatId, text, at: this.#clock.now() };
    const entry = makeEntry(known, { ...this.#facts.stamp(chatId), ...details });
    this.#entries.push(entry);
    this.#changed();
    if (files) await files;
    // Taken back meanwhile.
    if (this.#dropped.has(entry.clientId)) return entry;
    entry.order = await this.#storage.add(entry);
    // Another tab may have kept an earlier message meanwhile: that one goes first.
    await this.load();
    return entry;
  }

  /** Send the first waiting message of each chat that has none under way. */
  pump() {
    if (!this.#leads || !this.#connected) return;
    const wait = this.#holdUntil - this.#clock.now();
    this.#clock.cancel(this.#timer);
    if (wait > 0) {
      this.#timer = this.#clock.after(wait, () => this.pump());
      return;
    }
    const busy = new Set([...this.#flying.keys()].map((id) => this.#find(id)?.chatId));
    for (const entry of this.#entries) {
      if (entry.state !== "waiting" || busy.has(entry.chatId)) continue;
      busy.add(entry.chatId);
      if (!entry.order) continue;
      const files = this.#readyFiles(entry);
      if (files && !this.#give(entry, files)) return;
    }
  }

  /**
   * The server's ids of the files of one that can be sent now; null where it has to wait for them, or has failed.
   * @param {Entry} entry
   */
  #readyFiles(entry) {
    const { ids, code } = entry.files ? this.#files.stateOf(uploadsOf(entry)) : { ids: [], code: null };
    const isOld = mayBeGone(entry, this.#facts.keepsFor(entry.chatId), this.#clock.now());
    if (isOld || code) this.#fail(entry, isOld ? "too_old" : String(code));
    return isOld || code ? null : ids;
  }

  /**
   * Send one, with the files of these numbers; says whether it went out.
   * @param {Entry} entry
   * @param {number[]} files
   */
  #give(entry, files) {
    const { clientId, kind, chatId, seq = 0, sentAt } = entry;
    if (kind === "edit" && !sentAt) entry.base = baseOf(entry, this.#facts.current(chatId, seq));
    if (!this.#send(frameOf(entry, files))) return false;
    if (!sentAt) {
      entry.sentAt = this.#clock.now();
      this.#storage.update(entry);
    }
    const again = () => {
      this.#land(clientId);
      this.pump();
    };
    this.#flying.set(clientId, this.#clock.after(ANSWER_LIMIT, again));
    return true;
  }

  /**
   * A backup was restored: take what was written before as that which may still be sent. All chats must be known again.
   * @param {string} epoch
   */
  beginAnew(epoch) {
    const now = { epoch, chatWith: this.#facts.chatWith, makeId: this.#makeId };
    for (const entry of [...this.#entries]) {
      if (entry.epoch === epoch) continue;
      const anew = afterRestore(entry, now);
      if (anew) this.#storage.update(Object.assign(entry, anew));
      else this.#drop(entry);
      if (anew && entry.files) this.#files.again(uploadsOf(entry), entry.chatId);
    }
    this.#changed();
  }

  /**
   * The server has stored it. Returns the entry, or null where it is not known here (any more).
   * @param {string} clientId
   */
  stored(clientId) {
    this.#land(clientId);
    this.#holds = 0;
    const entry = this.#find(clientId);
    if (entry) this.#drop(entry);
    if (entry?.files) this.#files.forget(uploadsOf(entry));
    this.pump();
    return entry ?? null;
  }

  /**
   * The server has refused it: wait where waiting helps, else it has failed and its writer decides. What was not written
   * (a reaction, a deletion) is dropped. Returns the entry where that was its end.
   * @param {{ client_id?: string | null, code: string, retry_after?: number }} raw
   */
  refused({ client_id: clientId, code, retry_after: retryAfter }) {
    // A frame that could not be read is refused without saying which one; with one under way it is that one.
    const id = clientId ?? (code === "bad_frame" ? this.#onlyFlying() : null);
    const entry = this.#find(id);
    if (!entry) return null;
    this.#land(entry.clientId);
    if (HOLD.has(code)) {
      this.#holds += 1;
      const seconds = retryAfter ? retryAfter : Math.min(30, 2 ** (this.#holds - 1));
      this.#holdUntil = this.#clock.now() + seconds * 1000;
    } else if (code === "no_such_file" && entry.files && !entry.isAgain) {
      // The server has them no more: they are brought once more, and it is sent then.
      this.#storage.update(Object.assign(entry, { isAgain: true }));
      this.#files.again(uploadsOf(entry), entry.chatId);
    } else if (entry.kind === "react" || entry.kind === "delete") this.#drop(entry);
    else this.#fail(entry, code);
    this.#changed();
    this.pump();
    return HOLD.has(code) ? null : entry;
  }

  /**
   * It cannot be sent: who wrote it decides.
   * @param {Entry} entry
   * @param {string} code
   */
  #fail(entry, code) {
    Object.assign(entry, { state: "failed", code });
    this.#storage.update(entry);
    this.#changed();
  }

  /**
   * Try a failed message again, at the end of the queue. A client id that is taken needs a new one.
   * @param {string} clientId
   */
  async retry(clientId) {
    const entry = this.#find(clientId);
    if (entry?.state !== "failed") return;
    const again = entry.code === "client_id_reused" ? this.#makeId() : entry.clientId;
    if (entry.files) this.#files.again(uploadsOf(entry), entry.chatId);
    this.#drop(entry);
    /** @type {Entry} */
    const fresh = { ...entry, clientId: again, order: undefined, sentAt: undefined, state: "waiting", code: null };
    this.#dropped.delete(again);
    this.#entries.push(fresh);
    fresh.order = await this.#storage.add(fresh);
    this.#changed();
    this.pump();
  }

  /**
   * Take a message back. Says whether it may have been stored all the same: it has been sent, and no answer came.
   * @param {string} clientId
   */
  cancel(clientId) {
    const entry = this.#find(clientId);
    if (!entry) return false;
    const tried = entry.sentAt !== undefined && entry.state !== "failed";
    this.#land(clientId);
    this.#drop(entry);
    if (entry.files) this.#files.forget(uploadsOf(entry), { end: true });
    this.pump();
    return tried;
  }

  /** Forget everything of this user: they have logged out. */
  async erase() {
    this.#connected = false;
    this.#entries = [];
    this.#changed();
    await this.#storage.erase(this.#userId);
  }

  #onlyFlying() {
    const [only, ...others] = this.#flying.keys();
    return others.length ? null : only;
  }

  /** @param {string | null | undefined} clientId */
  #find(clientId) {
    return this.#entries.find((entry) => entry.clientId === clientId);
  }

  /** @param {string} clientId */
  #land(clientId) {
    this.#clock.cancel(this.#flying.get(clientId));
    this.#flying.delete(clientId);
  }

  /** @param {Entry} entry */
  #drop(entry) {
    this.#entries = this.#entries.filter((one) => one !== entry);
    this.#dropped.add(entry.clientId);
    this.#storage.remove(entry);
    this.#changed();
  }
}
