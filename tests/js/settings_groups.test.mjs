// Which group of the settings is before the reader's eyes.
import assert from "node:assert/strict";
import test from "node:test";
import { groupAt } from "../../web/chat_web/static/js/settings_groups.js";

const BEGIN = [30, 400, 900, 1400, 2200, 2300, 2400]; // where the groups are while nothing is scrolled
const [ROOM, HEIGHT] = [1800, 800];
const at = (scrolled) =>
  groupAt(
    BEGIN.map((top) => top - scrolled),
    scrolled,
    ROOM,
    HEIGHT,
  );

test("the first one at the beginning, the last one at the end, and every one in between", () => {
  assert.equal(at(0), 0);
  assert.equal(at(ROOM), 6);
  assert.deepEqual(
    [...new Set(Array.from({ length: ROOM + 1 }, (_, scrolled) => at(scrolled)))],
    [0, 1, 2, 3, 4, 5, 6],
  );
});

test("the one that has just come to the top", () => {
  assert.equal(at(400 - 24), 1);
  assert.equal(at(900 - 24), 2);
});

test("a page without anything to scroll shows its first group", () => {
  assert.equal(groupAt([30, 400], 0, 0, HEIGHT), 0);
});
