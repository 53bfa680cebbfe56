import assert from "node:assert/strict";
import { test } from "node:test";
import { ownMessage, toMessage } from "../../web/chat_web/static/js/chat.js";
import { makeDates } from "../../web/chat_web/static/js/dates.js";
import { timeWords } from "../../web/chat_web/static/js/keep_words.js";
import { canUndo, firstGoWords, noticeWords } from "../../web/chat_web/static/js/notice.js";

const HOUR = 3_600_000;
const DAY = 86_400;
const other = { id: 2, username: "bob", deleted: false };
const dates = makeDates("en-GB", true);
const SENT = new Date(2026, 10, 24, 9, 31).getTime();

const notice = (keep_seconds, before = null, from = 1, seq = 1) =>
  toMessage({
    seq,
    sender_id: from,
    content: "ada set something",
    sent_at: new Date(SENT).toISOString(),
    kind: "notice",
    notice: { keep_seconds, before },
  });

test("a notice says who has chosen what", () => {
  const words = (message) => noticeWords(message, { other });
  assert.equal(words(notice(30 * DAY)), "You set messages to disappear after 30 days.");
  assert.equal(words(notice(7 * DAY, null, 2)), "\u2068bob\u2069 set messages to disappear after 1 week.");
  assert.equal(words(notice(null, DAY)), "You turned off disappearing messages.");
  assert.equal(words(notice(null, DAY, 2)), "\u2068bob\u2069 turned off disappearing messages.");
});

test("a notice that this page does not know is said as the server says it", () => {
  assert.equal(noticeWords({ ...notice(1), keep: null }, { other }), "ada set something");
});

test("a time is said in the largest unit that fits", () => {
  const words = [5400, 3600, DAY, 7 * DAY, 30 * DAY, 365 * DAY].map(timeWords);
  assert.deepEqual(words, ["90 minutes", "1 hour", "1 day", "1 week", "30 days", "1 year"]);
});

test("a notice says when the first ones go, until they do", () => {
  const words = (hours) => firstGoWords(notice(DAY), dates, SENT + hours * HOUR);
  assert.equal(words(0), "Older ones start to go tomorrow at 9:31.");
  assert.equal(words(20), "Older ones start to go today at 9:31.");
  assert.equal(words(24), "");
  assert.equal(firstGoWords(notice(null, DAY), dates, SENT), "");
});

test("what holds now can be undone by either until the first ones go", () => {
  const message = notice(DAY, null, 2);
  const chat = { other, keepSeconds: DAY, messages: [message] };
  const can = (changes = {}, now = SENT) => canUndo(message, { ...chat, ...changes }, now);
  assert.equal(can(), true);
  assert.equal(can({}, SENT + 24 * HOUR), false);
  assert.equal(can({ keepSeconds: null }), false);
  assert.equal(can({ messages: [message, notice(DAY, 7 * DAY, 1, 2)] }), false);
  assert.equal(can({ other: { ...other, deleted: true } }), false);
  assert.equal(canUndo(ownMessage({ seq: 2, from: 1, content: "", at: SENT, clientId: "c" }), chat, SENT), false);
});
