import assert from "node:assert/strict";
import { test } from "node:test";
import { toMessage } from "../../web/chat_web/static/js/chat.js";
import { chatOf, hasMoved, isStale, keptOf, newestOf } from "../../web/chat_web/static/js/kept.js";
import { heldSeq } from "../../web/chat_web/static/js/runs.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { rawChat as listed, rawMessage as raw } from "./raw.mjs";

const rawChat = (id, seqs, extra = {}) => {
  const other = { id: id * 10, username: `user ${id}` };
  return listed({ id, other_user: other, last_seq: seqs.at(-1) ?? 0, messages: seqs.map((seq) => raw(seq)), ...extra });
};
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const ME = { id: 1, username: "ada" };

function makeStore(...chats) {
  const store = new Store();
  store.setMe(ME);
  store.addChats(chats);
  return store;
}

/** A store that shows what was kept of another one, as over a reload without a network. */
function reopen(store) {
  const opened = new Store();
  const chats = newestOf(store).map((chat) => chatOf(structuredClone(keptOf(chat))));
  opened.takeKept({ me: ME, chats });
  return opened;
}

const changed = (seq, changeSeq, content) => raw(seq, { content, change_seq: changeSeq, text_seq: changeSeq });
const contents = (store, id = 7) => store.chats.get(id).messages.map((one) => one.content);

test("of each chat the newest messages are kept, within bounds of their number and their letters", () => {
  const store = makeStore(rawChat(7, range(1, 60)));
  const kept = keptOf(store.chats.get(7));
  assert.deepEqual([kept.messages.length, kept.messages[0].seq, kept.more], [50, 11, true]);
  const long = range(1, 30).map((seq) => raw(seq, { content: "x".repeat(8000) }));
  const few = keptOf(makeStore({ ...rawChat(7, []), last_seq: 30, messages: long }).chats.get(7));
  assert.deepEqual([few.messages.length, few.more], [12, true]);
});

const HOUR = 3_600_000;
/** A chat of which one message was written at each of these hours, opened again after 100 hours. */
const openedLater = (hours, extra, change = {}) => {
  const messages = hours.map((hour, at) =>
    raw(at + 1, { sent_at: new Date(hour * HOUR).toISOString(), ...change[at + 1] }),
  );
  const kept = keptOf(makeStore({ ...rawChat(7, []), last_seq: hours.length, messages, ...extra }).chats.get(7));
  return chatOf(kept, 100 * HOUR);
};
const seqsOf = ({ messages }) => messages.map(({ seq }) => seq);

test("what its chat does not keep so long any more is not shown, nor quoted", () => {
  const quoting = (seq) => ({ reply_to: { seq, sender_id: 2, content: `text ${seq}` } });
  const change = { 3: quoting(2), 4: quoting(3) };
  const chat = openedLater([40, 50, 98, 99], { keep_seconds: 3 * 3600 }, change);
  // What the server has is asked of it: no floor is made up here.
  assert.deepEqual([seqsOf(chat), chat.more, chat.floor], [[3, 4], true, 0]);
  assert.deepEqual(
    chat.messages.map(({ replyTo }) => [replyTo.gone, replyTo.content]),
    [
      [true, ""],
      [false, "text 3"],
    ],
  );
  assert.deepEqual(seqsOf(openedLater([40, 50], { keep_seconds: 3600 })), []);
  assert.deepEqual(seqsOf(openedLater([40, 50, 98], {})), [1, 2, 3]);
});

test("for a day after that was chosen, nothing goes", () => {
  const notice = { kind: "notice", notice: { keep_seconds: 3600, before: null } };
  assert.deepEqual(seqsOf(openedLater([40, 77, 99], { keep_seconds: 3600 }, { 2: notice })), [1, 2, 3]);
  assert.deepEqual(seqsOf(openedLater([40, 75, 99.5], { keep_seconds: 3600 }, { 2: notice })), [3]);
});

