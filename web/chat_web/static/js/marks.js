// Bounds how many combining marks are drawn on one letter.

// No writing system needs more than 30 (UAX #15, Stream-Safe Text Format). A browser shapes a letter with all its marks
// as one, in time that grows faster than their number: 60 messages of 7,900 marks stop the page for seconds.
const TOO_MANY = /(\p{M}{30})\p{M}+/gu;

/**
 * The text as it is drawn: without the marks beyond the 30th on one letter.
 * @param {string} text
 */
export const limitMarks = (text) => text.replace(TOO_MANY, "$1");
