// What a page holds of a chat whose messages go while other things are under way.
import assert from "node:assert/strict";
import { test } from "node:test";
import { toMessage } from "../../web/chat_web/static/js/chat.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { rawChat as listed, rawMessage as raw } from "./raw.mjs";

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => raw(from + at));
const rawChat = (lastSeq, extra = {}) => listed({ last_seq: lastSeq, ...extra });

function makeStore(messages, extra) {
  const store = new Store();
  store.setMe({ id: 1, username: "ada" });
  store.addChats([rawChat(messages.at(-1)?.seq ?? 0, { messages, more: true, ...extra })]);
  return store;
}

test("a page that was read before the messages above it went has none above it", () => {
  const store = makeStore([], { last_seq: 9 });
  store.raiseFloor(7, 5);
  store.begin(7, range(6, 9).map(toMessage), true);
  assert.equal(store.chats.get(7).more, false);
});

test("older messages that come when all are gone change nothing", () => {
  const store = makeStore(range(6, 9));
  store.raiseFloor(7, 9);
  store.prepend(7, range(1, 5).map(toMessage), true);
  const { messages, more } = store.chats.get(7);
  assert.deepEqual([messages, more], [[], false]);
});

test("of a chat of which nothing is left all changes are held, and of what comes next none is missing", () => {
  const store = makeStore([], { last_seq: 1, floor: 1, change_seq: 3 });
  assert.equal(store.chats.get(7).heldChange, 3);
  store.merge(7, [toMessage(raw(2))]);
  const { hole } = store.change(7, toMessage({ ...raw(2), change_seq: 4, text_seq: 4 }));
  assert.deepEqual([store.chats.get(7).heldChange, hole], [4, false]);
});

test("what waited behind a hole is shown when the messages of the hole are gone, with its changes", () => {
  const store = makeStore(range(1, 5));
  store.merge(7, [toMessage(raw(8))]);
  store.change(7, toMessage({ ...raw(8), change_seq: 1, text_seq: 1, content: "changed" }));
  store.raiseFloor(7, 7);
  const [message] = store.chats.get(7).messages;
  assert.deepEqual([message.seq, message.content], [8, "changed"]);
});
