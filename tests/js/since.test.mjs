// How long ago a device was used.
import assert from "node:assert/strict";
import test from "node:test";
import { makeDates } from "../../web/chat_web/static/js/dates.js";
import { makeSince } from "../../web/chat_web/static/js/since.js";

const now = new Date(2026, 10, 24, 14, 0).getTime(); // a Tuesday
const since = (moment, locale = "en-US") => makeSince(makeDates(locale, true), locale)(moment.getTime(), now);
const plain = (text) => text.replace(/\s/g, " ");

test("the nearer, the more relative", () => {
  assert.equal(since(new Date(now - 20_000)), "Just now");
  assert.equal(since(new Date(now + 20_000)), "Just now");
  assert.equal(since(new Date(now - 60_000)), "1 minute ago");
  assert.equal(since(new Date(now - 59 * 60_000)), "59 minutes ago");
  assert.equal(since(new Date(2026, 10, 24, 12, 0)), "2 hours ago");
  assert.equal(plain(since(new Date(2026, 10, 23, 21, 12))), "Yesterday at 9:12 PM");
  assert.equal(plain(since(new Date(2026, 10, 20, 21, 12))), "Friday at 9:12 PM");
  assert.equal(since(new Date(2026, 9, 3, 9, 0)), "Saturday, October 3");
  assert.equal(since(new Date(2025, 9, 3, 9, 0)), "October 3, 2025");
});

test("just after midnight, what was minutes ago is not called yesterday", () => {
  const midnight = new Date(2026, 10, 24, 0, 10).getTime();
  const words = makeSince(makeDates("it", true), "it")(midnight - 20 * 60_000, midnight);
  assert.equal(words, "20 minuti fa");
});
