import assert from "node:assert/strict";
import { test } from "node:test";
import { Refused } from "../../web/chat_web/static/js/api.js";
import { untilLoggedOut } from "../../web/chat_web/static/js/left.js";
import { Clock, settle } from "./clock.mjs";

/** Waits with these answers, one after another; says after how many of them it went on. */
async function wait(answers) {
  const clock = new Clock();
  let asked = 0;
  let isOver = false;
  const ask = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer) throw answer;
  };
  untilLoggedOut(clock, ask).then(() => {
    isOver = true;
  });
  for (let turn = 0; turn < 50 && !isOver; turn += 1) {
    await settle();
    if (!isOver) clock.pass(250);
  }
  assert(isOver);
  return asked;
}

test("a tab that hears of a logout leaves when the login has ended", async () => {
  assert.equal(await wait([null, null, new Refused("not_logged_in")]), 3);
});

test("no answer is no end of the login, and nobody waits for ever", async () => {
  assert.equal(await wait([new Refused("unreachable"), new Refused("not_logged_in")]), 2);
  assert.equal(await wait([null]), 20);
});
