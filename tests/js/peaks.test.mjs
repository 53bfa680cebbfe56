import assert from "node:assert/strict";
import { test } from "node:test";
import { loudnessOf, peaksOf } from "../../web/chat_web/static/js/peaks.js";

test("a recording of any length has 64 peaks, and the loudest reaches the top", () => {
  for (const length of [1, 10, 64, 1000]) {
    const peaks = peaksOf(Array.from({ length }, (_, at) => (at === length - 1 ? 0.5 : 0.25)));
    assert.equal(peaks.length, 64);
    assert.equal(Math.max(...peaks), 31);
    assert.ok(peaks.every((one) => Number.isInteger(one) && one >= 0));
  }
});

test("silence has no peaks, and nothing at all neither", () => {
  assert.deepEqual(new Set(peaksOf([0, 0, 0])), new Set([0]));
  assert.deepEqual(new Set(peaksOf([])), new Set([0]));
});

test("a moment that is loud is not lost between quiet ones", () => {
  const levels = new Array(6400).fill(0.1);
  levels[3210] = 1;
  assert.equal(peaksOf(levels)[32], 31);
});

test("what is louder is higher, and nothing is louder than all", () => {
  const [silent, soft, loud, full] = [0, 0.01, 0.3, 1].map((level) => loudnessOf(new Float32Array(100).fill(level)));
  assert.ok(silent === 0 && silent < soft && soft < loud && loud < full && full === 1);
});