test("the chats are kept in which something has happened last", () => {
  const store = makeStore(...range(1, 60).map((id) => rawChat(61 - id, [100 - id])));
  store.merge(1, [toMessage(raw(41, { sent_at: new Date().toISOString() }))]);
  const ids = newestOf(store).map((chat) => chat.id);
  assert.deepEqual([ids.length, ids[0], ids[1], ids.includes(11)], [50, 1, 60, false]);
});

test("what was kept is shown as it was, until the list is here", () => {
  const store = makeStore(rawChat(7, [1, 2, 3], { floor: 0, change_seq: 4, unread: 3 }));
  const opened = reopen(store);
  assert.deepEqual([opened.isLoaded, opened.isListed, opened.myId, opened.chats.get(7).unread], [true, false, 1, 3]);
  assert.deepEqual(contents(opened), ["text 1", "text 2", "text 3"]);
  opened.addChats([rawChat(7, [2, 3, 4], { more: true, change_seq: 6 })]);
  // One run; the changes of its older messages are still to be asked for.
  assert.deepEqual(contents(opened), ["text 1", "text 2", "text 3", "text 4"]);
  assert.deepEqual([opened.chats.get(7).heldChange, opened.isListed], [4, true]);
});

test("a list that is beyond what was kept takes its place, and what it knows of changes is shown at once", () => {
  const opened = reopen(makeStore(rawChat(7, [1, 2]), rawChat(8, [1, 2])));
  const gone = raw(2, { content: "", deleted_at: "2026-01-01T00:00:00.000Z", change_seq: 1, text_seq: 1 });
  opened.addChats([
    rawChat(7, [8, 9], { more: true }),
    { ...rawChat(8, [1, 2]), messages: [raw(1), gone], change_seq: 1 },
  ]);
  assert.deepEqual([contents(opened), opened.chats.get(7).more], [["text 8", "text 9"], true]);
  assert.deepEqual(contents(opened, 8), ["text 1", ""]);
});

test("a chat that is empty for the reader is kept as one, and goes on where it is", () => {
  const opened = reopen(makeStore(rawChat(7, [], { last_seq: 5, floor: 5 })));
  assert.equal(heldSeq(opened.chats.get(7)), 5);
  opened.addChats([rawChat(7, [6], { floor: 5 })]);
  assert.deepEqual(contents(opened), ["text 6"]);
});

test("a text that changes or goes is not to be kept any longer; a new message is no hurry", () => {
  const store = makeStore(rawChat(7, range(1, 60)));
  const chat = store.chats.get(7);
  let kept = keptOf(chat);
  assert.equal(hasMoved(chat, kept), false);
  store.merge(7, [toMessage(raw(61))]);
  assert.deepEqual([isStale(chat, kept), hasMoved(chat, kept)], [false, true]);
  kept = keptOf(chat);
  store.change(7, toMessage(changed(3, 1, "above what is kept")));
  assert.equal(isStale(chat, kept), false);
  store.change(7, toMessage(changed(30, 2, "new")));
  assert.equal(isStale(chat, kept), true);
  kept = keptOf(chat);
  store.raiseFloor(7, 20);
  assert.equal(isStale(chat, kept), true);
  assert.equal(isStale(undefined, kept), true);
});

test("a quote of a text that was deleted is not kept any longer", () => {
  const answer = raw(60, { reply_to: { seq: 1, sender_id: 2, content: "text 1" } });
  const store = makeStore({ ...rawChat(7, range(1, 60)), messages: [...range(1, 59).map((seq) => raw(seq)), answer] });
  const kept = keptOf(store.chats.get(7));
  store.change(7, toMessage({ ...changed(1, 1, ""), deleted_at: "2026-01-01T00:00:00.000Z" }));
  assert.equal(isStale(store.chats.get(7), kept), true);
  assert.equal(keptOf(store.chats.get(7)).messages.at(-1).replyTo.content, "");
});

test("who has read on since then is shown as such", () => {
  const store = makeStore(rawChat(7, [1, 2], { unread: 2 }));
  const kept = keptOf(store.chats.get(7));
  store.receipt({ chat_id: 7, user_id: 1, delivered_seq: 2, read_seq: 2 });
  assert.equal(hasMoved(store.chats.get(7), kept), true);
});
