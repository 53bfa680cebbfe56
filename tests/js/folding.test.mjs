import assert from "node:assert/strict";
import { test } from "node:test";

const { fold, findIn } = await import("../../web/chat_web/static/js/folding.js");

/** The texts that are found. */
const finds = (text, words) => findIn(text, fold(words)).map(([from, to]) => text.slice(from, to));

// The pairs of tests/web/test_search.py: what the server finds is marked.
const SAME = [
  ["Perché no?", "perche", ["Perché"]],
  ["perche no?", "PERCHÉ", ["perche"]],
  ["Straße", "STRASSE", ["Straße"]],
  ["ÅNGSTRÖM", "angstrom", ["ÅNGSTRÖM"]],
  ["e\u0301te\u0301", "ÉTÉ", ["e\u0301te\u0301"]],
  ["ﬁnale", "finale", ["ﬁnale"]],
  ["ＡＢＣ", "abc", ["ＡＢＣ"]],
  ["İstanbul", "istanbul", ["İstanbul"]],
  ["ΟΔΟΣ", "οδος", ["ΟΔΟΣ"]],
  ["с ёлкой", "елкой", ["ёлкой"]],
  ["I ❤️ you", "❤", ["❤️"]],
  ["👍🏽 ok", "👍🏽", ["👍🏽"]],
  ["हिन्दी में", "हिन्दी", ["हिन्दी"]],
  ["東京タワー", "タワー", ["タワー"]],
  ["50% off, 50%", "50%", ["50%", "50%"]],
  ["snake_case", "e_c", ["e_c"]],
  [".* [a-z", ".*", [".*"]],
  ["שָׁלוֹם", "שלום", ["שָׁלוֹם"]],
];

for (const [text, words, found] of SAME) {
  test(`"${words}" is found in "${text}"`, () => assert.deepEqual(finds(text, words), found));
}

test("what is not there is not found, and marks of one letter are no other letter", () => {
  for (const [text, words] of [
    ["abc", "."],
    ["abc", "%"],
    ["hindi", "ह"],
    ["abc", ""],
    ["", "a"],
  ])
    assert.deepEqual(finds(text, words), []);
  // A vowel sign is no accent.
  assert.deepEqual(finds("की", "का"), []);
});

test("a character of which a part is found is marked as a whole", () => {
  assert.deepEqual(finds("Maß", "mas"), ["Maß"]);
  assert.deepEqual(finds("한국", "하"), ["한"]);
});

test("finds do not overlap, and end after a hundred", () => {
  assert.deepEqual(finds("aaaaa", "aa"), ["aa", "aa"]);
  assert.equal(finds("é".repeat(8000), "e").length, 100);
});
