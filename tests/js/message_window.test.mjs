import assert from "node:assert/strict";
import { test } from "node:test";
import { itemsOf } from "../../web/chat_web/static/js/message_items.js";
import { MessageWindow } from "../../web/chat_web/static/js/message_window.js";

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => ({ seq: from + index }));
const chatOf = (from, to, part = null) => ({ messages: range(from, to), part });

function seqsOf(window, chat) {
  const { messages } = chat.part ?? chat;
  const { begin, end } = window.rangeOf(chat);
  return [messages[begin].seq, messages[end - 1].seq];
}

test("at the end it shows the newest messages, and goes on with new ones", () => {
  const window = new MessageWindow();
  const chat = chatOf(1, 1000);
  window.toEnd(chat);
  assert.deepEqual(seqsOf(window, chat), [940, 1000]);
  chat.messages.push({ seq: 1001 });
  assert.deepEqual(seqsOf(window, chat), [940, 1001]);
});

test("it never shows more than 241 messages, whichever way the reader goes", () => {
  const window = new MessageWindow();
  const chat = chatOf(1, 1000);
  window.toEnd(chat);
  for (let step = 0; step < 30; step += 1) {
    window.shift(chat, step < 15 ? -60 : 60);
    const [first, last] = seqsOf(window, chat);
    assert.ok(last - first <= 240, `${first} to ${last}`);
  }
  assert.deepEqual([window.isFollowing, seqsOf(window, chat)[1]], [true, 1000]);
});

test("where a reader far from the end gets new messages, the window stays", () => {
  const window = new MessageWindow();
  const chat = chatOf(1, 1000);
  window.around(chat, 500);
  const before = seqsOf(window, chat);
  chat.messages.push(...range(1001, 1200));
  assert.deepEqual([window.isFollowing, seqsOf(window, chat)], [false, before]);
});

test("in a part it does not follow, and knows where the part ends", () => {
  const window = new MessageWindow();
  const chat = chatOf(900, 1000, { messages: range(100, 240) });
  window.around(chat, 140);
  assert.deepEqual([window.isFollowing, window.isAtEndOfPart(chat), window.hasOlder(chat)], [false, false, true]);
  window.shift(chat, 60);
  assert.equal(window.isAtEndOfPart(chat), true);
});

const MINUTE = 60_000;
const message = (seq, from, minute) => ({ seq, from, at: Date.UTC(2026, 0, 15, 12) + minute * MINUTE, clientId: null });
const itemsFor = (messages, { unreadSeq = 0, isFollowing = true, ...more } = {}) => {
  const window = { begin: 0, end: messages.length, isFollowing };
  const given = { myId: 1, unreadSeq, dayLabel: () => "Thursday", hasOlder: false, isTyping: false };
  return itemsOf({ messages, ...window, ...given, ...more });
};
const kindsOf = (items) => items.map((item) => item.kind);

test("messages of one person within five minutes are a group", () => {
  const items = itemsFor([message(1, 1, 0), message(2, 1, 4), message(3, 2, 5), message(4, 2, 30)]);
  assert.deepEqual(
    items.filter((item) => item.kind === "message").map((item) => [item.isFirst, item.isLast]),
    [
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ],
  );
});

test("a day and the first new message have a line before them", () => {
  const items = itemsFor([message(1, 2, 0), message(2, 2, 1), message(3, 2, 24 * 60)], { unreadSeq: 2 });
  assert.deepEqual(kindsOf(items), ["beginning", "day", "message", "unread-line", "message", "day", "message"]);
});

test("above and below the messages stands what is to come, or that somebody types", () => {
  const one = [message(1, 2, 0)];
  assert.deepEqual(kindsOf(itemsFor(one, { hasOlder: true })), ["older", "day", "message"]);
  assert.deepEqual(kindsOf(itemsFor(one, { isTyping: true })), ["beginning", "day", "message", "typing"]);
  const away = itemsFor(one, { isFollowing: false, isTyping: true });
  assert.deepEqual(kindsOf(away), ["beginning", "day", "message", "newer"]);
});

test("where older messages are gone, that is no beginning", () => {
  const one = [message(5, 2, 0)];
  assert.deepEqual(kindsOf(itemsFor(one, { isCut: true })), ["gone", "day", "message"]);
  assert.deepEqual(kindsOf(itemsFor([], { isCut: true })), ["gone"]);
  assert.deepEqual(kindsOf(itemsFor(one, { isCut: true, hasOlder: true })), ["older", "day", "message"]);
});
