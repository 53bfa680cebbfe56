// The elements of the conversation, kept by key: what stays the same is not made again.

/**
 * @typedef {import("./message_items.js").Item | import("./message_items.js").Line} Shown
 * @typedef {{ node: HTMLElement, show: (item: any) => void }} View
 */

export class MessageNodes {
  /** @type {Map<string, View>} */
  #views = new Map();
  /** @type {Map<string, Shown>} */
  #items = new Map();
  #list;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  clear() {
    this.#views.clear();
    this.#list.replaceChildren();
  }

  /**
   * Show these items in this order; `make(item)` makes what is not there yet.
   * @param {Shown[]} items
   * @param {(item: Shown) => View} make
   */
  show(items, make) {
    this.#items = new Map(items.map((item) => [item.key, item]));
    const wanted = new Set(items.map((item) => item.key));
    for (const [key, { node }] of this.#views) {
      if (wanted.has(key)) continue;
      node.remove();
      this.#views.delete(key);
    }
    let cursor = this.#list.firstChild;
    for (const item of items) {
      const view = this.#views.get(item.key) ?? make(item);
      this.#views.set(item.key, view);
      view.show(item);
      if (view.node === cursor) cursor = cursor.nextSibling;
      else this.#list.insertBefore(view.node, cursor);
    }
  }

  /**
   * What an element shows.
   * @param {HTMLElement} node
   */
  itemOf({ dataset }) {
    return this.#items.get(dataset.key ?? "") ?? null;
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement | null}
   */
  find(selector) {
    return this.#list.querySelector(selector);
  }

  /**
   * Run `change`, and keep what is in view of `scroller` in its place.
   * @param {HTMLElement} scroller
   * @param {() => void} change
   */
  hold(scroller, change) {
    const anchor = this.firstBelow(scroller.scrollTop);
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    if (!anchor?.isConnected) return;
    const by = anchor.getBoundingClientRect().top - before;
    if (by) scroller.scrollTop += by;
  }

  /**
   * The first message that ends below `top`, in pixels from the beginning of the list.
   * @param {number} top
   */
  firstBelow(top) {
    const children = /** @type {HTMLCollectionOf<HTMLElement>} */ (this.#list.children);
    let low = 0;
    let high = children.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (children[middle].offsetTop + children[middle].offsetHeight <= top) low = middle + 1;
      else high = middle;
    }
    while (low < children.length && !children[low].dataset.key) low += 1;
    return children[low] ?? null;
  }
}
