import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, readThumbhash } from "../../web/chat_web/static/js/thumbhash.js";

/** The corners and the middle of a picture, as the reference implementation (thumbhash 0.1.1) reads them. */
const KNOWN = {
  "H/gJPZqAh4eAiHh4iHiHeIBwCPh4": {
    size: [32, 23],
    corners: ["30,26,161,255", "255,32,139,255", "0,255,117,255", "255,255,108,255"],
    middle: "125,123,126,255",
  },
  "W6eFIxBJU0CIeIdTQDj1e491iIh3eHc=": {
    size: [19, 32],
    corners: ["30,37,148,244", "105,90,125,61", "2,245,119,209", "91,163,112,61"],
    middle: "104,121,120,142",
  },
};

for (const [hash, { size, corners, middle }] of Object.entries(KNOWN)) {
  test(`the colours of ${hash} are those of the format's own implementation`, () => {
    const { width, height, pixels } = readThumbhash(fromBase64(hash));
    const at = (x, y) => [...pixels.slice(4 * (y * width + x), 4 * (y * width + x) + 4)];
    const found = [
      at(0, 0),
      at(width - 1, 0),
      at(0, height - 1),
      at(width - 1, height - 1),
      at(width >> 1, height >> 1),
    ];
    assert.deepEqual([width, height], size);
    for (const [index, colour] of [...corners, middle].entries())
      for (const [channel, value] of colour.split(",").entries())
        assert.ok(Math.abs(found[index][channel] - value) <= 1, `${index}: ${found[index]} is not ${colour}`);
  });
}

test("what is no thumbhash gives no picture, whatever its bytes are", () => {
  assert.equal(fromBase64("%"), null);
  assert.equal(readThumbhash(new Uint8Array(4)), null);
  assert.equal(readThumbhash(new Uint8Array(40)), null);
  for (let byte = 0; byte < 256; byte += 5) {
    for (const length of [5, 7, 40]) {
      const found = readThumbhash(new Uint8Array(length).fill(byte));
      assert.ok(!found || found.pixels.length === 4 * found.width * found.height);
    }
  }
});
