// Where does a card stand that belongs to something in the page?
import { isNarrow } from "./media.js";

const GAP = 8;

/**
 * Put a dialog above `anchor`, or below where there is no room, inside the window; a phone has it at the bottom.
 * @param {HTMLElement} dialog
 * @param {Element} anchor
 */
export function placeBeside(dialog, anchor) {
  const { style } = dialog;
  style.left = style.top = "";
  if (isNarrow()) return;
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = dialog;
  const isOnEnd = box.left > innerWidth - box.right;
  const left = isOnEnd ? box.right - width : box.left;
  const above = box.top - GAP - height;
  const top = above > GAP ? above : box.bottom + GAP;
  style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
  style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
}
