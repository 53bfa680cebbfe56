// Which group of the settings is before the reader's eyes.
import assert from "node:assert/strict";
import test from "node:test";
import { groupAt } from "../../web/chat_web/static/js/settings_groups.js";

const BEGIN = [30, 400, 900, 1000, 1100]; // where the groups are while nothing is scrolled
const [ROOM, HEIGHT] = [500, 800];
const at = (scrolled) =>
  groupAt(
    BEGIN.map((top) => top - scrolled),
    scrolled,
    ROOM,
    HEIGHT,
  );

test("the first one at the beginning, the last one at the end, and every one in between", () => {
  assert.equal(at(0), 0);
  assert.equal(at(ROOM), 4);
  assert.deepEqual([...new Set(Array.from({ length: ROOM + 1 }, (_, scrolled) => at(scrolled)))], [0, 1, 2, 3, 4]);
});

test("a page without anything to scroll shows its first group", () => {
  assert.equal(groupAt([30, 100], 0, 0, HEIGHT), 0);
});
