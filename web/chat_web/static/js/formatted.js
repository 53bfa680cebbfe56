// Draws a text with its formatting: elements, never markup from the text.
import { make } from "./dom.js";
import { blocksOf } from "./format.js";

/**
 * @typedef {import("./format.js").Block} Block
 * @typedef {import("./format.js").Inline} Inline
 */

/**
 * @param {Inline} inline
 * @returns {Node | string}
 */
function drawInline(inline) {
  if ("mark" in inline) return make(inline.mark, {}, ...inline.children.map(drawInline));
  const { text, href, shown = text } = inline;
  if (!href) return text;
  return make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "ltr" }, shown);
}

/**
 * Lines under one another, what is text in as few pieces as there can be: thousands of nodes would take long to draw.
 * @param {(Node | string)[][]} lines
 */
function joined(lines) {
  /** @type {(Node | string)[]} */
  const pieces = [];
  for (const [index, line] of lines.entries()) {
    for (const piece of index ? ["\n", ...line] : line) {
      const last = pieces.length - 1;
      if (typeof piece === "string" && typeof pieces[last] === "string") pieces[last] += piece;
      else pieces.push(piece);
    }
  }
  return pieces;
}

/**
 * @param {Block} block
 * @returns {(Node | string)[]}
 */
function drawBlock(block) {
  if (block.kind === "pre") return [make("pre", { dir: "ltr" }, make("code", {}, block.text))];
  const lines = block.lines.map((line) => line.map(drawInline));
  if (block.kind === "text" || block.kind === "quote") {
    const words = joined(lines);
    return block.kind === "text" ? words : [make("blockquote", {}, ...words)];
  }
  const attributes = block.kind === "ol" ? { start: block.start } : {};
  return [make(block.kind, attributes, ...lines.map((line) => make("li", {}, ...line)))];
}

/**
 * The nodes of a text.
 * @param {string} text
 */
export const formatted = (text) => blocksOf(text).flatMap(drawBlock);
