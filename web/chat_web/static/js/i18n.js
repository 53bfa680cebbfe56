// The script's words. A text is its own key (gettext); the catalogue of the page's language comes from the server.
let words = {};

/** Take the words of a language: `{ "English text": "text" | ["one", "many"] }`. */
export function learn(catalogue) {
  words = catalogue;
}

const fill = (text, values) => text.replace(/%\((\w+)\)[sd]/g, (all, name) => (name in values ? String(values[name]) : all));

/** Say `text` in the page's language. `%(name)s` stands for `values.name`. */
export const t = (text, values = {}) => fill(words[text] || text, values);

/** Say it for a number. English and Italian both have one form for 1 and one for the rest. */
export function tn(one, many, num, values = {}) {
  const form = num === 1 ? 0 : 1;
  const said = words[one];
  return fill((Array.isArray(said) && said[form]) || [one, many][form], { num, ...values });
}

/** A name inside a sentence, unable to turn the sentence around (Unicode isolates). */
export const isolate = (name) => `\u2068${name}\u2069`;
