// On a phone Back undoes the last step: it closes what lies over the page before it leaves a chat.
import { isNarrow } from "./media.js";

/** How many steps lead to where the browser is; `depth`: to where the page is. */
const depthOf = () => Number(history.state?.depth ?? 0);
let depth = 0;

/**
 * Take a step, which Back takes back.
 * @param {{ list?: boolean, archive?: boolean, layer?: string }} state
 * @param {string} [address]
 */
export function takeStep(state, address) {
  history.pushState({ ...state, depth: depthOf() + 1 }, "", address);
  depth = depthOf();
}

/**
 * Back closes a dialog and stays where one is. (Some browsers do so themselves, and tell nobody.) To be
 * called before anything else listens to where the history leads.
 */
export function watchBack() {
  depth = depthOf();
  for (const name of ["popstate", "hashchange"]) addEventListener(name, stay);
}

/** @param {Event} event */
function stay(event) {
  const dialog = document.querySelector("dialog[open]");
  const isBack = depthOf() < depth;
  if (!isBack || (event.type === "popstate" && !dialog)) {
    depth = depthOf();
    return;
  }
  event.stopImmediatePropagation();
  if (!(dialog instanceof HTMLDialogElement)) return;
  dialog.close();
  history.forward();
}

/** What can be open over a chat or the list: on a phone, being open is a step. */
export class BackStep {
  /** How deep the step is; 0 while there is none. */
  #depth = 0;
  #name;
  #close;

  /**
   * `close()` runs when Back was pressed.
   * @param {string} name
   * @param {() => void} close
   */
  constructor(name, close) {
    this.#name = name;
    this.#close = close;
    addEventListener("popstate", () => this.#onPop());
  }

  /** It is open now. */
  begin() {
    if (this.#depth || !isNarrow()) return;
    takeStep({ ...history.state, layer: this.#name });
    this.#depth = depthOf();
  }

  /** It is closed: the step goes, too, or is passed over later where another one lies above it. */
  end() {
    const isOnTop = this.#isHere && this.#depth === depthOf();
    this.#depth = 0;
    if (isOnTop) history.back();
  }

  get #isHere() {
    return history.state?.layer === this.#name;
  }

  #onPop() {
    if (this.#isHere && !this.#depth) history.back();
    if (depthOf() >= this.#depth) return;
    this.#depth = 0;
    this.#close();
  }
}
