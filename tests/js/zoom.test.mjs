import assert from "node:assert/strict";
import { test } from "node:test";
import { bounded, moved, WHOLE, zoomAt } from "../../web/chat_web/static/js/zoom.js";

const STAGE = { width: 400, height: 200 };

test("what is under the pointer stays there", () => {
  assert.deepEqual(zoomAt(WHOLE, 2, { x: 50, y: -20 }, STAGE), { scale: 2, x: -50, y: 20 });
  const back = zoomAt(zoomAt(WHOLE, 4, { x: 50, y: 20 }, STAGE), 0.5, { x: 50, y: 20 }, STAGE);
  assert.deepEqual(back, { scale: 2, x: -50, y: -20 });
});

test("it is never smaller than the stage, nor larger than eight times", () => {
  assert.equal(zoomAt(WHOLE, 0.2, { x: 9, y: 9 }, STAGE).scale, 1);
  assert.equal(zoomAt(WHOLE, 99, { x: 0, y: 0 }, STAGE).scale, 8);
});

test("nothing beside the picture comes into view", () => {
  assert.deepEqual(moved(WHOLE, { x: 30, y: 30 }, STAGE), WHOLE);
  assert.deepEqual(moved({ scale: 2, x: 0, y: 0 }, { x: 999, y: -999 }, STAGE), { scale: 2, x: 200, y: -100 });
  assert.deepEqual(bounded({ scale: 3, x: -999, y: 0 }, STAGE), { scale: 3, x: -400, y: 0 });
});
