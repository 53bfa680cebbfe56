import assert from "node:assert/strict";
import { test } from "node:test";

const { limitMarks } = await import("../../web/chat_web/static/js/marks.js");

test("a letter keeps 30 marks, and what follows it stays", () => {
  assert.equal(limitMarks(`Z${"\u0336".repeat(7900)}a`), `Z${"\u0336".repeat(30)}a`);
});

test("each letter has its own 30", () => {
  const letters = `a${"\u0301".repeat(20)}b${"\u0323".repeat(20)}`;
  assert.equal(limitMarks(letters), letters);
});

test("what people write stays as it is", () => {
  for (const text of ["tiếng Việt", "שָׁלוֹם", "བསྒྲུབས", "👩🏽‍❤️‍👨🏿", "ก็"])
    assert.equal(limitMarks(text.normalize("NFD")), text.normalize("NFD"));
});
