// What is this screen like?

/** Whether there is room for one pane only: list or conversation. */
export const isNarrow = () => matchMedia("(max-width: 719px)").matches;

/** Whether nothing hovers: a keyboard would come up with the focus. */
export const isTouch = () => matchMedia("(hover: none)").matches;

/** Whether the main pointer is a finger. */
export const isCoarse = () => globalThis.matchMedia?.("(pointer: coarse)").matches ?? false;
