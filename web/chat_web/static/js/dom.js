// Makes elements. Text goes in as text only: there is no way here to turn a string into markup.
import { isEmojiOnly } from "./emoji.js";

const SVG = "http://www.w3.org/2000/svg";

export const find = (selector, root = document) => root.querySelector(selector);

/** Make an element: `make("p", { class: "note" }, "text", child)`. Children that are null are left out. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** An icon of the sprite in the page. */
export function icon(name, box = "0 0 24 24") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Write only what differs: an unchanged text is not announced again and costs no layout. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Write a text of people. One of emoji alone is drawn in their own font. */
export function setTyped(node, text) {
  setText(node, text);
  node.classList.toggle("emoji", isEmojiOnly(text));
}

/** Show a person as a coloured letter. The colour is computed, so it is set through the CSSOM (the CSP forbids style=). */
export function paintAvatar(node, user) {
  if (node.dataset.of === user.username) return;
  const letter = [...user.username][0].toLocaleUpperCase();
  node.dataset.of = user.username;
  let hue = 7;
  for (const character of user.username) hue = (hue * 31 + character.codePointAt(0)) % 360;
  node.style.setProperty("--hue", String(hue));
  node.classList.toggle("emoji", isEmojiOnly(letter));
  if (node.firstChild?.nodeType === Node.TEXT_NODE) node.firstChild.remove();
  node.prepend(letter);
}
