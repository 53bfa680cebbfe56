// Where the browser keeps the files that are on their way to the server, so that they go on after a reload. A database of
// its own, closed after each use: it is thrown away as a whole when its user leaves.
import { done, openDatabase, UPLOADS } from "./storage.js";

/** @typedef {import("./upload_entry.js").Upload} Upload */

/**
 * What keeps uploads. `load` resolves to those of a user, in the order in which they were added.
 * @typedef {object} UploadStorage
 * @property {(userId: number) => Promise<Upload[]>} load
 * @property {(upload: Upload) => Promise<boolean>} add says whether it is kept
 * @property {(upload: Upload) => Promise<void>} update renews what is known of it, not its bytes
 * @property {(clientId: string) => Promise<void>} remove
 */

/** @param {IDBDatabase} database */
function build(database) {
  database.createObjectStore("uploads", { keyPath: "clientId" }).createIndex("userId", "userId");
  // Apart: what is known of an upload changes while it goes on, and its bytes would be written again each time.
  database.createObjectStore("bytes");
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(uploads: IDBObjectStore, bytes: IDBObjectStore) => Promise<T>} run
 * @returns {Promise<T>}
 */
async function inDatabase(mode, run) {
  const database = await openDatabase(UPLOADS, build);
  try {
    const transaction = database.transaction(["uploads", "bytes"], mode);
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const [result] = await Promise.all([
      run(transaction.objectStore("uploads"), transaction.objectStore("bytes")),
      ended,
    ]);
    return result;
  } finally {
    database.close();
  }
}

/**
 * Keeps uploads in IndexedDB. What the browser refuses to keep (the disk is full, a private window) lives as long as the
 * page does, in `Uploads`.
 * @type {UploadStorage}
 */
export const uploadDatabase = {
  load: (userId) =>
    inDatabase("readonly", async (uploads, bytes) => {
      /** @type {Upload[]} */
      const kept = await done(uploads.index("userId").getAll(userId));
      const blobs = await Promise.all(kept.map((one) => done(bytes.get(one.clientId))));
      return kept.map((one, at) => ({ ...one, blob: blobs[at] })).sort((a, b) => a.at - b.at);
    }).catch(() => []),

  add: ({ blob, ...known }) =>
    inDatabase("readwrite", async (uploads, bytes) => {
      uploads.put(known);
      bytes.put(blob, known.clientId);
      return true;
    }).catch(() => false),

  update: ({ blob: _bytes, ...known }) =>
    inDatabase("readwrite", async (uploads) => {
      // What another tab has taken out meanwhile must not come back.
      if (await done(uploads.getKey(known.clientId))) uploads.put(known);
    }).catch(() => {}),

  remove: (clientId) =>
    inDatabase("readwrite", async (uploads, bytes) => {
      uploads.delete(clientId);
      bytes.delete(clientId);
    }).catch(() => {}),
};
