// The script's words. A text is its own key (gettext); the catalogue of the page's language comes from the server.

/** @typedef {Record<string, string | string[]>} Catalogue */
/** @typedef {Record<string, string | number>} Values */

/** @type {Catalogue} */
let words = {};

/**
 * Take the words of a language: `{ "English text": "text" | ["one", "many"] }`.
 * @param {Catalogue} catalogue
 */
export function setCatalogue(catalogue) {
  words = catalogue;
}

/**
 * @param {string} text
 * @param {Values} values
 */
const fill = (text, values) =>
  text.replace(/%\((\w+)\)[sd]/g, (all, name) => (name in values ? String(values[name]) : all));

/**
 * Say `text` in the page's language. `%(name)s` stands for `values.name`.
 * @param {string} text
 * @param {Values} [values]
 */
export const t = (text, values = {}) => fill(/** @type {string} */ (words[text] || text), values);

/**
 * Say it for a number. English and Italian both have one form for 1 and one for the rest.
 * @param {string} one
 * @param {string} many
 * @param {number} num
 * @param {Values} [values]
 */
export function tn(one, many, num, values = {}) {
  const form = num === 1 ? 0 : 1;
  const said = words[one];
  return fill((Array.isArray(said) && said[form]) || [one, many][form], { num, ...values });
}

/**
 * A name inside a sentence, unable to turn the sentence around (Unicode isolates).
 * @param {string} name
 */
export const isolate = (name) => `\u2068${name}\u2069`;

/**
 * A number of unread messages where there is little room. The server counts to 100, which means that or more.
 * @param {number} count
 */
export const shortCount = (count) => (count > 99 ? "99+" : String(count));
