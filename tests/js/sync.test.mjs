import assert from "node:assert/strict";
import { test } from "node:test";
import { toMessage } from "../../web/chat_web/static/js/chat.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { Sync } from "../../web/chat_web/static/js/sync.js";
import { Clock } from "./clock.mjs";
import { rawMessage as raw, rawChat } from "./raw.mjs";

const state = (lastSeq, id = 7) => rawChat({ id, last_seq: lastSeq, unread: lastSeq });
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => raw(from + at));

function make(held) {
  const store = new Store();
  store.setMe({ id: 1, username: "ada" });
  store.addChats(held ? [{ ...state(held), messages: range(1, held), more: false }] : []);
  const frames = [];
  const clock = new Clock();
  let open = true;
  const sync = new Sync({ store, clock, send: (frame) => open && frames.push(structuredClone(frame)) > 0 });
  return {
    store,
    frames,
    sync,
    clock,
    close: () => {
      open = false;
    },
  };
}

test("it names all that is held, and asks again while a chat has more", () => {
  const { store, frames, sync } = make(3);
  sync.ask();
  assert.deepEqual(frames, [{ type: "sync", chats: { 7: [3, 0] }, only: true }]);
  sync.take({ chat: state(250), messages: range(4, 103), more: true });
  sync.done({ chats: [state(250)] });
  assert.deepEqual(frames[1], { type: "sync", chats: { 7: [103, 0] }, only: true });
  sync.take({ chat: state(250), messages: range(104, 250), more: false });
  sync.done({ chats: [state(250)] });
  assert.equal(frames.length, 2);
  assert.equal(store.chats.get(7).messages.length, 250);
});

test("questions during a question become one question after it", () => {
  const { frames, sync, store } = make(1);
  sync.ask();
  sync.ask();
  sync.ask();
  assert.equal(frames.length, 1);
  sync.take({ chat: state(2), messages: [raw(2)], more: false });
  sync.done({ chats: [state(2)] });
  assert.equal(frames.length, 2);
  assert.equal(store.chats.get(7).messages.length, 2);
});

test("a server that says the same over and over is not asked over and over", () => {
  const { frames, sync, clock } = make(1);
  sync.ask();
  sync.done({ chats: [state(5)] });
  assert.equal(frames.length, 1);
  clock.pass(2000);
  assert.equal(frames.length, 2);
});

test("a chat that is new to this browser comes with its messages", () => {
  const { store, sync } = make(0);
  sync.ask();
  sync.take({ chat: state(2), messages: range(1, 2), more: false });
  sync.done({ chats: [state(2)] });
  assert.equal(store.chats.get(7).messages.length, 2);
  assert.equal(store.chats.get(7).unread, 2);
});

test("reset begins the chat anew", () => {
  const { store, sync } = make(9);
  sync.ask();
  sync.take({ chat: state(2), messages: range(1, 2), more: false, reset: true });
  sync.done({ chats: [state(2)] });
  assert.deepEqual(
    store.chats.get(7).messages.map((one) => one.seq),
    [1, 2],
  );
});

test("a new connection asks anew, whatever became of the question on the old one", () => {
  const { frames, sync } = make(1);
  sync.ask();
  sync.stop();
  sync.restart();
  assert.equal(frames.length, 2);
});

test("a question that cannot be sent is not taken for one that is open", () => {
  const { frames, sync, close } = make(1);
  close();
  sync.ask();
  sync.ask();
  assert.equal(frames.length, 0);
});

test("a question that was refused is asked again when the server says, and not before", () => {
  const { frames, sync, clock } = make(1);
  sync.refused({ code: "rate_limited", retry_after: 1 });
  clock.pass(60_000);
  assert.equal(frames.length, 0);
  sync.ask();
  sync.refused({ code: "rate_limited", retry_after: 3 });
  clock.pass(2_900);
  assert.equal(frames.length, 1);
  clock.pass(200);
  assert.equal(frames.length, 2);
  sync.done({ chats: [state(1)] });
  clock.pass(60_000);
  assert.equal(frames.length, 2);
});

