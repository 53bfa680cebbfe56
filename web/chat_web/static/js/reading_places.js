// Where the reader was in each chat, to go on there.

/** @typedef {{ seq: number, offset: number }} Place a message, and how far below the top of the view it begins */

export class ReadingPlaces {
  /** @type {Map<number, Place>} */
  #places = new Map();
  #scroller;
  #nodes;

  /**
   * @param {HTMLElement} scroller
   * @param {import("./message_nodes.js").MessageNodes} nodes
   */
  constructor(scroller, nodes) {
    this.#scroller = scroller;
    this.#nodes = nodes;
  }

  /**
   * Remember what is in view.
   * @param {number} chatId
   */
  remember(chatId) {
    const anchor = this.#nodes.firstBelow(this.#scroller.scrollTop);
    if (!anchor?.dataset.seq) return;
    const offset = anchor.offsetTop - this.#scroller.scrollTop;
    this.#places.set(chatId, { seq: Number(anchor.dataset.seq), offset });
  }

  /**
   * The place that is remembered of a chat; it is forgotten with that.
   * @param {number} chatId
   */
  take(chatId) {
    const place = this.#places.get(chatId);
    this.#places.delete(chatId);
    return place;
  }

  /**
   * Scroll to a place whose message is in the page.
   * @param {Place} place
   */
  show({ seq, offset }) {
    const node = this.#nodes.find(`[data-seq="${seq}"]`);
    if (node) this.#scroller.scrollTop = node.offsetTop - offset;
  }

  /**
   * Scroll a message into the middle of the view, and let it flash; says whether it is in the page.
   * @param {number} seq
   * @param {boolean} focus whether it gets the focus
   */
  point(seq, focus) {
    const node = this.#nodes.find(`[data-seq="${seq}"]`);
    if (!node) return false;
    const room = Math.max(this.#scroller.clientHeight - node.offsetHeight, 32);
    this.#scroller.scrollTop = node.offsetTop - room / 2;
    node.classList.add("message--flash");
    node.addEventListener("animationend", () => node.classList.remove("message--flash"), { once: true });
    if (focus) node.focus({ preventScroll: true });
    return true;
  }
}
