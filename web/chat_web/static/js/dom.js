// Makes elements. Text goes in as text only: there is no way here to turn a string into markup.
import { isEmojiOnly } from "./emoji.js";

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {string | boolean | number | null | undefined | ((event: Event) => void)} Attribute */

/**
 * The first element of `selector` within `root`; throws where there is none, or it is not of this `kind`.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [root]
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function find(selector, root = document, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof (kind ?? HTMLElement))) throw new Error(`The page has no ${selector}`);
  return /** @type {T} */ (found);
}

/**
 * Make an element: `make("p", { class: "note" }, "text", child)`. A function is the listener of the event of its name.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, Attribute>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false)
      node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children);
  return node;
}

/**
 * An icon of the sprite in the page.
 * @param {string} name
 * @param {string} [box]
 */
export function icon(name, box = "0 0 24 24") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", box);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Write only what differs: an unchanged text is not announced again and costs no layout.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Write a text of people. One of emoji alone is drawn in their own font.
 * @param {Element} node
 * @param {string} text
 */
export function setTyped(node, text) {
  setText(node, text);
  node.classList.toggle("emoji", isEmojiOnly(text));
}

/**
 * Show a person as a coloured letter, one whose account was deleted as nobody's. The colour is computed, so it is set
 * through the CSSOM (the CSP forbids style=).
 * @param {HTMLElement} node
 * @param {{ username: string, deleted?: boolean }} user
 */
export function paintAvatar(node, user) {
  if (node.dataset.of === user.username) return;
  const letter = user.deleted ? "" : [...user.username][0].toLocaleUpperCase();
  node.dataset.of = user.username;
  let hue = 7;
  for (const character of user.username) hue = (hue * 31 + Number(character.codePointAt(0))) % 360;
  node.style.setProperty("--hue", String(hue));
  node.classList.toggle("emoji", isEmojiOnly(letter));
  node.classList.toggle("avatar--nobody", !letter);
  if (node.firstChild instanceof Text || node.firstChild instanceof SVGElement) node.firstChild.remove();
  node.prepend(letter || icon("person"));
}
