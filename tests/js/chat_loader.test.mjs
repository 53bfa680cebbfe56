import assert from "node:assert/strict";
import { test } from "node:test";
import { nextQuery } from "../../web/chat_web/static/js/api.js";
import { ChatLoader } from "../../web/chat_web/static/js/chat_loader.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { Clock, settle } from "./clock.mjs";

const NOTHING = { unread: 0, delivered_seq: 0, read_seq: 0, other_delivered_seq: 0, other_read_seq: 0 };
const rawChat = (id, lastSeq = 0) => ({
  ...NOTHING,
  id,
  other_user: { id: id + 100, username: `user ${id}` },
  last_seq: lastSeq,
  messages: [],
  more: lastSeq > 0,
});

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
  const loader = new ChatLoader({
    store,
    clock,
    getChats,
    ask() {},
    fetchLatest: async (chat) => void fetched.push(chat.id),
  });
  return { store, clock, asked, fetched, loader };
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

test("the next page is what the Link header names, and only its query counts", () => {
  assert.equal(nextQuery('</backend/get_chats?limit=50&before=a_1>; rel="next"'), "?limit=50&before=a_1");
  assert.equal(nextQuery("<https://elsewhere.example/x?limit=50>; rel=next"), "?limit=50");
  assert.equal(nextQuery('</a?b=1>; rel="prev", </backend/get_chats?before=2>; rel="next"'), "?before=2");
  assert.equal(nextQuery('</a?b=1>; rel="prev"'), null);
  assert.equal(nextQuery(null), null);
});
