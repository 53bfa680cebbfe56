// What may be sent of what waits? And what is known of the chats it belongs to.
import { messageOf } from "./message_changes.js";

/**
 * @typedef {import("./outbox_entry.js").Entry} Entry
 * @typedef {import("./chat.js").Message} Message
 * @typedef {Pick<Entry, "epoch" | "to">} Stamp
 */

/**
 * What the outbox has to know.
 * @typedef {object} Facts
 * @property {(chatId: number) => Stamp} stamp what tells later whether a chat is still the one that was written in
 * @property {(chatId: number, seq: number) => Message | undefined} current a message as it is held
 * @property {(chatId: number) => number} keepsFor for how many seconds a chat keeps its messages; 0: for good
 * @property {(name: string) => number} chatWith the id of the chat with somebody; 0: there is none
 */

/**
 * The files of messages, on their way (`uploads.js`).
 * @typedef {Pick<import("./uploads.js").Uploads, "stateOf" | "again" | "forget">} Files
 */

/**
 * What an outbox works with.
 * @typedef {object} Parts
 * @property {(frame: object) => boolean} send
 * @property {(entries: Entry[]) => void} changed
 * @property {import("./clock.js").Clock} clock
 * @property {() => string} [makeId]
 * @property {Facts} [facts]
 * @property {Files} [files]
 */

/** @type {Facts} */
export const noFacts = {
  stamp: () => ({}),
  current: () => undefined,
  keepsFor: () => 0,
  chatWith: () => 0,
};

/** @type {Files} */
export const noFiles = { stateOf: () => ({ ids: [], code: null }), again: () => {}, forget: () => {} };

/**
 * @param {import("./store.js").Store} store
 * @param {() => string | null} epoch
 * @returns {Facts}
 */
export const factsOf = (store, epoch) => ({
  stamp: (chatId) => ({ epoch: epoch(), to: store.chats.get(chatId)?.other.username }),
  current(chatId, seq) {
    const chat = store.chats.get(chatId);
    return chat && messageOf(chat, seq);
  },
  keepsFor: (chatId) => store.chats.get(chatId)?.keepSeconds ?? 0,
  chatWith: (name) => [...store.chats.values()].find((chat) => chat.other.username === name)?.id ?? 0,
});

/**
 * The `text_seq` of the text that was edited. Where an earlier change of the same message waited, that one may have made
 * this text since; another text in its place is somebody else's doing, and the server says so.
 * @param {Entry} entry
 * @param {Message | undefined} current
 */
export const baseOf = ({ base, was }, current) =>
  current && was !== undefined && current.content === was ? current.textSeq : base;

/**
 * Whether a message was sent so long ago, without an answer, that it may have been stored and have disappeared since:
 * sent again it would be there a second time.
 * @param {Entry} entry
 * @param {number} keepSeconds
 * @param {number} now
 */
export const mayBeGone = ({ kind, sentAt }, keepSeconds, now) =>
  !kind && sentAt !== undefined && keepSeconds > 0 && now - sentAt >= keepSeconds * 1000;

/**
 * What becomes of an entry that was written before a backup was restored; null: nothing. A message goes on to whom it was
 * written to: what was answered has left the outbox, so this one is not stored, or stored under the same client id. But
 * numbers of chats and messages may belong to others now. So no reaction and no deletion is made, an edit becomes a text
 * that was not sent, and so does a message to somebody with whom there is no chat any more.
 * @param {Entry} entry
 * @param {{ epoch: string, chatWith: (name: string) => number, makeId: () => string }} now
 * @returns {Partial<Entry> | null}
 */
export function afterRestore({ kind, to, chatId, state }, { epoch, chatWith, makeId }) {
  if (kind === "react" || kind === "delete") return null;
  const anew = { epoch, replyTo: null, chatId: (to && chatWith(to)) || chatId };
  if (kind === "edit") {
    const message = { kind: undefined, seq: undefined, base: undefined, was: undefined };
    return { ...anew, ...message, clientId: makeId(), state: "failed", code: "restored" };
  }
  return to && chatWith(to) ? { ...anew, state } : { ...anew, state: "failed", code: "restored" };
}
