import assert from "node:assert/strict";
import { test } from "node:test";
import { blocksOf, plainOf } from "../../web/chat_web/static/js/format.js";

function say({ mark, children, href, text }) {
  if (mark) return `<${mark}>${children.map(say).join("")}</${mark}>`;
  return href ? `[${text}]` : text;
}
const lineOf = (text) => {
  const [block] = blocksOf(text);
  return block.lines.map((line) => line.map(say).join("")).join("\n");
};

test("what is between two marks is marked, also one in another", () => {
  assert.equal(
    lineOf("*bold* _italic_ ~struck~ `code`"),
    "<strong>bold</strong> <em>italic</em> <s>struck</s> <code>code</code>",
  );
  assert.equal(lineOf("*a _b_ c*, (_d_)"), "<strong>a <em>b</em> c</strong>, (<em>d</em>)");
  assert.equal(lineOf("*_both_*"), "<strong><em>both</em></strong>");
  assert.equal(lineOf("`*as typed*`"), "<code>*as typed*</code>");
});

test("a mark that marks nothing is text, as typed", () => {
  for (const text of [
    "2 * 3 * 4",
    "snake_case_name",
    "*open",
    "close*",
    "**",
    "* *",
    "a*b*c",
    "`",
    "``",
    "*",
    "~ ~",
    "_a *b",
  ])
    assert.equal(lineOf(text), text);
  assert.equal(lineOf("*a _b* c_"), "<strong>a _b</strong> c_");
  assert.equal(lineOf("*a\nb*"), "*a\nb*");
});

test("an address stays whole, whatever marks are in it or around it", () => {
  assert.equal(lineOf("see https://a.example/_x_/y"), "see [https://a.example/_x_/y]");
  assert.equal(lineOf("*https://a.example/x_y*"), "<strong>[https://a.example/x_y]</strong>");
  const many = blocksOf("http://a.example/ \n".repeat(150)).flatMap((block) => block.lines.flat());
  assert.equal(many.filter((inline) => inline.href).length, 100);
});

test("lines that begin alike are a quote or a list, and a block of code is as typed", () => {
  const text = "say:\n> one\n> *two*\n- a\n- b\n3. c\n4. d\n```\n*x*\n  > y\n```\nend";
  assert.deepEqual(
    blocksOf(text).map(({ kind, lines, text, start }) => [
      kind,
      lines?.map((line) => line.map(say).join("")) ?? text,
      start,
    ]),
    [
      ["text", ["say:"], undefined],
      ["quote", ["one", "<strong>two</strong>"], undefined],
      ["ul", ["a", "b"], undefined],
      ["ol", ["c", "d"], 3],
      ["pre", "*x*\n  > y", undefined],
      ["text", ["end"], undefined],
    ],
  );
  assert.deepEqual(
    blocksOf("```\nnever closed").map(({ kind }) => kind),
    ["text"],
  );
  assert.deepEqual(
    blocksOf("").map(({ kind }) => kind),
    ["text"],
  );
});

test("a text of thousands of marks becomes no thousands of elements", () => {
  const count = (text) => blocksOf(text).flatMap((block) => block.lines?.flat() ?? [block]).length;
  for (const piece of ["*a* ", "`a`", "*", " *a _b ~c", "a* "]) assert.ok(count(piece.repeat(2000)) < 500, piece);
  assert.ok(blocksOf("> a\n- b\n1. c\n".repeat(500)).length <= 101);
  for (const piece of ["- a\n", "1. a\n", "- a\n1. b\n", "- a\n\n"]) {
    const lists = blocksOf(piece.repeat(1000)).filter(({ kind }) => kind === "ul" || kind === "ol");
    assert.ok(lists.flatMap(({ lines }) => lines).length <= 200, piece);
  }
  const [list, rest] = blocksOf("- a\n".repeat(300));
  assert.equal(list.lines.length, 200);
  assert.equal(rest.lines.map((line) => line.map(say).join("")).join("\n"), "- a\n".repeat(100));
});

test("what is said of a text has none of the marks that are drawn", () => {
  assert.equal(plainOf("a *bold* _word_, `code` and 2 * 3"), "a bold word, code and 2 * 3");
  assert.equal(plainOf("> quoted\n- one\n2. two\n```\n*raw*\n```"), "quoted\none\ntwo\n*raw*");
});