test("a chat that the list has brought without its messages is not named: the server would begin it at 1", () => {
  const { store, frames, sync } = make(3);
  store.addChats([{ ...state(5000, 8), messages: [], more: true }]);
  sync.ask();
  assert.deepEqual(frames, [{ type: "sync", chats: { 7: [3, 0] }, only: true }]);
  sync.done({ chats: [state(3), state(5000, 8)] });
  assert.equal(frames.length, 1);
});

test("sync_done in parts is one answer: no chat of a later part is taken for one that is gone", () => {
  const { store, frames, sync, clock } = make(3);
  store.addChats([{ ...state(0, 8), messages: [], more: false }]);
  sync.ask();
  sync.done({ chats: [state(3)], more: true });
  assert.deepEqual([...store.chats.keys()], [7, 8]);
  sync.done({ chats: [state(0, 8)] });
  assert.deepEqual([...store.chats.keys()], [7, 8]);
  clock.pass(60_000);
  assert.equal(frames.length, 1);
});

test("a chat that was added between two parts stays", () => {
  const { store, sync } = make(3);
  sync.ask();
  sync.done({ chats: [state(3)], more: true });
  store.addChat({ id: 9, other_user: { id: 4, username: "dan" } });
  sync.done({ chats: [] });
  assert.deepEqual([...store.chats.keys()], [7, 9]);
});

test("parts of an answer on a connection that was lost are forgotten", () => {
  const { store, sync } = make(3);
  store.addChats([{ ...state(0, 8), messages: [], more: false }]);
  sync.ask();
  sync.done({ chats: [state(3), state(0, 8)], more: true });
  sync.stop();
  sync.restart();
  sync.done({ chats: [state(3)] });
  assert.deepEqual([...store.chats.keys()], [7]);
});

const changed = (seq, changeSeq, content = `change ${changeSeq}`) => ({
  ...raw(seq),
  content,
  edited_at: "2026-01-01T00:00:00.000Z",
  change_seq: changeSeq,
  text_seq: changeSeq,
});
const at = (lastSeq, changeSeq) => ({ ...state(lastSeq), change_seq: changeSeq });
const contents = (store) => store.chats.get(7).messages.map((one) => one.content);

test("what has changed meanwhile comes with its number, and is asked for until all of it is held", () => {
  const { store, frames, sync } = make(3);
  sync.ask();
  assert.deepEqual(frames[0].chats, { 7: [3, 0] });
  sync.take({ chat: at(3, 150), messages: [], more: true, changes: [changed(2, 100)], change_seq: 100 });
  sync.done({ chats: [at(3, 150)] });
  assert.deepEqual(frames[1].chats, { 7: [3, 100] });
  sync.take({ chat: at(3, 150), messages: [], more: false, changes: [changed(3, 150)], change_seq: 150 });
  sync.done({ chats: [at(3, 150)] });
  assert.equal(frames.length, 2);
  assert.deepEqual(contents(store), ["text 1", "change 100", "change 150"]);
});

test("sync_done is only compared: a change that it names is asked for, and is not held by that", () => {
  const { store, frames, sync, clock } = make(3);
  sync.ask();
  sync.done({ chats: [at(3, 2)] });
  assert.equal(store.chats.get(7).heldChange, 0);
  clock.pass(2000);
  assert.deepEqual(frames[1].chats, { 7: [3, 0] });
});

test("changes of a message that came after the question are not taken for held by its answer", () => {
  const { store, frames, sync } = make(3);
  sync.ask();
  store.merge(7, [toMessage(raw(4))]);
  // Change 2 was one of message 4, and its frame is lost: the answer knows nothing of message 4.
  sync.take({ chat: at(4, 2), messages: [], more: false, changes: [changed(1, 1)], change_seq: 2 });
  sync.done({ chats: [at(4, 2)] });
  assert.deepEqual(frames[1].chats, { 7: [4, 0] });
  sync.take({ chat: at(4, 2), messages: [], more: false, changes: [changed(1, 1), changed(4, 2)], change_seq: 2 });
  sync.done({ chats: [at(4, 2)] });
  assert.equal(frames.length, 2);
  assert.deepEqual(contents(store), ["change 1", "text 2", "text 3", "change 2"]);
});

