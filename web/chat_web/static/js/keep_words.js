// For how long are messages kept, in words?
import { t, tn } from "./i18n.js";

const DAY = 86_400;

/**
 * A time in the largest unit that fits: "1 week", "30 days".
 * @param {number} seconds
 */
export function timeWords(seconds) {
  if (seconds === 365 * DAY) return t("1 year");
  if (seconds === 7 * DAY) return t("1 week");
  if (seconds % DAY === 0) return tn("%(num)d day", "%(num)d days", seconds / DAY);
  if (seconds % 3600 === 0) return tn("%(num)d hour", "%(num)d hours", seconds / 3600);
  return tn("%(num)d minute", "%(num)d minutes", Math.round(seconds / 60));
}
