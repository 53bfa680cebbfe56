// Whether somebody moves through the page with the keyboard: only then does a field that has the focus get a ring.

const FIELD = "input, textarea";

/** A ring comes with Tab, or with an arrow key outside a field, and goes with a mouse or a finger. */
export function watchKeys() {
  const { dataset } = document.documentElement;
  addEventListener("keydown", ({ key, target }) => {
    const isInField = target instanceof Element && target.matches(FIELD);
    if (key === "Tab" || (key.startsWith("Arrow") && !isInField)) dataset.keys = "";
  });
  addEventListener("pointerdown", () => delete dataset.keys, { passive: true });
}
