import assert from "node:assert/strict";
import { test } from "node:test";

const { itemsOf } = await import("../../web/chat_web/static/js/message_items.js");
const { mayBeLong } = await import("../../web/chat_web/static/js/message_folds.js");
const NOON = new Date(2026, 10, 22, 12).getTime();

/** Which of these messages are first, last, or both, in their groups. */
function groupsOf(...messages) {
  const items = itemsOf({
    messages: messages.map((message, index) => ({ seq: index + 1, from: 2, at: NOON + index * 1000, ...message })),
    begin: 0,
    end: messages.length,
    myId: 1,
    unreadSeq: 0,
    dayLabel: () => "",
    hasOlder: false,
    isFollowing: true,
    isTyping: false,
  });
  const shown = items.filter(({ kind }) => kind === "message");
  return shown.map(({ isFirst, isLast }) => `${isFirst ? "first" : ""}${isLast ? "last" : ""}`);
}

test("what one writes within five minutes is a group", () => {
  assert.deepEqual(groupsOf({}, {}, {}), ["first", "", "last"]);
  assert.deepEqual(groupsOf({}, { from: 1 }, {}), ["firstlast", "firstlast", "firstlast"]);
  assert.deepEqual(groupsOf({}, { at: NOON + 5 * 60_000 }), ["firstlast", "firstlast"]);
});

test("a notice is no part of a group: the message before it keeps its time", () => {
  assert.deepEqual(groupsOf({}, { notice: true }, {}), ["firstlast", "firstlast", "firstlast"]);
});

test("one that was not sent leaves the time to those that were", () => {
  const failed = { seq: 0, state: "failed" };
  assert.deepEqual(groupsOf({}, failed, { ...failed }), ["firstlast", "first", "last"]);
  assert.deepEqual(groupsOf({}, { seq: 0, state: "waiting" }), ["first", "last"]);
});

test("only what may have more than twelve lines is measured", () => {
  assert.equal(mayBeLong("ok"), false);
  assert.equal(mayBeLong("\n".repeat(11)), false);
  assert.equal(mayBeLong("\n".repeat(12)), true);
  assert.equal(mayBeLong("W".repeat(101)), true);
});
