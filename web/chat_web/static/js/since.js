// How long ago something was, for the list of devices.
import { daysBetween } from "./dates.js";
import { t } from "./i18n.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * Words for a moment: "2 hours ago", "Yesterday at 9:12 PM", "12 November".
 * @param {import("./dates.js").Dates} dates
 * @param {string} locale
 */
export function makeSince(dates, locale) {
  const relative = new Intl.RelativeTimeFormat(locale);
  return (/** @type {number} */ moment, now = Date.now()) => {
    const ago = now - moment;
    const days = daysBetween(moment, now);
    if (ago < MINUTE) return t("Just now");
    if (ago < HOUR) return relative.format(-Math.floor(ago / MINUTE), "minute");
    if (days < 1) return relative.format(-Math.floor(ago / HOUR), "hour");
    if (days < 7) return t("%(day)s at %(time)s", { day: dates.day(moment, now), time: dates.time(moment) });
    return dates.day(moment, now);
  };
}
