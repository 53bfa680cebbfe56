import assert from "node:assert/strict";
import { test } from "node:test";
import { Epoch } from "../../web/chat_web/static/js/epoch.js";
import { localStore } from "../../web/chat_web/static/js/storage.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { Sync } from "../../web/chat_web/static/js/sync.js";
import { Clock, settle } from "./clock.mjs";

const CHAT = { id: 7, other_user: { id: 2, username: "bob" } };

function make(userId) {
  const store = new Store();
  store.setMe({ id: userId, username: "ada" });
  store.addChat(CHAT);
  const said = [];
  const fetches = [];
  const epoch = new Epoch({
    store,
    outbox: {
      setConnected: (is) => said.push(`connected ${is}`),
      beginAnew: (one) => said.push(`outbox ${one}`),
    },
    kept: { erase: async () => void said.push("erased") },
    fetch: () => new Promise((resolve) => fetches.push(resolve)),
    goOn: () => said.push("on"),
  });
  return { epoch, store, said, fetches };
}

test("the first epoch is taken, and the same one again changes nothing", () => {
  const { epoch, store, said } = make(1);
  assert.deepEqual([epoch.hear("a"), epoch.hear("a"), epoch.known], [true, true, "a"]);
  assert.deepEqual([epoch.hear(null), epoch.hear(undefined)], [true, true]);
  assert.deepEqual([store.chats.size, said], [1, []]);
});

test("with another epoch nothing counts that was held, and sending goes on when all chats are here anew", async () => {
  const { epoch, store, said, fetches } = make(2);
  epoch.hear("a");
  assert.equal(epoch.hear("b"), false);
  assert.deepEqual([store.chats.size, store.isLoaded], [0, false]);
  await settle();
  assert.deepEqual(said, ["connected false", "erased"]);
  // A connection that is lost and comes back meanwhile does not begin once more, nor go on too soon.
  assert.deepEqual([epoch.hear("b"), epoch.hear(null), epoch.known], [false, false, "a"]);
  fetches[0]();
  await settle();
  assert.deepEqual(said.slice(2), ["outbox b", "on"]);
  assert.deepEqual([epoch.known, epoch.hear("b"), fetches.length], ["b", true, 1]);
});

test("a page that was opened after the restore has heard of the epoch before it in this browser", async () => {
  make(3).epoch.hear("a");
  const later = make(3);
  assert.equal(later.epoch.hear("b"), false);
  assert.equal(later.store.chats.size, 0);
  localStore.erase(3);
  assert.equal(make(3).epoch.hear("c"), true);
});

test("a second restore during the first one is the one that counts", async () => {
  const { epoch, said, fetches } = make(4);
  epoch.hear("a");
  epoch.hear("b");
  await settle();
  epoch.hear("c");
  await settle();
  fetches[0]();
  await settle();
  assert.ok(!said.includes("on"));
  fetches[1]();
  await settle();
  assert.deepEqual([said.at(-2), said.at(-1), epoch.known], ["outbox c", "on", "c"]);
});

test("sync_done tells it, too: what came with it is not taken for what is held", () => {
  const { epoch, store } = make(5);
  const frames = [];
  const sync = new Sync({
    store,
    clock: new Clock(),
    send: (frame) => frames.push(frame) > 0,
    isSame: (one) => epoch.hear(one),
  });
  epoch.hear("a");
  sync.ask();
  const state = { ...CHAT, last_seq: 9, unread: 0, delivered_seq: 0, read_seq: 0 };
  assert.deepEqual(sync.done({ chats: [state], epoch: "b" }), []);
  assert.deepEqual(sync.take({ chat: state, messages: [], more: false }), []);
  assert.deepEqual([store.chats.size, frames.length], [0, 1]);
});
