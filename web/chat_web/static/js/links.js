// Finds what is a link in a text, and texts that are emoji alone.

// Characters that show nothing or turn the text around end an address: they could make one look like another.
const UNSEEN = "\\p{Default_Ignorable_Code_Point}\\p{Bidi_Control}\\p{Cc}\\s";
const ADDRESS = new RegExp(`(?<![\\p{L}\\p{N}@/.])(?:https?://|www\\.)[^${UNSEEN}<>"«»“”]+`, "giu");
const PAIRS = { ")": "(", "]": "[", "}": "{" };

/** Cut off what ends the sentence and not the address: "(see https://a.it/x)." */
function trimEnd(address) {
  let end = address.length;
  for (;;) {
    const last = address[end - 1];
    const opening = PAIRS[last];
    const body = address.slice(0, end);
    const unpaired = opening && body.split(last).length > body.split(opening).length;
    if (!unpaired && !/[.,;:!?'’*_~…]/.test(last ?? "a")) return body;
    end -= 1;
  }
}

/** The address to open, or null where opening it would not be what it looks like. */
export function hrefOf(address) {
  try {
    const url = new URL(/^www\./i.test(address) ? `https://${address}` : address);
    // https://bank.example@evil.example is a place at evil.example.
    if (url.username || url.password || !url.hostname.replace(/^www\.?/, "")) return null;
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Split `text` into `{ text }` and `{ text, href }`; joined again, the texts are the text. */
export function partsOf(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = trimEnd(found[0]);
    const href = hrefOf(address);
    if (!href) continue;
    if (found.index > from) parts.push({ text: text.slice(from, found.index) });
    parts.push({ text: address, href });
    from = found.index + address.length;
  }
  if (from < text.length || !parts.length) parts.push({ text: text.slice(from) });
  return parts;
}

const PICTURE = "(?:\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F?\\u20E3|(?:\\p{Emoji_Modifier_Base}\\p{Emoji_Modifier}|\\p{Emoji_Presentation}\\uFE0F?|\\p{Extended_Pictographic}\\uFE0F)[\\u{E0020}-\\u{E007F}]*)";
const EMOJI_ONLY = new RegExp(`^\\s*(?:${PICTURE}(?:\\u200D(?:${PICTURE}|[♀♂⚕⚖✈❤]\\uFE0F?))*\\s*){1,6}$`, "u");

/** Whether `text` is one to six emoji and nothing else. */
export const isEmojiOnly = (text) => text.length < 120 && EMOJI_ONLY.test(text);
