// Where the browser keeps things: waiting messages in IndexedDB, drafts and switches in localStorage. Each user has their
// own; where a browser refuses to keep anything (a private window, say), memory stands in.

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("chatapp", 1);
    request.onupgradeneeded = () => {
      const outbox = request.result.createObjectStore("outbox", { keyPath: "order", autoIncrement: true });
      outbox.createIndex("clientId", "clientId", { unique: true });
      outbox.createIndex("userId", "userId");
      request.result.createObjectStore("leases", { keyPath: "name" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error);
    setTimeout(reject, 3000, new Error("The browser's database does not open"));
  });
}

/** Keeps entries as long as the page lives. */
export class MemoryStorage {
  #entries = new Map();
  #order = 0;
  load = async (userId) => [...this.#entries.values()].filter((entry) => entry.userId === userId).sort((a, b) => a.order - b.order);
  add = async (entry) => {
    this.#order += 1;
    this.#entries.set(entry.clientId, { ...entry, order: this.#order });
    return this.#order;
  };
  update = async (entry) => void this.#entries.set(entry.clientId, { ...entry });
  remove = async (entry) => void this.#entries.delete(entry.clientId);
  erase = async (userId) => {
    for (const entry of this.#entries.values()) if (entry.userId === userId) this.#entries.delete(entry.clientId);
  };
}

/** Keeps entries in IndexedDB; `told` runs after each change, so that the other tabs can be told. */
class DatabaseStorage {
  #told;
  #spare = new MemoryStorage();

  constructor(database, told) {
    this.database = database;
    this.#told = told;
  }

  #outbox(mode) {
    return this.database.transaction("outbox", mode, { durability: "strict" }).objectStore("outbox");
  }

  async load(userId) {
    const kept = await done(this.#outbox("readonly").index("userId").getAll(userId));
    return kept.concat(await this.#spare.load(userId));
  }

  async add(entry) {
    const { order: _none, ...row } = entry;
    try {
      const order = await done(this.#outbox("readwrite").add(row));
      this.#told();
      return order;
    } catch {
      // The disk is full, or the browser has thrown the database away: keep it here at least.
      return 1e9 + (await this.#spare.add(entry));
    }
  }

  async update(entry) {
    await done(this.#outbox("readwrite").put({ ...entry })).catch(() => this.#spare.update(entry));
    this.#told();
  }

  async remove(entry) {
    this.#spare.remove(entry);
    const outbox = this.#outbox("readwrite");
    const key = await done(outbox.index("clientId").getKey(entry.clientId)).catch(() => null);
    if (key) await done(outbox.delete(key)).catch(() => {});
    this.#told();
  }

  async erase(userId) {
    const outbox = this.#outbox("readwrite");
    for (const key of await done(outbox.index("userId").getAllKeys(userId))) outbox.delete(key);
    await new Promise((resolve) => {
      outbox.transaction.oncomplete = outbox.transaction.onabort = resolve;
    });
  }
}

/** Open what keeps the outbox. */
export async function openStorage(told) {
  try {
    return new DatabaseStorage(await openDatabase(), told);
  } catch {
    return new MemoryStorage();
  }
}

/**
 * Decides which tab sends. `take()` makes it this one (the tab somebody writes in must not wait for one that sleeps in
 * the background); a tab that has lost it gets it back when the other one is closed. Tabs may both believe for a moment
 * that they lead; the client ids make that harmless.
 */
export function makeLease(name, storage, changed) {
  if (navigator.locks) return lockLease(name, changed);
  if (storage.database) return databaseLease(name, storage.database, changed);
  changed(true);
  return { take() {} };
}

function lockLease(name, changed) {
  let holder = null;
  let queue = null;
  const request = (options) => {
    const mine = {};
    navigator.locks.request(name, options, () => new Promise(() => {
      holder = mine;
      changed(true);
    })).catch(() => {
      // Stolen by another tab; or by this one, which then has it already under a newer request.
      if (holder !== mine) return;
      holder = null;
      changed(false);
      wait();
    });
  };
  const wait = () => {
    queue = new AbortController();
    request({ signal: queue.signal });
  };
  wait();
  return {
    take() {
      if (holder) return;
      queue.abort();
      request({ steal: true });
    },
  };
}

function databaseLease(name, database, changed) {
  const tab = Math.random();
  const lasts = 6000;
  let leads = false;
  const claim = async (force) => {
    try {
      const leases = database.transaction("leases", "readwrite").objectStore("leases");
      const lease = await done(leases.get(name));
      const mine = force || !lease || lease.tab === tab || lease.until < Date.now();
      if (mine) leases.put({ name, tab, until: Date.now() + lasts });
      if (mine !== leads) changed((leads = mine));
    } catch {
      if (!leads) changed((leads = true));
    }
  };
  claim(false);
  setInterval(claim, lasts / 3, false);
  return { take: () => void (leads || claim(true)) };
}

const memory = new Map();
/** localStorage, or memory for what the browser refuses to keep. */
export const keep = {
  get(key) {
    if (memory.has(key)) return memory.get(key);
    try {
      return localStorage.getItem(`chatapp:${key}`);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      if (value === null || value === "") localStorage.removeItem(`chatapp:${key}`);
      else localStorage.setItem(`chatapp:${key}`, value);
      // Not in both: what another tab writes would stay unseen here.
      memory.delete(key);
    } catch {
      memory.set(key, value);
    }
  },
  /** Forget everything of one user. */
  erase(userId) {
    memory.clear();
    try {
      for (const key of Object.keys(localStorage)) if (key.startsWith(`chatapp:${userId}:`)) localStorage.removeItem(key);
    } catch { /* There was nothing. */ }
  },
};
