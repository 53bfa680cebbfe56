import assert from "node:assert/strict";
import { test } from "node:test";
import { beginOf, dayOf, elsewhereWords } from "../../web/chat_web/static/js/date_row.js";
import { excerptOf, makeDay, noteOf, searchRefusalOf } from "../../web/chat_web/static/js/search_words.js";

const day = () => "3 October";
const note = (finder) => {
  const { words, act } = noteOf({ state: "done", code: "", found: [], more: false, backTo: null, ...finder }, day);
  return [words, act];
};

test("below a search stands how far it has come, and what can be done", () => {
  assert.deepEqual(note({ state: "idle" }), ["", ""]);
  assert.deepEqual(note({ state: "busy" }), ["", ""]);
  assert.deepEqual(note({ found: [1] }), ["", ""]);
  assert.deepEqual(note({}), ["Nothing found", ""]);
  assert.deepEqual(note({ found: [1], more: true, backTo: 5 }), ["Searched back to 3 October", "Search older"]);
  assert.deepEqual(note({ more: true, backTo: 5 }), ["Nothing found back to 3 October", "Search older"]);
  assert.deepEqual(note({ more: true }), ["Nothing found yet", "Search older"]);
  assert.deepEqual(note({ found: [1], more: true }), ["", "Search older"]);
});

test("each failure has a sentence, and can be tried again where that may help", () => {
  const codes = ["rate_limited", "unreachable", "unavailable", "no_such_chat"];
  assert.equal(new Set(codes.map(searchRefusalOf)).size, codes.length);
  for (const code of codes) assert.deepEqual(note({ state: "failed", code }), [searchRefusalOf(code), "Try again"]);
  assert.deepEqual(note({ state: "failed", code: "bad_request" }), ["Nothing found", ""]);
});

test("an excerpt is one line around the first find", () => {
  const { before, find, after } = excerptOf(`${"word ".repeat(50)}\n\nthe LAKE\nis  high ${"x".repeat(900)}`, "lake");
  assert.equal(before, "…word word word the ");
  assert.deepEqual([find, after.slice(0, 9)], ["LAKE", " is high "]);
  assert.ok(after.length <= 120);
  assert.deepEqual(excerptOf("the lake", "lake"), { before: "the ", find: "lake", after: "" });
  assert.deepEqual(excerptOf("*la*ke", "lake"), { before: "", find: "", after: "*la*ke" });
});

test("an excerpt cuts no character in two", () => {
  const { before } = excerptOf(`${"🏔".repeat(40)}lake`, "lake");
  assert.equal(before, `…${"🏔".repeat(24)}`);
});

test("a day inside a sentence has its year where that is another one", () => {
  const now = new Date(2026, 10, 30).getTime();
  assert.equal(makeDay("en-GB")(new Date(2026, 9, 3).getTime(), now), "3 October");
  assert.equal(makeDay("it")(new Date(2025, 9, 3).getTime(), now), "3 ottobre 2025");
});

test("a day begins at midnight of the reader's zone, and what is no day is none", () => {
  assert.equal(beginOf("2026-10-03")?.getTime(), new Date(2026, 9, 3).getTime());
  assert.equal(dayOf(new Date(2026, 0, 5, 23, 59)), "2026-01-05");
  for (const text of ["", "2026-02-30", "0001-01-01", "2026-13-01", "x"]) assert.equal(beginOf(text), null);
});

test("where nothing was written on the day, it is said what is shown instead", () => {
  const asked = new Date(2026, 9, 3).getTime();
  assert.equal(elsewhereWords(asked, asked + 3_600_000, "3 October"), "");
  assert.match(elsewhereWords(asked, asked + 864e5, "4 October"), /^Nothing was written on that day.* 4 October\.$/);
  assert.match(elsewhereWords(asked, asked - 1, "2 October"), /^Nothing was written since then.* 2 October\.$/);
});
