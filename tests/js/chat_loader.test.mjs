import assert from "node:assert/strict";
import { test } from "node:test";
import { nextQuery } from "../../web/chat_web/static/js/api.js";
import { toMessage } from "../../web/chat_web/static/js/chat.js";
import { ChatLoader } from "../../web/chat_web/static/js/chat_loader.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { Clock, settle } from "./clock.mjs";
import { rawChat as listed, rawMessage } from "./raw.mjs";

const rawChat = (id, lastSeq = 0) => {
  const other = { id: id + 100, username: `user ${id}` };
  return listed({ id, other_user: other, last_seq: lastSeq, more: lastSeq > 0 });
};

function make(pages) {
  const store = new Store();
  store.setMe({ id: 1, username: "ada" });
  const clock = new Clock();
  const asked = [];
  const fetched = [];
  const getChats = async (query) => {
    asked.push(query);
    const page = pages.shift();
    if (page instanceof Error) throw page;
    return page;
  };
  const answers = [];
  const fetchLatest = async (chat) => {
    fetched.push(chat.id);
    if (answers.shift() !== "fails") store.begin(chat.id, [toMessage(rawMessage(chat.lastSeq))], true);
  };
  const loader = new ChatLoader({ store, clock, getChats, ask: () => asked.push("sync"), fetchLatest });
  return { answers, store, clock, asked, fetched, loader };
}

test("the first page is shown at once, and the others follow to the end", async () => {
  const { store, asked, loader } = make([
    { chats: [rawChat(2)], next: "?before=c2" },
    { chats: [rawChat(1)], next: null },
  ]);
  const loading = loader.load({ chats: [rawChat(3)], next: "?before=c1" });
  assert.deepEqual([[...store.chats.keys()], store.isLoaded, store.isComplete], [[3], true, false]);
  await loading;
  assert.deepEqual(asked, ["?before=c1", "?before=c2"]);
  assert.deepEqual([[...store.chats.keys()], store.isComplete], [[3, 2, 1], true]);
});

test("a page that does not come is asked for again after a pause", async () => {
  const { store, clock, asked, loader } = make([new Error("unreachable"), { chats: [rawChat(1)], next: null }]);
  loader.load({ chats: [], next: "?before=c1" });
  await settle();
  assert.deepEqual([asked.length, store.isComplete], [1, false]);
  clock.pass(5000);
  await settle();
  assert.deepEqual([asked, store.isComplete], [["?before=c1", "?before=c1"], true]);
});

test("chats for whose messages a page had no room get them afterwards", async () => {
  const { fetched, loader } = make([]);
  await loader.load({ chats: [rawChat(3), rawChat(2, 9), rawChat(1, 4)], next: null });
  assert.deepEqual(fetched, [2, 1]);
});

test("what cannot be fetched now is fetched later, and nothing else again", async () => {
  const { fetched, answers, clock, loader } = make([]);
  answers.push("comes", "fails");
  loader.load({ chats: [rawChat(3, 2), rawChat(2, 9)], next: null });
  await settle();
  assert.deepEqual(fetched, [3, 2]);
  clock.pass(5000);
  await settle();
  assert.deepEqual(fetched, [3, 2, 2]);
});

test("what was told live of a chat before its page is asked for where the page does not meet it", async () => {
  const { store, asked, loader } = make([{ chats: [{ ...rawChat(2, 4), messages: [rawMessage(4)] }], next: null }]);
  store.merge(2, [toMessage(rawMessage(6))]);
  await loader.load({ chats: [rawChat(3)], next: "?before=c1" });
  assert.deepEqual(asked, ["?before=c1", "sync"]);
  store.merge(2, [toMessage(rawMessage(5))]);
  assert.deepEqual(
    store.chats.get(2).messages.map((one) => one.seq),
    [4, 5, 6],
  );
});

test("a list that is loaded anew ends the one before", async () => {
  const { store, asked, clock, loader } = make([
    { chats: [rawChat(2)], next: null },
    new Error("unreachable"),
    { chats: [rawChat(7)], next: null },
  ]);
  const before = loader.load({ chats: [rawChat(3)], next: "?before=c1" });
  store.forget();
  const anew = loader.reload();
  await settle();
  clock.pass(5000);
  await Promise.all([before, anew]);
  assert.deepEqual([[...store.chats.keys()], store.isComplete], [[7], true]);
  assert.equal(asked.length, 3);
});

test("the next page is what the Link header names, and only its query counts", () => {
  assert.equal(nextQuery('</backend/get_chats?limit=50&before=a_1>; rel="next"'), "?limit=50&before=a_1");
  assert.equal(nextQuery("<https://elsewhere.example/x?limit=50>; rel=next"), "?limit=50");
  assert.equal(nextQuery('</a?b=1>; rel="prev", </backend/get_chats?before=2>; rel="next"'), "?before=2");
  assert.equal(nextQuery('</a?b=1>; rel="prev"'), null);
  assert.equal(nextQuery(null), null);
});
