// What the keyboard does anywhere in the page: Ctrl+K, Ctrl+F, F3, Escape, and typing that goes to where one writes.
import { find } from "./dom.js";
import { isNarrow } from "./media.js";

/**
 * @param {object} parts
 * @param {import("./router.js").Router} parts.router
 * @param {import("./list.js").ListView} parts.list
 * @param {import("./composer.js").Composer} parts.composer
 * @param {import("./search_loader.js").SearchLoader} parts.search
 */
export function addShortcuts({ router, list, composer, search }) {
  const leaveChat = () => {
    if (search.isOpen) search.end();
    else if (isNarrow()) router.back();
    else list.focusRow();
  };
  const findChat = () => {
    if (isNarrow() && router.openId) router.back();
    list.focusFilter();
  };
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (isWith("k", event)) {
      event.preventDefault();
      findChat();
    } else if (!router.openId) return;
    else if (findInChat(event, search)) event.preventDefault();
    else if (event.key === "Escape") leaveChat();
    else if (isText(event) && !isElsewhere()) composer.focus();
  });
  find("#skip").addEventListener("click", (event) => {
    event.preventDefault();
    if (router.openId && !isNarrow()) composer.focus();
    else find("#talk").focus();
  });
}

/**
 * @param {string} letter
 * @param {KeyboardEvent} event
 */
const isWith = (letter, { key, ctrlKey, metaKey, altKey, shiftKey }) =>
  (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === letter;

/**
 * Search in the open chat; says whether that was asked for. Whoever asks twice gets the browser's own search.
 * @param {KeyboardEvent} event
 * @param {import("./search_loader.js").SearchLoader} search
 */
function findInChat(event, search) {
  if (event.key === "F3" && search.isOpen) search.step(!event.shiftKey);
  else if (isWith("f", event) && !search.hasFocus) search.start();
  else return false;
  return true;
}

/** @param {KeyboardEvent} event */
const isText = ({ key, ctrlKey, metaKey, altKey }) =>
  key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey;

/** Whether the focus is where a key means something else. */
function isElsewhere() {
  const focused = document.activeElement;
  return focused !== null && focused !== document.body && !focused.matches(".scroller, #talk");
}
