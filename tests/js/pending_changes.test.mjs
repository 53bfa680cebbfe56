import assert from "node:assert/strict";
import { test } from "node:test";
import { ownMessage } from "../../web/chat_web/static/js/chat.js";
import { changedBy } from "../../web/chat_web/static/js/pending_changes.js";

const ADA = 1;
const message = (seq, extra = {}) =>
  ownMessage({ seq, from: ADA, content: `text ${seq}`, at: seq, clientId: null, replyTo: null, ...extra });
const entry = (kind, seq, extra = {}) => ({ kind, seq, chatId: 7, text: "", state: "waiting", ...extra });

test("a message is shown with the changes of it that wait, one after the other", () => {
  const waiting = [
    entry("edit", 1, { text: "first" }),
    entry("edit", 2, { text: "other message" }),
    entry("edit", 1, { text: "second" }),
    entry("react", 1, { emoji: "👍" }),
    entry("edit", 1, { text: "other chat", chatId: 8 }),
  ];
  const shown = changedBy(waiting, 7, ADA)(message(1, { reactions: [{ userId: 2, emoji: "🎉" }] }));
  assert.deepEqual([shown.content, shown.edited], ["second", true]);
  assert.deepEqual(shown.reactions, [
    { userId: 2, emoji: "🎉" },
    { userId: ADA, emoji: "👍" },
  ]);
  assert.equal(shown.change, waiting[3]);
});

test("a deletion that waits leaves nothing of the message, and a reaction is taken back", () => {
  const reactions = [{ userId: ADA, emoji: "👍" }];
  const gone = changedBy([entry("delete", 1)], 7, ADA)(message(1, { reactions }));
  assert.deepEqual([gone.content, gone.deleted, gone.reactions], ["", true, []]);
  assert.deepEqual(changedBy([entry("react", 1, { emoji: null })], 7, ADA)(message(1, { reactions })).reactions, []);
});

test("an edit that was refused changes nothing, and is told", () => {
  const refused = entry("edit", 1, { text: "mine", state: "failed", code: "edit_conflict" });
  const shown = changedBy([refused], 7, ADA)(message(1));
  assert.deepEqual([shown.content, shown.edited, shown.change], ["text 1", false, refused]);
  const other = message(2);
  assert.equal(changedBy([refused], 7, ADA)(other), other);
});
