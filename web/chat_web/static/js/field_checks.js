// What is wrong with what somebody wrote into a field? The server decides; this only says sooner what it would say.

const LONGEST_NAME = 50; // characters, as in chat_db.names
const NAME = /^[\p{L}\p{M}\p{Nd}_.-]+$/u;

/**
 * @typedef {object} Field
 * @property {string} name
 * @property {string} type
 * @property {string} value
 * @property {number} minLength -1 where there is none
 */

/**
 * The code of what is wrong with a field, as the server names it, or "". Whether it counts is up to the field's words.
 * @param {Field} field
 */
export function problemOf({ name, type, value, minLength }) {
  if (type === "password" || minLength > 0) {
    if (!value) return "missing";
    return [...value].length < minLength ? "bad_password" : "";
  }
  const written = value.normalize("NFKC").trim();
  if (!written) return "missing";
  return name === "username" && (!NAME.test(written) || [...written].length > LONGEST_NAME) ? "bad_username" : "";
}

/**
 * How hard a password is to guess, roughly: length counts most, then variety; repeating and counting up count little.
 * @param {string} password
 * @param {number} least how many characters it needs
 */
export function strengthOf(password, least) {
  const characters = [...password];
  if (characters.length < least) return "short";
  let fresh = 0;
  let previous = -1;
  for (const character of characters) {
    const code = character.codePointAt(0) ?? 0;
    if (Math.abs(code - previous) > 1) fresh += 1;
    previous = code;
  }
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  const score = Math.min(fresh, new Set(characters).size * 1.6) + (kinds - 1) * 2;
  if (score < 9) return "weak";
  if (score < 12) return "fair";
  return score < 17 ? "good" : "strong";
}
