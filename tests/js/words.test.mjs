import assert from "node:assert/strict";
import { test } from "node:test";
import { isolate, setCatalogue, shortCount, t, tn } from "../../web/chat_web/static/js/i18n.js";

test("a text without a translation is said in English", () => {
  setCatalogue({});
  assert.equal(t("Hello %(name)s", { name: "bob" }), "Hello bob");
  assert.equal(tn("%(num)d message", "%(num)d messages", 1), "1 message");
  assert.equal(tn("%(num)d message", "%(num)d messages", 0), "0 messages");
});

test("a translation is used, with its plural", () => {
  setCatalogue({ Today: "Oggi", "%(num)d message": ["%(num)d messaggio", "%(num)d messaggi"] });
  assert.equal(t("Today"), "Oggi");
  assert.equal(tn("%(num)d message", "%(num)d messages", 2), "2 messaggi");
  setCatalogue({});
});

test("a value cannot bring placeholders or patterns of its own", () => {
  assert.equal(t("%(a)s", { a: "%(b)s $& $1", b: "no" }), "%(b)s $& $1");
});

test("a name in a sentence is isolated", () => {
  assert.equal(isolate("bob"), "\u2068bob\u2069");
});

test("a hundred unread messages or more are shown as 99+", () => {
  assert.deepEqual([1, 99, 100, 250].map(shortCount), ["1", "99", "99+", "99+"]);
});
