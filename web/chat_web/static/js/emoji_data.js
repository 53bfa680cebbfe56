// What the emoji picker keeps in this browser: its data, and which emoji somebody uses often.

const DATABASE = /^emoji-picker-element-/;

/** @typedef {HTMLElement & { database: { close: () => Promise<void> } }} Picker */

/**
 * Delete a database; one that another tab has open goes when that tab does.
 * @param {string} name
 */
const remove = (name) =>
  new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });

/** Forget it: whoever uses this browser next is somebody else. */
export async function forgetEmoji() {
  const picker = /** @type {Picker | null} */ (document.querySelector("emoji-picker"));
  await picker?.database.close().catch(() => {});
  for (const { name } of (await indexedDB.databases?.()) ?? []) if (name && DATABASE.test(name)) await remove(name);
}
