// Says something to screen readers; what was said does not stay in the page.
import { find, setText } from "./dom.js";

const STAYS = 10_000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} words */
export function sayStatus(words) {
  const region = find("#status");
  setText(region, words);
  clearTimeout(timer);
  timer = setTimeout(() => setText(region, ""), STAYS);
}
