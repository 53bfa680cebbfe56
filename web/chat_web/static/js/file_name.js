// Under which name is a file sent? One that every disk takes, whatever it is called here.

const LONGEST = 200; // bytes of UTF-8; the server takes 255
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const ENDING = /\.[^.\s]{1,10}$/u;
const ROOM = 5; // letters

/** @param {string} text */
const bytesOf = (text) => new TextEncoder().encode(text).length;

/**
 * A name without what no name should hold. One that is too long loses letters before its ending.
 * @param {string} name
 * @param {string} [instead] where nothing is left
 */
export function cleanName(name, instead = "file") {
  const clean = name.replace(UNSEEN, "").replaceAll(/[/\\]/g, "_").trim();
  if (!clean.replaceAll(/[ .]/g, "")) return instead;
  const ending = ENDING.exec(clean)?.[0] ?? "";
  const letters = [...clean.slice(0, clean.length - ending.length)];
  while (letters.length && bytesOf(letters.join("") + ending) > LONGEST)
    letters.splice(-Math.ceil(letters.length / 16));
  return letters.join("").trimEnd() + ending;
}

/**
 * A name with another ending.
 * @param {string} name
 * @param {string} ending
 */
export const withEnding = (name, ending) => cleanName(`${name.replace(ENDING, "") || "picture"}.${ending}`);

/**
 * What stands for a file of which there is no picture: the ending of its name, where that is short.
 * @param {string} name
 */
export function kindWord(name) {
  const ending = ENDING.exec(name)?.[0].slice(1) ?? "";
  return ending && ending.length <= ROOM ? ending.toUpperCase() : "…";
}
