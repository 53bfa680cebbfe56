import assert from "node:assert/strict";
import { test } from "node:test";
import { joinTexts, numbersBetween } from "../../web/chat_web/static/js/selection.js";

const head = ({ from, at }) => `${from === 1 ? "You" : "bob"}, ${at}`;

test("messages of one person are copied as they were written", () => {
  const messages = [
    { from: 1, at: "9:00", content: "one" },
    { from: 1, at: "9:01", content: "two\nlines" },
  ];
  assert.equal(joinTexts(messages, head), "one\ntwo\nlines");
  assert.equal(joinTexts(messages.slice(0, 1), head), "one");
});

test("messages of two people are copied with who wrote each and when", () => {
  const messages = [
    { from: 1, at: "9:00", content: "one" },
    { from: 2, at: "9:01", content: "two\nlines" },
  ];
  assert.equal(joinTexts(messages, head), "You, 9:00\none\n\nbob, 9:01\ntwo\nlines");
});

test("a range begins with whichever comes first", () => {
  assert.deepEqual(numbersBetween(3, 5), [3, 4, 5]);
  assert.deepEqual(numbersBetween(5, 3), [3, 4, 5]);
  assert.deepEqual(numbersBetween(4, 4), [4]);
});
