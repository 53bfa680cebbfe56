// Tells texts that are emoji alone. It goes through a text once: each emoji is taken as a whole and never looked at again.

const PICTURE =
  /\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|(?:\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\p{Emoji_Presentation}\uFE0F?|\p{Extended_Pictographic}\uFE0F)[\u{E0020}-\u{E007F}]*/uy;
// Behind a joiner some come without the sign that makes them a picture.
const JOINED = new RegExp(`${PICTURE.source}|[♀♂⚕⚖✈❤]`, "uy");
const JOINER = "\u200D";
const LONGEST = 120;
const LIMIT = 6;

/**
 * The index behind what `pattern` matches at `index` of `text`, or -1.
 * @param {RegExp} pattern
 * @param {string} text
 * @param {number} index
 */
function after(pattern, text, index) {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/**
 * The index behind the emoji at `index` of `text`, joined ones as one, or -1.
 * @param {string} text
 * @param {number} index
 */
function afterEmoji(text, index) {
  let end = after(PICTURE, text, index);
  while (end > 0 && text[end] === JOINER) end = after(JOINED, text, end + 1);
  return end;
}

/**
 * Whether `text` is one to six emoji and nothing else.
 * @param {string} text
 */
export function isEmojiOnly(text) {
  if (text.length >= LONGEST) return false;
  const emoji = text.replace(/\s/g, "");
  let index = 0;
  for (let count = 0; count < LIMIT && index >= 0 && index < emoji.length; count += 1) index = afterEmoji(emoji, index);
  return index > 0 && index === emoji.length;
}
