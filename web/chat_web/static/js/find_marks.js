// Marks what is found in the messages that are in the page, without touching their elements: ranges, which the browser
// colours (CSS Custom Highlight API). A browser without it marks nothing; the message that is jumped to flashes anyway.
import { find } from "./dom.js";
import { findIn } from "./folding.js";

const TEXTS = ".message[data-seq]:not(.message--deleted, .message--notice) .bubble__text";
const REMEMBERED = 1000;
const FORMATTING = /[*_~`]/gu;
const isKnown = typeof Highlight === "function" && "highlights" in CSS;

/**
 * The ranges of a text's finds, across the elements of its formatting; `look` says where a whole text has some.
 * @param {Element} text
 * @param {(whole: string) => import("./folding.js").Span[]} look
 */
function rangesIn(text, look) {
  /** @type {{ node: Node, begin: number, end: number }[]} */
  const pieces = [];
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let whole = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const begin = whole.length;
    whole += node.nodeValue;
    pieces.push({ node, begin, end: whole.length });
  }
  let index = 0;
  /** @param {number} at */
  const reach = (at) => {
    while (pieces[index].end < at) index += 1;
    const { node, begin } = pieces[index];
    return /** @type {const} */ ([node, at - begin]);
  };
  return look(whole).map(([from, to]) => {
    const [startContainer, startOffset] = reach(from);
    const [endContainer, endOffset] = reach(to);
    return new StaticRange({ startContainer, startOffset, endContainer, endOffset });
  });
}

export class FindMarks {
  #needle = "";
  #seq = 0;
  #frame = 0;
  /** @type {Map<string, import("./folding.js").Span[]>} of the texts that were in the page, for this needle */
  #known = new Map();
  #list = find(".messages");
  #observer = new MutationObserver(() => this.#soon());

  /**
   * Mark `needle`, which is folded; in the message `seq` as the find that is looked at. "" marks nothing any more.
   * @param {string} needle
   * @param {number} seq
   */
  show(needle, seq) {
    if (!isKnown || (needle === this.#needle && seq === this.#seq)) return;
    if (!this.#needle && needle)
      this.#observer.observe(this.#list, { childList: true, subtree: true, characterData: true });
    if (!needle) this.#observer.disconnect();
    if (needle !== this.#needle) this.#known.clear();
    this.#needle = needle;
    this.#seq = seq;
    this.#soon();
  }

  #soon() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#mark();
    });
  }

  /**
   * Where a text contains what is searched for. A message that `isFound` does, if not as it is drawn: there, the marks of
   * its formatting are no part of the words.
   * @param {string} whole
   * @param {boolean} isFound
   */
  #look(whole, isFound) {
    let spans = this.#known.get(whole);
    if (spans?.length || (spans && !isFound)) return spans;
    spans = findIn(whole, this.#needle);
    if (!spans.length && isFound) spans = findIn(whole, this.#needle.replace(FORMATTING, ""));
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(whole, spans);
    return spans;
  }

  #mark() {
    const [others, now] = [new Highlight(), new Highlight()];
    now.priority = 1;
    if (this.#needle) {
      for (const text of this.#list.querySelectorAll(TEXTS)) {
        const isNow = text.closest(`[data-seq="${this.#seq}"]`) !== null;
        for (const range of rangesIn(text, (whole) => this.#look(whole, isNow))) (isNow ? now : others).add(range);
      }
    }
    CSS.highlights.set("find", others);
    CSS.highlights.set("find-now", now);
  }
}
