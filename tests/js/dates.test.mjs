process.env.TZ = "Europe/Rome";

import assert from "node:assert/strict";
import { test } from "node:test";

const { chooseLocale, daysBetween, makeDates } = await import("../../web/chat_web/static/js/dates.js");
const NOW = new Date(2026, 10, 22, 14, 32).getTime();
const at = (...parts) => new Date(...parts).getTime();
const dates = makeDates("en-GB", true);

test("the list says it as short as it goes", () => {
  assert.equal(dates.brief(at(2026, 10, 22, 9, 5), NOW), "9:05");
  assert.equal(dates.brief(at(2026, 10, 21, 23, 59), NOW), "Yesterday");
  assert.equal(dates.brief(at(2026, 10, 18), NOW), "Wed");
  assert.equal(dates.brief(at(2026, 4, 2), NOW), "2 May");
  assert.equal(dates.brief(at(2024, 4, 2), NOW), "02/05/24");
});

test("no clock has a leading zero", () => {
  const said = makeDates("en-US", true).brief(at(2026, 10, 22, 9, 5), NOW);
  assert.equal(said.replace(/\s/, " "), "9:05 AM"); // browsers differ in the space
  assert.equal(makeDates("it", true).brief(at(2026, 10, 22, 9, 5), NOW), "9:05");
  assert.equal(dates.time(at(2026, 10, 22, 0, 5)), "0:05");
  assert.equal(dates.time(at(2026, 10, 22, 20, 5)), "20:05");
  assert.equal(dates.exact(at(2026, 10, 22, 9, 5, 7)), "9:05:07");
  assert.equal(dates.exact(at(2026, 10, 22, 12, 4, 7)), "12:04:07");
  assert.match(dates.full(at(2026, 10, 22, 9, 5)), /2026.* 9:05$/);
});

test("a day line names the day", () => {
  assert.equal(dates.day(NOW, NOW), "Today");
  assert.equal(dates.day(at(2026, 10, 21), NOW), "Yesterday");
  assert.equal(dates.day(at(2026, 10, 19), NOW), "Thursday");
  assert.match(dates.day(at(2026, 4, 2), NOW), /^Saturday,? 2 May$/);
  assert.equal(dates.day(at(2024, 4, 2), NOW), "2 May 2024");
});

test("last seen is as exact as it is useful", () => {
  assert.equal(dates.lastSeen(NOW - 5000, NOW), "last seen just now");
  assert.equal(dates.lastSeen(at(2026, 10, 22, 14, 1), NOW), "last seen today at 14:01");
  assert.equal(dates.lastSeen(at(2026, 10, 21, 8, 0), NOW), "last seen yesterday at 8:00");
});

test("a clock that runs ahead is today, not in the future", () => {
  assert.equal(dates.day(NOW + 864e5, NOW), "Today");
  assert.equal(dates.brief(NOW + 60_000, NOW), "14:33");
});

test("a day of 23 or 25 hours is one day", () => {
  assert.equal(daysBetween(at(2026, 2, 28, 12), at(2026, 2, 29, 12)), 1);
  assert.equal(daysBetween(at(2026, 9, 25, 0, 1), at(2026, 9, 25, 23, 59)), 0);
  assert.equal(daysBetween(at(2026, 9, 24, 23), at(2026, 9, 25, 0, 30)), 1);
});

test("the browser's variety of the page's language is used", () => {
  assert.equal(chooseLocale("en", ["it-IT", "en-GB"]), "en-GB");
  assert.equal(chooseLocale("it", ["en-US"]), "it");
  assert.equal(makeDates("it", true).brief(at(2026, 4, 2), NOW), "2 mag");
});

test("until the first format may be made, there is a blank in its place", () => {
  const early = makeDates("en-GB");
  const said = () => [
    early.time(NOW),
    early.brief(NOW, NOW),
    early.day(at(2026, 10, 19), NOW),
    early.lastSeen(NOW, NOW),
  ];
  assert.deepEqual(said(), ["\u00a0", "\u00a0", "\u00a0", ""]);
  assert.equal(early.day(NOW, NOW), "Today");
  early.prepare();
  assert.deepEqual(said(), ["14:32", "14:32", "Thursday", "last seen just now"]);
});
