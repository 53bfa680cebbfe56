// A text where there is room for one line of it.

/** @param {string} text */
export const oneLine = (text) => text.slice(0, 200).replace(/\s+/gu, " ");
