// What is typed before the field is there that it is meant for: nothing of it goes anywhere else.

/** @param {KeyboardEvent} event */
const isShortcut = (event) => (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");

/**
 * Take what is typed from now on. The function that is returned ends that, and says what it was: null where somebody has
 * thought better of it.
 */
export function typeAhead() {
  /** @type {string | null} */
  let typed = "";
  /** @param {KeyboardEvent} event */
  const take = (event) => {
    const { key } = event;
    if (isShortcut(event) || key === "Tab") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (key === "Escape") typed = null;
    else if (typed !== null && key === "Backspace") typed = typed.slice(0, -1);
    else if (typed !== null && [...key].length === 1) typed += key;
  };
  addEventListener("keydown", take, { capture: true });
  return () => {
    removeEventListener("keydown", take, { capture: true });
    return typed;
  };
}
