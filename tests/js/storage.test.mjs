import assert from "node:assert/strict";
import { test } from "node:test";

const rows = new Map();
let isFull = false;
globalThis.localStorage = {
  getItem: (key) => rows.get(key) ?? null,
  removeItem: (key) => void rows.delete(key),
  setItem(key, value) {
    if (isFull) throw new Error("QuotaExceededError");
    rows.set(key, value);
  },
};
const { keep } = await import("../../web/chat_web/static/js/storage.js");

test("what another tab has removed is gone here too", () => {
  keep.set("1:draft:7", "half a sentence");
  rows.delete("chatapp:1:draft:7");
  assert.equal(keep.get("1:draft:7"), null);
});

test("what the browser refuses to keep lasts as long as the page", () => {
  keep.set("draft", "old");
  isFull = true;
  keep.set("draft", "new");
  assert.equal(keep.get("draft"), "new");
  isFull = false;
  keep.set("draft", "newer");
  assert.deepEqual([keep.get("draft"), rows.get("chatapp:draft")], ["newer", "newer"]);
  rows.set("chatapp:draft", "of another tab");
  assert.equal(keep.get("draft"), "of another tab");
});
