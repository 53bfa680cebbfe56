// Messages as this browser has changed them, while the changes wait for the server.

/**
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./outbox_entry.js").Entry} Entry
 */

/**
 * A function that returns a message as it will be once the changes that wait are made; the last of them is its `change`.
 * An edit that has failed changes nothing, but is told.
 * @param {Entry[]} waiting
 * @param {number} chatId
 * @param {number} myId
 * @returns {(message: Message) => Message}
 */
export function changedBy(waiting, chatId, myId) {
  const changes = waiting.filter((entry) => entry.kind && entry.chatId === chatId);
  if (!changes.length) return (message) => message;
  return (message) => {
    let shown = message;
    for (const entry of changes) if (entry.seq === message.seq) shown = change(shown, entry, myId);
    return shown;
  };
}

/**
 * @param {Message} message
 * @param {Entry} entry
 * @param {number} myId
 * @returns {Message}
 */
function change(message, entry, myId) {
  if (entry.state === "failed" || message.deleted) return { ...message, change: entry };
  if (entry.kind === "edit") return { ...message, content: entry.text, edited: true, change: entry };
  if (entry.kind === "delete")
    return { ...message, content: "", deleted: true, files: [], reactions: [], change: entry };
  const others = message.reactions.filter(({ userId }) => userId !== myId);
  const mine = entry.emoji ? [{ userId: myId, emoji: entry.emoji }] : [];
  return { ...message, reactions: [...others, ...mine], change: entry };
}
