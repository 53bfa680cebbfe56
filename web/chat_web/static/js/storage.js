// Where the browser keeps things: waiting messages in IndexedDB, drafts and switches in localStorage. Each user has their
// own; where a browser refuses to keep anything (a private window, say), memory stands in.

/** @typedef {import("./outbox_entry.js").Entry} Entry */

/**
 * What keeps the entries of an outbox. `add` resolves to the entry's place in the order; `update` renews what is there.
 * @typedef {object} Storage
 * @property {(userId: number) => Promise<Entry[]>} load
 * @property {(entry: Entry) => Promise<number>} add
 * @property {(entry: Entry) => Promise<void>} update
 * @property {(entry: Entry) => Promise<void>} remove
 * @property {(userId: number) => Promise<void>} erase
 */

/**
 * The result of a request, as a promise.
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/**
 * Open a database of the browser, and `build` it where it is new.
 * @param {string} name
 * @param {(database: IDBDatabase) => void} build
 * @returns {Promise<IDBDatabase>}
 */
export function openDatabase(name, build) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => build(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(request.error);
    setTimeout(reject, 3000, new Error("The browser's database does not open"));
  });
}

/** @param {IDBDatabase} database */
function buildOutbox(database) {
  const outbox = database.createObjectStore("outbox", { keyPath: "order", autoIncrement: true });
  outbox.createIndex("clientId", "clientId", { unique: true });
  outbox.createIndex("userId", "userId");
  database.createObjectStore("leases", { keyPath: "name" });
}

/** The database of the chats that are kept for offline (`kept.js`): apart, so that it can be thrown away as a whole. */
export const KEPT = "chatapp-kept";
/** The database of the files that are on their way to the server (`upload_storage.js`). */
export const UPLOADS = "chatapp-uploads";
const EMOJI = "emoji-picker-element-";

/**
 * Delete a database. Resolves when it is gone; or soon, where the browser does not say, as while another tab has it open.
 * @param {string} name
 * @returns {Promise<void>}
 */
const remove = (name) =>
  new Promise((resolve) => {
    setTimeout(resolve, 3000);
    try {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = () => resolve();
      request.onerror = () => resolve();
    } catch {
      resolve();
    }
  });

/** Forget the chats that are kept for offline. */
export const forgetKept = () => remove(KEPT);

/** Forget the files that are on their way to the server. */
export const forgetUploads = () => remove(UPLOADS);

/** Forget which emoji are used often here, which the picker keeps for each language. */
export async function forgetEmoji() {
  const known = await globalThis.indexedDB?.databases?.().catch(() => []);
  const names = (known ?? []).map(({ name }) => name ?? "").filter((name) => name.startsWith(EMOJI));
  await Promise.all(names.map(remove));
}

/**
 * Keeps entries as long as the page lives.
 * @implements {Storage}
 */
export class MemoryStorage {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  #order = 0;

  /** @param {number} userId */
  async load(userId) {
    const mine = [...this.#entries.values()].filter((entry) => entry.userId === userId);
    return mine.sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
  }

  /** @param {Entry} entry */
  async add(entry) {
    this.#order += 1;
    this.#entries.set(entry.clientId, { ...entry, order: this.#order });
    return this.#order;
  }

  /** @param {Entry} entry */
  async update(entry) {
    for (const [id, { order }] of this.#entries) {
      if (order !== entry.order) continue;
      this.#entries.delete(id);
      this.#entries.set(entry.clientId, { ...entry });
      return;
    }
  }

  /** @param {Entry} entry */
  async remove(entry) {
    this.#entries.delete(entry.clientId);
  }

  /** @param {number} userId */
  async erase(userId) {
    for (const entry of this.#entries.values()) if (entry.userId === userId) this.#entries.delete(entry.clientId);
  }
}

/**
 * Keeps entries in IndexedDB; `changed` runs after each change, so that the other tabs can be told.
 * @implements {Storage}
 */
export class DatabaseStorage {
  #changed;
  #spare = new MemoryStorage();

  /**
   * @param {IDBDatabase} database
   * @param {() => void} changed
   */
  constructor(database, changed) {
    this.database = database;
    this.#changed = changed;
  }

  /** @param {IDBTransactionMode} mode */
  #outbox(mode) {
    return this.database.transaction("outbox", mode, { durability: "strict" }).objectStore("outbox");
  }

  /** @param {number} userId */
  async load(userId) {
    const kept = await done(this.#outbox("readonly").index("userId").getAll(userId));
    return kept.concat(await this.#spare.load(userId));
  }

  /** @param {Entry} entry */
  async add(entry) {
    const { order: _none, ...row } = entry;
    try {
      const order = await done(this.#outbox("readwrite").add(row));
      this.#changed();
      return Number(order);
    } catch {
      // The disk is full, or the browser has thrown the database away: keep it here at least.
      return 1e9 + (await this.#spare.add(entry));
    }
  }

  /** @param {Entry} entry */
  async update(entry) {
    const outbox = this.#outbox("readwrite");
    // What another tab has taken out meanwhile must not come back.
    const key = await done(outbox.getKey(entry.order ?? 0)).catch(() => null);
    if (key) await done(outbox.put({ ...entry })).catch(() => {});
    else await this.#spare.update(entry);
    this.#changed();
  }

  /** @param {Entry} entry */
  async remove(entry) {
    this.#spare.remove(entry);
    const outbox = this.#outbox("readwrite");
    const key = await done(outbox.index("clientId").getKey(entry.clientId)).catch(() => null);
    if (key) await done(outbox.delete(key)).catch(() => {});
    this.#changed();
  }

  /** @param {number} userId */
  async erase(userId) {
    const outbox = this.#outbox("readwrite");
    for (const key of await done(outbox.index("userId").getAllKeys(userId))) outbox.delete(key);
    await new Promise((resolve) => {
      outbox.transaction.oncomplete = resolve;
      outbox.transaction.onabort = resolve;
    });
  }
}

/**
 * Open what keeps the outbox; `changed` runs after each change.
 * @param {() => void} [changed]
 * @returns {Promise<DatabaseStorage | MemoryStorage>}
 */
export async function openStorage(changed = () => {}) {
  try {
    return new DatabaseStorage(await openDatabase("chatapp", buildOutbox), changed);
  } catch {
    return new MemoryStorage();
  }
}

/** @type {Map<string, string | null>} */
const memory = new Map();
/** localStorage, or memory for what the browser refuses to keep. */
export const localStore = {
  /** @param {string} key */
  get(key) {
    if (memory.has(key)) return memory.get(key) ?? null;
    try {
      return localStorage.getItem(`chatapp:${key}`);
    } catch {
      return null;
    }
  },
  /**
   * @param {string} key
   * @param {string | number | null} value null or "" forgets it
   */
  set(key, value) {
    try {
      if (value === null || value === "") localStorage.removeItem(`chatapp:${key}`);
      else localStorage.setItem(`chatapp:${key}`, String(value));
      // Not in both: what another tab writes would stay unseen here.
      memory.delete(key);
    } catch {
      memory.set(key, value === null ? null : String(value));
    }
  },
  /**
   * Forget everything of one user.
   * @param {number} userId
   */
  erase(userId) {
    memory.clear();
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(`chatapp:${userId}:`)) localStorage.removeItem(key);
      }
    } catch {
      // There was nothing.
    }
  },
};
