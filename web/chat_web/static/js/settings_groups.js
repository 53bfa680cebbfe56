// The list of groups beside the settings: it follows the scroll, and leads to a group without a step in the history.
import { find } from "./dom.js";

const LINE = 120; // px from the top of the window: what has begun above it is being read

/**
 * Which group is before the reader's eyes. Towards the end of the page the line that decides runs down to the bottom of
 * the window, so that short groups there have their turn.
 * @param {number[]} tops where the groups begin, from the top of the window
 * @param {number} scrolled
 * @param {number} room how far the page can be scrolled
 * @param {number} height of the window
 */
export function groupAt(tops, scrolled, room, height) {
  const last = Math.min(room, height);
  const done = last > 0 ? Math.max(0, 1 - (room - scrolled) / last) : 0;
  const line = LINE + (height - LINE) * done;
  return Math.max(
    0,
    tops.findLastIndex((top) => top <= line),
  );
}

export class Groups {
  #links = /** @type {HTMLAnchorElement[]} */ ([...find("#groups").querySelectorAll("a")]);
  #groups = this.#links.map((link) => find(link.hash));
  /** A chosen group counts as the one that is read until the reader moves on, wherever it could be scrolled to. */
  #isChosen = false;

  constructor() {
    for (const [index, link] of this.#links.entries()) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.#choose(index);
      });
    }
    addEventListener("scroll", () => this.#follow(), { passive: true });
    addEventListener("resize", () => this.#follow());
    for (const moved of ["wheel", "touchmove", "pointerdown", "keydown"]) {
      addEventListener(moved, () => this.#release(), { passive: true });
    }
    this.#follow();
    const asked = this.#links.findIndex(({ hash }) => hash === location.hash);
    if (asked >= 0) this.#choose(asked);
  }

  /** @param {number} index */
  #choose(index) {
    history.replaceState(history.state, "", this.#links[index].hash);
    this.#groups[index].scrollIntoView();
    this.#groups[index].focus({ preventScroll: true });
    this.#isChosen = true;
    this.#mark(index);
  }

  #release() {
    this.#isChosen = false;
  }

  #follow() {
    if (this.#isChosen) return;
    const tops = this.#groups.map((group) => group.getBoundingClientRect().top);
    const room = document.documentElement.scrollHeight - innerHeight;
    this.#mark(groupAt(tops, scrollY, room, innerHeight));
  }

  /** @param {number} current */
  #mark(current) {
    for (const [index, link] of this.#links.entries()) {
      if (index === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}
