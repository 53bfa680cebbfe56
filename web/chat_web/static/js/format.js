// How a text is drawn: code, quotes, lists, bold, italic, struck. The text stays as typed; a mark that marks nothing is text.
// Every step looks at a character a fixed number of times, however hostile the text is.
import { partsOf } from "./links.js";

/**
 * @typedef {{ links: number, marks: number, blocks: number, items: number }} Budget how many of each there may still be
 * @typedef {{ text: string, href?: string, shown?: string }} Part
 * @typedef {"strong" | "em" | "s" | "code"} Mark
 * @typedef {Part | { mark: Mark, children: Inline[] }} Inline
 * @typedef {{ kind: "text" | "quote" | "ul" | "ol", lines: Inline[][], start?: number } | { kind: "pre", text: string }} Block
 */

const FENCE = "```";
const QUOTE = /^> ?/;
const BULLET = /^[-•] (?=\S)/;
const NUMBER = /^(\d{1,4})[.)] (?=\S)/;
// More than a person writes; ten times as many elements would be what takes long in drawing a message.
const LIMITS = { links: 100, marks: 200, blocks: 100, items: 200 };
/** @type {Record<string, Mark>} */
const MARKS = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{M}\p{N}]/u;

/**
 * Whether a mark may begin, and whether it may end something, between these two characters.
 * @param {string} before "" at an edge
 * @param {string} after
 */
const sidesOf = (before, after) => ({
  opens: !WORD.test(before) && after !== "" && !/\s/.test(after),
  closes: !WORD.test(after) && before !== "" && !/\s/.test(before),
});

class Line {
  /** @type {{ mark: string, from: number }[]} marks that are open, and where in `#out` what they mark begins */
  #open = [];
  /** @type {Inline[]} */
  #out = [];
  #budget;

  /** @param {Budget} budget */
  constructor(budget) {
    this.#budget = budget;
  }

  /** @param {string} text */
  #say(text) {
    const last = this.#out.at(-1);
    const begins = this.#open.at(-1)?.from === this.#out.length - 1;
    if (last && "text" in last && !last.href && !begins) this.#out[this.#out.length - 1] = { text: last.text + text };
    else if (text) this.#out.push({ text });
  }

  /**
   * @param {string} text
   * @param {{ before: string, after: string }} edges the characters around it
   */
  add(text, { before, after }) {
    const lastTick = text.lastIndexOf("`");
    let said = 0;
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at];
      const end = character === "`" && at < lastTick ? text.indexOf("`", at + 1) : -1;
      if (end > at + 1 && this.#budget.marks > 0) {
        this.#budget.marks -= 1;
        this.#say(text.slice(said, at));
        this.#out.push({ mark: "code", children: [{ text: text.slice(at + 1, end) }] });
        at = end;
        said = end + 1;
      } else if (MARKS[character]) {
        this.#say(text.slice(said, at));
        this.#mark(character, sidesOf(text[at - 1] ?? before, text[at + 1] ?? after));
        said = at + 1;
      }
    }
    this.#say(text.slice(said));
  }

  /** @param {Part} link */
  addLink(link) {
    this.#out.push(link);
  }

  /**
   * @param {string} mark
   * @param {{ opens: boolean, closes: boolean }} sides
   */
  #mark(mark, { opens, closes }) {
    const index = this.#open.findIndex((one) => one.mark === mark);
    const from = this.#open[index]?.from ?? 0;
    if (closes && index >= 0 && this.#out.length > from + 1 && this.#budget.marks > 0) {
      this.#budget.marks -= 1;
      // What began inside and has not ended is text.
      this.#open.length = index;
      const [, ...children] = this.#out.splice(from);
      this.#out.push({ mark: MARKS[mark], children });
    } else {
      if (!opens || index >= 0) return this.#say(mark);
      this.#open.push({ mark, from: this.#out.length });
      this.#out.push({ text: mark });
    }
  }

  get inlines() {
    return this.#out;
  }
}

/**
 * @param {string} text
 * @param {Budget} budget
 * @returns {Inline[]}
 */
function inlinesOf(text, budget) {
  const line = new Line(budget);
  const parts = budget.links > 0 ? partsOf(text) : [{ text }];
  for (const [index, part] of parts.entries()) {
    const isLink = "href" in part && budget.links > 0;
    if (isLink) budget.links -= 1;
    if (isLink) line.addLink(part);
    else line.add(part.text, { before: index ? "a" : "", after: index < parts.length - 1 ? "a" : "" });
  }
  return line.inlines;
}

/**
 * @param {string} text
 * @returns {ReturnType<typeof kindOf>}
 */
const plain = (text) => ({ kind: "text", text });

/**
 * What a line is part of, and what it says there.
 * @param {string} line
 * @returns {{ kind: "text" | "quote" | "ul" | "ol", text: string, start?: number }}
 */
function kindOf(line) {
  const number = NUMBER.exec(line);
  if (number) return { kind: "ol", text: line.slice(number[0].length), start: Number(number[1]) };
  if (QUOTE.test(line)) return { kind: "quote", text: line.replace(QUOTE, "") };
  if (BULLET.test(line)) return { kind: "ul", text: line.replace(BULLET, "") };
  return { kind: "text", text: line };
}

/**
 * The blocks of a text, in order.
 * @param {string} text
 * @returns {Block[]}
 */
export function blocksOf(text) {
  /** @type {Block[]} */
  const blocks = [];
  const budget = { ...LIMITS };
  const lines = text.split("\n");
  const lastFence = lines.lastIndexOf(FENCE);
  for (let index = 0; index < lines.length; index += 1) {
    if (lines[index] === FENCE && index < lastFence && blocks.length < budget.blocks) {
      const end = lines.indexOf(FENCE, index + 1);
      blocks.push({ kind: "pre", text: lines.slice(index + 1, end).join("\n") });
      index = end;
      continue;
    }
    const isPlain = blocks.length >= budget.blocks || budget.items <= 0;
    const { kind, text: words, start } = isPlain ? plain(lines[index]) : kindOf(lines[index]);
    if (kind === "ul" || kind === "ol") budget.items -= 1;
    const last = blocks.at(-1);
    const inlines = inlinesOf(words, budget);
    if (last?.kind === kind) last.lines.push(inlines);
    else blocks.push({ kind, lines: [inlines], start });
  }
  return blocks;
}

/**
 * @param {Inline} inline
 * @returns {string}
 */
const wordsOf = (inline) => ("mark" in inline ? inline.children.map(wordsOf).join("") : (inline.shown ?? inline.text));

/**
 * A text as it is read: without the marks that are drawn.
 * @param {string} text
 */
export const plainOf = (text) =>
  blocksOf(text)
    .flatMap((block) => (block.kind === "pre" ? block.text : block.lines.map((line) => line.map(wordsOf).join(""))))
    .join("\n");
