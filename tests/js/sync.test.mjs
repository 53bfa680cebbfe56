import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../web/chat_web/static/js/store.js";
import { Sync } from "../../web/chat_web/static/js/sync.js";
import { Clock } from "./clock.mjs";

const raw = (seq) => ({
  id: seq,
  chat_id: 7,
  seq,
  sender_id: 2,
  content: `text ${seq}`,
  sent_at: new Date(seq * 1000).toISOString(),
});
const state = (lastSeq, id = 7) => ({
  id,
  other_user: { id: 2, username: "bob" },
  last_seq: lastSeq,
  unread: lastSeq,
  delivered_seq: 0,
  read_seq: 0,
  other_delivered_seq: 0,
  other_read_seq: 0,
});
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
  assert.deepEqual(frames, [{ type: "sync", chats: { 7: 3 }, only: true }]);
  sync.take({ chat: state(250), messages: range(4, 103), more: true });
  sync.done({ chats: [state(250)] });
  assert.deepEqual(frames[1], { type: "sync", chats: { 7: 103 }, only: true });
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
  assert.deepEqual(frames, [{ type: "sync", chats: { 7: 3 }, only: true }]);
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
