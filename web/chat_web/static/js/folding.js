// Are two spellings one word? Case and accents make no difference, as for the server (db/chat_db/folding.py).

const VARIANTS = /[\ufe0e\ufe0f]/; // of an emoji: as text, as a picture
const ASCII = /^[\0-\x7f]*$/;
// More than anybody looks at in one text.
const MOST_FINDS = 100;

/** @typedef {[number, number]} Span where a find begins in a text, and where it ends */

/** @type {Map<string, string>} */
const folded = new Map();
const REMEMBERED = 5000;

/**
 * Whether a character, decomposed, is a combining one: normalizing brings those behind a letter into their order, each
 * around one of another class.
 * @param {string} character
 */
const isMark = (character) =>
  VARIANTS.test(character) ||
  `${character}\u0334`.normalize("NFD") === `\u0334${character}` ||
  `\u0300${character}`.normalize("NFD") === `${character}\u0300`;

/**
 * As `casefold` of Python. Alone, a sigma is not at the end of a word.
 * @param {string} character
 */
const withoutCase = (character) => (character === "ß" ? "ss" : character.replace("ς", "σ").toLowerCase());

/** @param {string} character */
function foldCharacter(character) {
  const known = folded.get(character);
  if (known !== undefined) return known;
  const parts = [...character.normalize("NFKD")].map(withoutCase).join("").normalize("NFKD");
  const plain = [...parts].filter((part) => !isMark(part)).join("");
  if (folded.size < REMEMBERED) folded.set(character, plain);
  return plain;
}

/**
 * A text without case and accents.
 * @param {string} text
 */
export const fold = (text) => (ASCII.test(text) ? text.toLowerCase() : Array.from(text, foldCharacter).join(""));

/**
 * A text folded, and of each of its units which character of the text it comes from: the index of its begin.
 * @param {string} text
 */
function unfoldable(text) {
  let whole = "";
  /** @type {number[]} */
  const origins = [];
  let at = 0;
  for (const character of text) {
    const plain = foldCharacter(character);
    for (let unit = 0; unit < plain.length; unit += 1) origins.push(at);
    whole += plain;
    at += character.length;
  }
  origins.push(text.length);
  return { whole, origins };
}

/**
 * Where a text contains `needle`, which is folded, in order; none overlap. After a hundred the rest is left out.
 * @param {string} text
 * @param {string} needle
 */
export function findIn(text, needle) {
  /** @type {Span[]} */
  const spans = [];
  if (!needle) return spans;
  const isPlain = ASCII.test(text);
  const { whole, origins } = isPlain ? { whole: text.toLowerCase(), origins: [] } : unfoldable(text);
  let at = whole.indexOf(needle);
  while (at >= 0 && spans.length < MOST_FINDS) {
    const end = at + needle.length;
    spans.push(isPlain ? [at, end] : [origins[at], endOf(origins, end)]);
    at = whole.indexOf(needle, end);
  }
  return spans;
}

/**
 * Where the characters before `unit` end in the text. One whose units are found in part is found.
 * @param {number[]} origins
 * @param {number} unit
 */
function endOf(origins, unit) {
  let next = unit;
  while (origins[next] === origins[unit - 1]) next += 1;
  return origins[next];
}
