import assert from "node:assert/strict";
import { after, test } from "node:test";
import { toMessage } from "../../web/chat_web/static/js/chat.js";
import { History } from "../../web/chat_web/static/js/history.js";
import { runOf } from "../../web/chat_web/static/js/runs.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { Clock, settle } from "./clock.mjs";
import { rawChat as listed, rawMessage as raw } from "./raw.mjs";

const real = { fetch: globalThis.fetch, setTimeout: globalThis.setTimeout };
after(() => Object.assign(globalThis, real));

const edited = (seq, changeSeq) =>
  raw(seq, { content: `change ${changeSeq}`, change_seq: changeSeq, text_seq: changeSeq });
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => raw(from + at));
const rawChat = (messages, extra = {}) =>
  listed({ last_seq: messages.at(-1)?.seq ?? 30, messages, more: true, ...extra });

function make(chat = rawChat(range(21, 30))) {
  const store = new Store();
  store.setMe({ id: 1, username: "ada" });
  store.addChats([chat]);
  const clock = new Clock();
  const asked = [];
  const holes = [];
  let answers = [];
  globalThis.setTimeout = (run, ms) => clock.after(ms, run);
  globalThis.fetch = (address) => {
    asked.push(address);
    return new Promise((resolve) => {
      answers.push((body) => resolve({ ok: true, json: async () => body, headers: { get: () => null } }));
    });
  };
  const history = new History({ store, again: () => {}, ask: () => holes.push(7) });
  /** The server answers what was asked last. */
  const answer = async (messages, more, changeSeq = 0) => {
    answers.pop()({ messages, more, change_seq: changeSeq });
    answers = [];
    await settle();
  };
  return { store, history, clock, asked, answer, chat: store.chats.get(7), holes };
}
const seqs = (chat) => runOf(chat).messages.map((one) => one.seq);

test("a page that was read before a change that is here is read once more, and after a pause again", async () => {
  const { store, history, clock, asked, answer, chat } = make();
  store.change(7, toMessage(edited(25, 1)));
  history.older(chat);
  await answer(range(11, 20), true, 0);
  assert.equal(asked.length, 2);
  await answer(range(11, 20), true, 0);
  assert.deepEqual([seqs(chat)[0], asked.length], [21, 2]);
  history.older(chat);
  assert.equal(asked.length, 2);
  clock.pass(3000);
  history.older(chat);
  await answer(range(11, 20), true, 1);
  assert.equal(seqs(chat)[0], 11);
});

test("a change beyond a hole counts, too: the page must know it", async () => {
  const { store, history, asked, answer, chat } = make();
  store.change(7, toMessage(edited(15, 3)));
  history.older(chat);
  await answer(range(11, 20), true, 2);
  assert.equal(asked.length, 2);
  await answer([...range(11, 14), edited(15, 3), ...range(16, 20)], true, 3);
  assert.equal(chat.messages[4].content, "change 3");
});

test("a page around a message must know what is here, and is in step from then on", async () => {
  const { store, history, asked, answer, chat } = make();
  store.change(7, toMessage(edited(25, 1)));
  const around = history.around(chat, 5);
  await answer(range(1, 5), true, 0);
  await answer(range(1, 5), true, 1);
  await around;
  assert.deepEqual([seqs(chat), asked.length], [[1, 2, 3, 4, 5], 2]);
  // What has changed while nobody was connected comes with sync, of whatever is read.
  store.merge(7, [toMessage(edited(3, 2))]);
  assert.equal(runOf(chat).messages[2].content, "change 2");
});

test("an empty page that comes when others are here already does not say that there are none before them", async () => {
  const { store, history, answer, chat } = make();
  history.older(chat);
  store.restart(rawChat([]), range(28, 30).map(toMessage), 0);
  await answer([], false);
  assert.deepEqual([seqs(chat), chat.more], [[28, 29, 30], true]);
});

test("what comes for a chat of before a restore is not taken into the one of now", async () => {
  const { store, history, answer, chat } = make();
  history.older(chat);
  store.forget();
  store.addChats([rawChat(range(21, 30))]);
  await answer(range(11, 20), true);
  assert.equal(seqs(store.chats.get(7))[0], 21);
});

test("what has come live before the first page, and does not meet it, is asked for", async () => {
  const { store, history, answer, chat, holes } = make(rawChat([]));
  store.merge(7, [toMessage(raw(32))]);
  history.latest(chat);
  await answer(range(21, 30), true);
  assert.deepEqual([seqs(chat).at(-1), holes.length], [30, 1]);
  store.merge(7, [toMessage(raw(31))]);
  assert.equal(seqs(chat).at(-1), 32);
});

test("messages that have gone while a page was on its way are not in it", async () => {
  const { store, history, answer, chat } = make();
  history.older(chat);
  store.raiseFloor(7, 15);
  await answer(range(11, 20), true);
  assert.deepEqual([seqs(chat)[0], chat.more], [16, false]);
});