test("a change that came live while older ones were read is not undone by them", () => {
  const { store, sync } = make(3);
  sync.ask();
  store.change(7, toMessage(changed(2, 9)));
  sync.take({ chat: at(3, 8), messages: [], more: false, changes: [changed(2, 8), changed(3, 5)], change_seq: 8 });
  assert.deepEqual(contents(store), ["text 1", "change 9", "change 5"]);
  assert.equal(store.chats.get(7).heldChange, 9);
});

test("who is told to begin anew holds the latest messages and nothing of before", () => {
  const { store, frames, sync } = make(3);
  sync.ask();
  const chat = { ...at(500, 2000), floor: 350 };
  sync.take({ chat, messages: range(401, 500), more: false, reset: true, change_seq: 2000 });
  sync.done({ chats: [chat] });
  assert.equal(frames.length, 1);
  const { messages, more, floor, heldChange } = store.chats.get(7);
  assert.deepEqual([messages[0].seq, messages.length, more, floor, heldChange], [401, 100, true, 350, 2000]);
});

test("below a floor nothing is held, and nothing is asked for again and again", () => {
  const { store, frames, sync, clock } = make(3);
  sync.ask();
  const chat = { ...at(3, 7), floor: 3 };
  sync.take({ chat, messages: [], more: false, change_seq: 7 });
  sync.done({ chats: [chat] });
  clock.pass(60_000);
  assert.deepEqual([frames.length, store.chats.get(7).messages], [1, []]);
  sync.ask();
  assert.deepEqual(frames[1].chats, { 7: [3, 7] });
});

test("what came live before a reset counts for nothing with it, and is asked for", () => {
  const { store, frames, sync } = make(3);
  sync.ask();
  store.merge(7, [toMessage(raw(4))]);
  sync.take({ chat: at(3, 9), messages: range(1, 3), more: false, reset: true, change_seq: 9 });
  sync.done({ chats: [at(3, 9)] });
  assert.deepEqual(frames[1].chats, { 7: [3, 9] });
});

test("of a message that comes live behind changes that an answer has brought, those are not taken for held", () => {
  const { store, frames, sync } = make(3);
  sync.ask();
  // Change 2 was one of message 4, which this part of the answer does not bring; the rest of it is lost.
  sync.take({ chat: at(3, 2), messages: [], more: false, changes: [changed(1, 1)], change_seq: 2 });
  assert.equal(store.chats.get(7).heldChange, 2);
  store.merge(7, [toMessage(raw(4))]);
  sync.stop();
  sync.restart();
  assert.deepEqual(frames[1].chats, { 7: [4, 0] });
  sync.take({ chat: at(4, 2), messages: [], more: false, changes: [changed(1, 1), changed(4, 2)], change_seq: 2 });
  sync.done({ chats: [at(4, 2)] });
  // What comes behind the whole answer was written later than all that it knew.
  store.merge(7, [toMessage(raw(5))]);
  assert.equal(store.chats.get(7).heldChange, 2);
});

test("what waited behind a hole over a pause of the connection is asked for its changes when it is not behind one", () => {
  const { store, frames, sync } = make(3);
  store.merge(7, [toMessage(raw(5))]);
  sync.ask();
  sync.take({ chat: at(5, 1), messages: [], more: false, changes: [], change_seq: 1 });
  sync.take({ chat: at(5, 1), messages: [raw(4)], more: true, change_seq: 1 });
  sync.done({ chats: [at(5, 1)] });
  assert.deepEqual(frames[1].chats, { 7: [5, 0] });
});

test("a chat of which all that was held is gone is to be fetched, until it is here", () => {
  const { store, sync } = make(3);
  const chat = { ...state(200), floor: 120 };
  sync.ask();
  const ids = (chats) => chats.map(({ id }) => id);
  assert.deepEqual(ids(sync.done({ chats: [chat] })), [7]);
  sync.ask();
  assert.deepEqual(ids(sync.done({ chats: [chat] })), [7]);
  store.begin(7, range(171, 200).map(toMessage), true);
  sync.ask();
  assert.deepEqual(ids(sync.done({ chats: [chat] })), []);
});
