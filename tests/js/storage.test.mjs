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
const { localStore } = await import("../../web/chat_web/static/js/storage.js");

test("what another tab has removed is gone here too", () => {
  localStore.set("1:draft:7", "half a sentence");
  rows.delete("chatapp:1:draft:7");
  assert.equal(localStore.get("1:draft:7"), null);
});

test("what the browser refuses to keep lasts as long as the page", () => {
  localStore.set("draft", "old");
  isFull = true;
  localStore.set("draft", "new");
  assert.equal(localStore.get("draft"), "new");
  isFull = false;
  localStore.set("draft", "newer");
  assert.deepEqual([localStore.get("draft"), rows.get("chatapp:draft")], ["newer", "newer"]);
  rows.set("chatapp:draft", "of another tab");
  assert.equal(localStore.get("draft"), "of another tab");
});
