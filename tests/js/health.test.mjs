import assert from "node:assert/strict";
import { test } from "node:test";
import { Health } from "../../web/chat_web/static/js/health.js";
import { Clock, settle } from "./clock.mjs";

function make({ wanted = () => true } = {}) {
  const clock = new Clock();
  const said = [];
  const made = { clock, said, answer: true, asked: 0 };
  made.health = new Health({
    clock,
    isWanted: wanted,
    random: () => 0.5,
    changed: (isGood) => said.push(isGood),
    ask: async () => {
      made.asked += 1;
      return made.answer;
    },
  });
  made.health.start();
  made.pass = async (ms) => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.pass(500);
      await settle();
    }
  };
  return made;
}

test("a database that goes away and comes back is noticed", async () => {
  const made = make();
  await made.pass(30_000);
  assert.deepEqual([made.said, made.asked], [[], 3]);
  made.answer = false;
  await made.pass(10_000);
  assert.deepEqual(made.said, [false]);
  made.answer = true;
  await made.pass(3000);
  assert.deepEqual(made.said, [false, true]);
});

test("an answer that shows it counts at once, and without an answer nothing changes", async () => {
  const made = make();
  made.health.hear(false);
  made.health.hear(false);
  assert.deepEqual(made.said, [false]);
  made.answer = null;
  await made.pass(20_000);
  assert.deepEqual(made.said, [false]);
  made.health.hear(true);
  assert.deepEqual(made.said, [false, true]);
});

test("where nobody sees the difference nobody asks, until it is known to be away", async () => {
  const made = make({ wanted: () => false });
  await made.pass(60_000);
  assert.equal(made.asked, 0);
  made.health.hear(false);
  await made.pass(3000);
  assert.deepEqual([made.asked, made.said], [1, [false, true]]);
});
