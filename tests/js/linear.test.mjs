// Every reader of untrusted text takes time in proportion to its length.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanText } from "../../web/chat_web/static/js/composer.js";
import { isEmojiOnly } from "../../web/chat_web/static/js/emoji.js";
import { findIn } from "../../web/chat_web/static/js/folding.js";
import { blocksOf } from "../../web/chat_web/static/js/format.js";
import { setCatalogue, t } from "../../web/chat_web/static/js/i18n.js";
import { partsOf } from "../../web/chat_web/static/js/links.js";
import { fold } from "../../web/chat_web/static/js/list.js";
import { limitMarks } from "../../web/chat_web/static/js/marks.js";
import { oneLine } from "../../web/chat_web/static/js/one_line.js";
import { excerptOf } from "../../web/chat_web/static/js/search_words.js";
import { usedTime } from "./clock.mjs";

const LONG = 8000;
const TIMES_LONGER = 16;
// A linear reader takes 16 times as long, a quadratic one 256 times: half-way is far from both on a busy machine too.
const ALLOWED_TIMES_SLOWER = 64;
const ALLOWED_MS = 3; // what takes no longer harms nobody, however it grows
const fill = (piece, length, begin = "", end = "") =>
  begin + piece.repeat(Math.ceil(length / piece.length)).slice(0, length - begin.length - end.length) + end;

/** The shortest time of `run`, in milliseconds, of nine batches of at least 2 ms. */
function timeOf(run) {
  let rounds = 1;
  const once = () => {
    const begin = usedTime();
    for (let round = 0; round < rounds; round += 1) run();
    return usedTime() - begin;
  };
  for (let round = 0; round < 20; round += 1) run();
  while (once() < 2) rounds *= 2;
  return Array.from({ length: 9 }, once).sort((a, b) => a - b)[0] / rounds;
}

const WORST = {
  "closing brackets after an address": (length) => fill(")", length, "http://a.b/"),
  "opening brackets after an address": (length) => fill("(", length, "http://a.b/"),
  "nested pairs": (length) => `http://a.b/${"(".repeat(length / 2 - 6)}${")".repeat(length / 2 - 6)}`,
  "pairs and points": (length) => fill("().", length, "http://a.b/"),
  "three kinds of brackets": (length) => fill(")]}", length, "http://a.b/"),
  "www. again and again": (length) => fill("www.", length),
  "www. in words": (length) => fill("www. ", length),
  "http:// again and again": (length) => fill("http://", length),
  "http:// in words": (length) => fill("http:// ", length),
  addresses: (length) => fill("http://a.b/) ", length),
  "addresses of a user": (length) => fill("http://a@b ", length),
  "a long host": (length) => fill("ab.", length, "http://"),
  "a long host of other letters": (length) =>
    `http://${Array.from({ length: length - 7 }, (_, at) => String.fromCodePoint(0x4e00 + ((at * 7919) % 20_000))).join("")}`,
  "@ again and again": (length) => fill("@", length),
  "letters before an @": (length) => fill("a", length, "", "@"),
  "mail addresses": (length) => fill("a@b.cc,", length),
  "mail addresses without an end": (length) => fill("a@", length),
  "the points of a mail address": (length) => fill("a.", length, "a@"),
  "dashes of a mail address": (length) => fill("-", length, "a@b"),
  "blanks in the middle": (length) => fill(" ", length, "a", "b"),
  "line ends in the middle": (length) => fill("\n", length, "a", "b"),
  "controls in the middle": (length) => fill("\u001c\u0085", length, "a", "b"),
  "halves of characters": (length) => fill("\ud83d", length),
  "combining marks": (length) => fill("\u0336", length, "Z"),
  emoji: (length) => fill("😀", length),
  "joined emoji": (length) => fill("\u200d♀\ufe0f", length, "😀"),
  "right to left at the end": (length) => fill("a", length, "", "\u05d0"),
  "places for words": (length) => fill("%(name)s", length),
  "marks again and again": (length) => fill("*", length),
  "marks that open": (length) => fill(" *a _b ~c", length),
  "marks that close": (length) => fill("a* b_ ", length),
  "marks around words": (length) => fill("*a* ", length),
  "pairs of ticks": (length) => fill("`", length),
  "ticks around words": (length) => fill("`a", length),
  "fences again and again": (length) => fill("```\n", length),
  "quotes and lists": (length) => fill("> a\n- b\n1. c\n", length),
  "half of a place": (length) => fill("%(n", length),
};

const READERS = {
  partsOf,
  blocksOf,
  isEmojiOnly,
  limitMarks,
  cleanText,
  oneLine,
  fold,
  "findIn of a letter": (text) => findIn(text, "a"),
  "findIn of a long text": (text) => findIn(text, text.slice(0, 200)),
  excerptOf: (text) => excerptOf(text, text.slice(-1)),
  "t with a value": (text) => t("%(name)s", { name: text }),
};

for (const [reader, read] of Object.entries(READERS)) {
  test(`the time of ${reader} grows as the length does`, () => {
    setCatalogue({});
    for (const [name, make] of Object.entries(WORST)) {
      const [short, long] = [make(LONG / TIMES_LONGER), make(LONG)].map((text) => timeOf(() => read(text)));
      const said = `${name}: ${short.toFixed(2)} and ${long.toFixed(2)} ms`;
      assert.ok(long < Math.max(ALLOWED_TIMES_SLOWER * short, ALLOWED_MS), said);
    }
  });
}

test("joined emoji that end in a letter are read at once", () => {
  for (const piece of ["\u200d♀\ufe0f", "\u200d😀\ufe0f", "\u200d❤\ufe0f", "👍🏽", "😀 "]) {
    const times = [5, 10, 20].map((count) => timeOf(() => isEmojiOnly(`😀${piece.repeat(count)}x`)));
    assert.ok(times[2] < 1 && times[2] < times[0] * 40, `${piece}: ${times}`);
  }
});
