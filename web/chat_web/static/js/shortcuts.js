// What the keyboard does anywhere in the page: Ctrl+K, Escape, and typing that goes to where one writes.
import { find } from "./dom.js";
import { isNarrow } from "./media.js";

/**
 * @param {object} parts
 * @param {import("./router.js").Router} parts.router
 * @param {import("./list.js").ListView} parts.list
 * @param {import("./composer.js").Composer} parts.composer
 */
export function addShortcuts({ router, list, composer }) {
  const leaveChat = () => {
    if (isNarrow()) router.back();
    else list.focusRow();
  };
  const findChat = () => {
    if (isNarrow() && router.openId) router.back();
    list.focusFilter();
  };
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (isFind(event)) {
      event.preventDefault();
      findChat();
    } else if (!router.openId) return;
    else if (event.key === "Escape") leaveChat();
    else if (isText(event) && !isElsewhere()) composer.focus();
  });
  find("#skip").addEventListener("click", (event) => {
    event.preventDefault();
    if (router.openId && !isNarrow()) composer.focus();
    else find("#talk").focus();
  });
}

/** @param {KeyboardEvent} event */
const isFind = ({ key, ctrlKey, metaKey, altKey, shiftKey }) =>
  (ctrlKey || metaKey) && !altKey && !shiftKey && key.toLowerCase() === "k";

/** @param {KeyboardEvent} event */
const isText = ({ key, ctrlKey, metaKey, altKey }) =>
  key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey;

/** Whether the focus is where a key means something else. */
function isElsewhere() {
  const focused = document.activeElement;
  return focused !== null && focused !== document.body && !focused.matches(".scroller, #talk");
}
