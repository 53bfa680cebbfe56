// Says briefly, at the page's lower edge and to screen readers, that something was done, or why it was not.
import { find, icon, make } from "./dom.js";

const SHOWN_MS = 5_000;
let timer = 0;

/** Take it away after a while. */
function passSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => find("#toast").replaceChildren(), SHOWN_MS);
}

/**
 * @param {string} words
 * @param {{ isDone?: boolean }} [options]
 */
export function toast(words, { isDone = true } = {}) {
  // A new element, so that the same words are said again.
  find("#toast").replaceChildren(make("p", { class: "toast" }, ...(isDone ? [icon("check")] : []), words));
  passSoon();
}

/** What came with the page is said once: neither a reload nor the way back says it again. */
export function takeFirstToast() {
  if (!find("#toast").firstElementChild) return;
  history.replaceState(history.state, "", location.pathname + location.hash);
  passSoon();
}
