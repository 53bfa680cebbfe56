// What is said of a search: why there is no answer, how far it has come, and the line around a find.
import { findIn } from "./folding.js";
import { t } from "./i18n.js";
import { limitMarks } from "./marks.js";

/**
 * Says a day inside a sentence, with its year where that is another one.
 * @param {string} locale
 */
export const makeDay =
  (locale) =>
  (/** @type {number} */ moment, now = Date.now()) => {
    const year = new Date(moment).getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
    return new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year }).format(moment);
  };

const BEFORE = 24;
const AFTER = 120;

/**
 * Why a search was not answered, in words.
 * @param {string} code
 */
export const searchRefusalOf = (code) =>
  ({
    rate_limited: t("Too many searches in a short time. Try again in a moment."),
    unreachable: t("You are offline. Searching works again when you are back."),
    no_such_chat: t("This chat does not exist any more."),
    bad_request: t("Nothing found"),
  })[code] ?? t("The server cannot answer right now. Try again in a moment.");

/**
 * What stands below a search, and what can be done about it; no words where nothing needs to be said.
 * @param {import("./finder.js").Finder} finder
 * @param {(moment: number) => string} dayOf
 */
export function noteOf({ state, code, found, more, backTo }, dayOf) {
  if (state === "failed") return { words: searchRefusalOf(code), act: code === "bad_request" ? "" : t("Try again") };
  if (state !== "done" || (found.length && !more)) return { words: "", act: "" };
  if (!more) return { words: t("Nothing found"), act: "" };
  const date = backTo ? dayOf(backTo) : "";
  if (!date) return { words: found.length ? "" : t("Nothing found yet"), act: t("Search older") };
  const words = found.length ? t("Searched back to %(date)s", { date }) : t("Nothing found back to %(date)s", { date });
  return { words, act: t("Search older") };
}

/**
 * One line of a text with its first find in it.
 * @param {string} text
 * @param {string} needle folded
 */
export function excerptOf(text, needle) {
  const [from, to] = findIn(text, needle)[0] ?? [0, 0];
  const before = Array.from(text.slice(0, from));
  const kept = before.slice(-BEFORE).join("");
  const isCut = before.length > BEFORE;
  /** @param {string} part */
  const line = (part) => limitMarks(part.replace(/\s+/gu, " "));
  const after = Array.from(text.slice(to, to + 2 * AFTER)).slice(0, AFTER);
  return {
    before: isCut ? `…${line(kept.replace(/^\S*\s+/u, ""))}` : line(kept),
    find: line(text.slice(from, to)),
    after: line(after.join("")),
  };
}
