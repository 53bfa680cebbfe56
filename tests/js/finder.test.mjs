import assert from "node:assert/strict";
import { test } from "node:test";
import { Refused } from "../../web/chat_web/static/js/api.js";
import { Finder } from "../../web/chat_web/static/js/finder.js";
import { Clock, settle } from "./clock.mjs";

const TYPED = 300;

/** A finder whose answers the test gives. */
function setUp() {
  const clock = new Clock();
  const asked = [];
  const ask = (query, cursor) => new Promise((answer, fail) => asked.push({ ...query, cursor, answer, fail }));
  const finder = new Finder({ ask, clock, changed: () => {} });
  const type = (text, chatId) => {
    finder.set(text, chatId);
    clock.pass(TYPED);
  };
  /** Answer the request that is on its way. */
  const answer = async (seqs, cursor = null, backTo = null) => {
    asked.at(-1).answer({ found: seqs.map((seq) => ({ seq })), cursor, backTo });
    await settle();
  };
  const seqs = () => finder.found.map(({ seq }) => seq);
  return { clock, asked, finder, type, answer, seqs };
}

test("what is typed is searched once, a little after the last key", async () => {
  const { clock, asked, finder, answer, seqs } = setUp();
  for (const text of ["l", "la", "lak"]) {
    finder.set(text, 7);
    clock.pass(TYPED - 1);
  }
  assert.equal(asked.length, 0);
  assert.equal(finder.state, "busy");
  clock.pass(1);
  assert.deepEqual([asked.length, asked[0].q, asked[0].chatId, asked[0].cursor], [1, "lak", 7, null]);
  await answer([3, 1]);
  assert.deepEqual([finder.state, seqs(), finder.more], ["done", [3, 1], false]);
});

test("an answer to what was typed over is dropped, and the next request waits for it", async () => {
  const { asked, finder, type, answer, seqs } = setUp();
  type("one");
  type("two");
  assert.equal(asked.length, 1);
  await answer([9]);
  assert.deepEqual([asked.length, asked[1].q, seqs(), finder.state], [2, "two", [], "busy"]);
  await answer([4]);
  assert.deepEqual([asked.length, seqs(), finder.state], [2, [4], "done"]);
});

test("a text that is taken away while an answer is on its way finds nothing", async () => {
  const { asked, finder, type, answer } = setUp();
  type("one");
  finder.set("  ");
  await answer([9]);
  assert.deepEqual([asked.length, finder.state, finder.found], [1, "idle", []]);
});

test("the same text is not searched again, in another chat it is", async () => {
  const { asked, type, answer } = setUp();
  type("one", 1);
  await answer([]);
  type(" one ", 1);
  assert.equal(asked.length, 1);
  type("one", 2);
  assert.equal(asked.length, 2);
});

test("what is older is searched when it is asked for, from where the last answer ended", async () => {
  const { asked, finder, type, answer, seqs } = setUp();
  type("one");
  await answer([9, 8], "a", 1000);
  assert.deepEqual([asked.length, finder.more, finder.backTo], [1, true, 1000]);
  finder.goOn();
  finder.goOn();
  assert.deepEqual([asked.length, asked[1].cursor], [2, "a"]);
  await answer([2]);
  assert.deepEqual([seqs(), finder.more, finder.backTo], [[9, 8, 2], false, null]);
  finder.goOn();
  assert.equal(asked.length, 2);
});

test("while nothing is found some pieces are searched unasked, and no more", async () => {
  const { asked, finder, type, answer, seqs } = setUp();
  type("rare");
  for (let piece = 0; piece < 5; piece += 1) await answer([], `${piece}`);
  assert.deepEqual([asked.length, asked[4].cursor, finder.state], [5, "3", "done"]);
  finder.goOn();
  await answer([], "5");
  await answer([1], "6");
  assert.deepEqual([asked.length, finder.state, seqs()], [7, "done", [1]]);
});

test("a failure says why, keeps what was found, and can be tried again", async () => {
  const { asked, finder, type, answer, seqs } = setUp();
  type("one");
  await answer([9], "a");
  finder.goOn();
  asked[1].fail(new Refused("rate_limited", 5));
  await settle();
  assert.deepEqual([finder.state, finder.code, seqs()], ["failed", "rate_limited", [9]]);
  finder.goOn();
  assert.equal(asked[2].cursor, "a");
  await answer([8]);
  assert.deepEqual([finder.state, seqs()], ["done", [9, 8]]);
});

test("what is gone since is found no more", async () => {
  const { finder, type, answer, seqs } = setUp();
  type("one");
  await answer([9, 8, 7], "a");
  finder.drop(({ seq }) => seq === 8);
  assert.deepEqual([seqs(), finder.state, finder.more], [[9, 7], "done", true]);
});

test("a failure of what was typed over is none", async () => {
  const { asked, finder, type, answer } = setUp();
  type("one");
  type("two");
  asked[0].fail(new Refused("unreachable"));
  await settle();
  assert.equal(finder.state, "busy");
  await answer([1]);
  assert.equal(finder.state, "done");
});
