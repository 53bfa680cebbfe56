// What is set for a chat: muted, pinned, archived by oneself; for how long its messages are kept, by either.

/**
 * Moments are milliseconds, 0 where it is not so; `keepSeconds` is null where messages are kept for ever.
 * @typedef {object} Settings
 * @property {number} mutedUntil
 * @property {number} pinnedAt
 * @property {number} archivedAt
 * @property {number | null} keepSeconds
 *
 * @typedef {object} RawSettings
 * @property {string} [muted_until]
 * @property {string} [pinned_at]
 * @property {string} [archived_at]
 * @property {number} [keep_seconds]
 */

/** So long after it was chosen for how long messages are kept, the first ones go. */
export const FIRST_PURGE = 24 * 3_600_000;

/** @param {string | undefined} moment */
const toMoment = (moment) => (moment ? Date.parse(moment) : 0);

/**
 * @param {RawSettings} raw
 * @returns {Settings}
 */
export const toSettings = (raw) => ({
  mutedUntil: toMoment(raw.muted_until),
  pinnedAt: toMoment(raw.pinned_at),
  archivedAt: toMoment(raw.archived_at),
  keepSeconds: raw.keep_seconds ?? null,
});

/**
 * Whether a chat makes no sound now.
 * @param {Settings} settings
 */
export const isMuted = ({ mutedUntil }, now = Date.now()) => mutedUntil > now;

/**
 * Whether a chat lies in the archive now. A message that came since brings it back, unless it is muted.
 * @param {import("./chat.js").Chat} chat
 */
export const isArchived = (chat, now = Date.now()) =>
  chat.archivedAt > 0 && (isMuted(chat, now) || (chat.messages.at(-1)?.at ?? 0) <= chat.archivedAt);
