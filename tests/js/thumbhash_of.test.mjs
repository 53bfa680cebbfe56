import assert from "node:assert/strict";
import { test } from "node:test";
import { thumbhashOf } from "../../web/chat_web/static/js/thumbhash_of.js";

/** A picture whose pixels `colour(x, y)` says, from 0 to 1. */
function picture(width, height, colour) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < width * height; at += 1) {
    const [r, g, b, a = 1] = colour((at % width) / (width - 1), Math.floor(at / width) / (height - 1));
    data.set([255 * r, 255 * g, 255 * b, 255 * a], 4 * at);
  }
  return { width, height, data };
}

test("one colour is its mean, without waves", () => {
  const hash = thumbhashOf(picture(20, 10, () => [1, 0, 0]));
  const first = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  assert.equal(first & 63, 21, "a third of the brightness");
  assert.equal((first >> 6) & 63, 47, "half yellow");
  assert.equal((first >> 12) & 63, 63, "all red");
  assert.equal((first >> 18) & 31, 0);
  assert.equal(first >> 23, 0, "opaque");
});

test("it says which side is longer, and by how much", () => {
  const [wide, high] = [picture(40, 20, (x) => [x, x, x]), picture(20, 40, (_, y) => [y, y, y])].map(thumbhashOf);
  assert.equal(wide[4] >> 7, 1);
  assert.equal(high[4] >> 7, 0);
  assert.equal(wide[3] & 7, 4);
  assert.equal(high[3] & 7, 4);
});

test("what is brighter on the right has a first wave that falls", () => {
  const hash = thumbhashOf(picture(32, 32, (x) => [x, x, x]));
  assert.equal(hash[5] & 15, 0, "the strongest wave, against the cosine");
  assert.ok((hash[2] >> 2) & 31, "and a scale");
});

test("opacity has its own waves, and a hash is never longer than the server takes", () => {
  const hash = thumbhashOf(picture(30, 30, (x, y) => [x, y, 0.5, x]));
  assert.equal(hash[2] >> 7, 1);
  assert.ok(hash.length > 5 && hash.length <= 40, `${hash.length}`);
  assert.ok(Math.abs((hash[5] & 15) - 7.5) < 1, "half opaque");
});
