// Decides which of the tabs of one user sends. They may both believe for a moment that they do; the client ids of the
// messages make that harmless.
import { DatabaseStorage, done } from "./storage.js";

/** @typedef {{ take: () => void }} Lease */

const LASTS = 6000;

/**
 * Hold the lease of `name` in turn; `changed(mine)` hears of every change. `take()` makes it this tab's (the one that
 * somebody writes in must not wait for one that sleeps in the background); a tab that has lost it gets it back when the
 * other one is closed.
 * @param {string} name
 * @param {import("./storage.js").Storage} storage
 * @param {(mine: boolean) => void} changed
 * @returns {Lease}
 */
export function makeLease(name, storage, changed) {
  if (navigator.locks) return makeLockLease(name, changed);
  if (storage instanceof DatabaseStorage) return makeDatabaseLease(name, storage.database, changed);
  changed(true);
  return { take() {} };
}

/**
 * @param {string} name
 * @param {(mine: boolean) => void} changed
 * @returns {Lease}
 */
function makeLockLease(name, changed) {
  /** @type {object | null} */
  let holder = null;
  let queue = new AbortController();
  /** @param {LockOptions} options */
  const request = (options) => {
    const mine = {};
    const hold = () =>
      new Promise(() => {
        holder = mine;
        changed(true);
      });
    navigator.locks.request(name, options, hold).catch(() => {
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

/**
 * Where there are no locks: plain http.
 * @param {string} name
 * @param {IDBDatabase} database
 * @param {(mine: boolean) => void} changed
 * @returns {Lease}
 */
function makeDatabaseLease(name, database, changed) {
  const tab = Math.random();
  let isMine = false;
  /** @param {boolean} mine */
  const become = (mine) => {
    if (mine === isMine) return;
    isMine = mine;
    changed(mine);
  };
  /** @param {boolean} force */
  const claim = async (force) => {
    try {
      const leases = database.transaction("leases", "readwrite").objectStore("leases");
      const lease = await done(leases.get(name));
      const mine = force || !lease || lease.tab === tab || lease.until < Date.now();
      if (mine) leases.put({ name, tab, until: Date.now() + LASTS });
      become(mine);
    } catch {
      become(true);
    }
  };
  claim(false);
  setInterval(claim, LASTS / 3, false);
  return {
    take() {
      if (!isMine) claim(true);
    },
  };
}
