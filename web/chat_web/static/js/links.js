// Finds what is a link in a text. Every step looks at a character a fixed number of times, however hostile the text is.

// Characters that show nothing or turn the text around end an address: they could make one look like another.
const UNSEEN = "\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\p{Cc}\\s";
const WORD = new RegExp(`[^${UNSEEN}<>"«»“”]+`, "gu");
const ADDRESS = /(?<![\p{L}\p{N}@/.])(?:https?:\/\/|www\.)/iu;
/** @type {Record<string, string>} */
const PAIRS = { ")": "(", "]": "[", "}": "{" };
const SENTENCE_END = /[.,;:!?'’*_~…]/;
// More than a person follows; ten times as many elements would be what takes long in drawing a message.
const LINK_LIMIT = 100;
// A host name has 253 characters at most (RFC 1035), and a port five digits.
const LONGEST_HOST = 260;

// Mail addresses of ASCII only: in any other, letters that look alike would lead elsewhere. Lengths as in RFC 5321.
const BEFORE_AT = /(?<![\p{L}\p{M}\p{N}@/._%+&'-])[\w%+&'-](?:[\w.%+&'-]{0,63})$/u;
const AFTER_AT = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,63}(?![\p{L}\p{M}\p{N}@_-])/u;
const LONGEST_LOCAL = 66;

/**
 * Cut off what ends the sentence and not the address: "(see https://a.it/x)."
 * @param {string} address
 */
function trimEnd(address) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const character of address) counts[character] = (counts[character] ?? 0) + 1;
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1];
    const opening = PAIRS[last];
    const isUnpaired = opening !== undefined && counts[last] > (counts[opening] ?? 0);
    if (!isUnpaired && !SENTENCE_END.test(last)) break;
    counts[last] -= 1;
  }
  return address.slice(0, end);
}

/** @param {string} address */
const withScheme = (address) => (/^www\./i.test(address) ? `https://${address}` : address);
/** @param {string} address */
const hostIn = (address) => /^(?:https?:\/\/)?([^/?#\\]*)/i.exec(address)?.[1] ?? "";

/**
 * The address to open, as a URL, or null where opening it would not be what it looks like.
 * @param {string} address
 */
function urlOf(address) {
  if (hostIn(address).length > LONGEST_HOST || !URL.canParse(withScheme(address))) return null;
  const url = new URL(withScheme(address));
  // https://bank.example@evil.example is a place at evil.example.
  if (url.username || url.password || !url.hostname.replace(/^www\.?/, "")) return null;
  return url.protocol === "http:" || url.protocol === "https:" ? url : null;
}

/**
 * The link of `address`, or null. Where the host that opens is not the one that was typed, `shown` is what to show.
 * @param {string} address
 * @returns {{ text: string, href: string, shown?: string } | null}
 */
function linkOf(address) {
  const url = urlOf(address);
  if (!url) return null;
  const typed = hostIn(address);
  /** @type {{ text: string, href: string, shown?: string }} */
  const link = { text: address, href: url.href };
  // Letters of other scripts (punycode), percent signs, numbers: the reader sees where it really leads.
  if (typed.replace(/:\d*$/, "").toLowerCase() !== url.hostname) link.shown = address.replace(typed, () => url.host);
  return link;
}

/**
 * The mail address around the @ at `at` of `word`, or null.
 * @param {string} word
 * @param {number} at
 */
function mailAt(word, at) {
  const before = BEFORE_AT.exec(word.slice(Math.max(0, at - LONGEST_LOCAL), at));
  const after = before && AFTER_AT.exec(word.slice(at + 1, at + 1 + LONGEST_HOST));
  if (!after) return null;
  const [local, host] = [before[0], after[0]];
  return { from: at - local.length, text: `${local}@${host}`, href: `mailto:${encodeURIComponent(local)}@${host}` };
}

/**
 * The links of a word (a run without blanks) as `{ from, text, href }`, in order.
 * @param {string} word
 * @returns {{ from: number, text: string, href: string, shown?: string }[]}
 */
function linksOf(word) {
  const begin = word.search(ADDRESS);
  const links = [];
  const end = begin < 0 ? word.length : begin;
  for (let at = word.indexOf("@"); at >= 0 && at < end; at = word.indexOf("@", at + 1)) {
    const mail = mailAt(word, at);
    if (mail) links.push(mail);
  }
  const link = begin < 0 ? null : linkOf(trimEnd(word.slice(begin)));
  return link ? [...links, { from: begin, ...link }] : links;
}

/**
 * Split `text` into `{ text }` and `{ text, href, shown? }`; joined again, the texts are the text. A link whose host could
 * be read as another one has `shown`: the address with the host that it opens. After a hundred links the rest is text.
 * @param {string} text
 */
export function partsOf(text) {
  /** @type {{ text: string, href?: string, shown?: string }[]} */
  const parts = [];
  let from = 0;
  let count = 0;
  for (const word of text.matchAll(WORD)) {
    if (count >= LINK_LIMIT) break;
    for (const { from: offset, ...link } of linksOf(word[0]).slice(0, LINK_LIMIT - count)) {
      count += 1;
      const begin = word.index + offset;
      if (begin > from) parts.push({ text: text.slice(from, begin) });
      parts.push(link);
      from = begin + link.text.length;
    }
  }
  if (from < text.length || !parts.length) parts.push({ text: text.slice(from) });
  return parts;
}
