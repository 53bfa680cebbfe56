// Says when: in the reader's language and zone.
import { t } from "./i18n.js";

/** The midnights between two moments, in the reader's zone (a day of 23 or 25 hours is one day). */
export function daysBetween(earlier, later) {
  const a = new Date(earlier);
  const b = new Date(later);
  return Math.round((Date.UTC(b.getFullYear(), b.getMonth(), b.getDate()) - Date.UTC(a.getFullYear(), a.getMonth(), a.getDate())) / 864e5);
}

/** The page's language, in the variety the browser prefers where it has one (en-GB has 24 hours, en-US has not). */
export const chooseLocale = (language, preferred = []) => preferred.find((one) => one.toLowerCase().split("-")[0] === language) ?? language;

/** Words for moments in `locale`. All moments are milliseconds; a clock that runs ahead counts as today. */
export function makeDates(locale) {
  const format = (options) => {
    const formatter = new Intl.DateTimeFormat(locale, options);
    return (moment) => formatter.format(moment);
  };
  const time = format({ timeStyle: "short" });
  const weekday = format({ weekday: "long" });
  const shortWeekday = format({ weekday: "short" });
  const dayMonth = format({ day: "numeric", month: "short" });
  const longDay = format({ weekday: "long", day: "numeric", month: "long" });
  const longDayYear = format({ day: "numeric", month: "long", year: "numeric" });
  const numbers = format({ day: "2-digit", month: "2-digit", year: "2-digit" });
  const full = format({ dateStyle: "full", timeStyle: "short" });
  const upper = (text) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
  const sameYear = (a, b) => new Date(a).getFullYear() === new Date(b).getFullYear();

  return {
    time,
    full,
    /** The label of a day separator. */
    day(moment, now = Date.now()) {
      const ago = daysBetween(moment, now);
      if (ago <= 0) return t("Today");
      if (ago === 1) return t("Yesterday");
      if (ago < 7) return upper(weekday(moment));
      return upper((sameYear(moment, now) ? longDay : longDayYear)(moment));
    },
    /** As short as it goes, for the list. */
    brief(moment, now = Date.now()) {
      const ago = daysBetween(moment, now);
      if (ago <= 0) return time(moment);
      if (ago === 1) return t("Yesterday");
      if (ago < 7) return upper(shortWeekday(moment));
      return (sameYear(moment, now) ? dayMonth : numbers)(moment);
    },
    lastSeen(moment, now = Date.now()) {
      const ago = daysBetween(moment, now);
      if (now - moment < 60_000) return t("last seen just now");
      if (ago <= 0) return t("last seen today at %(time)s", { time: time(moment) });
      if (ago === 1) return t("last seen yesterday at %(time)s", { time: time(moment) });
      if (ago < 7) return t("last seen %(weekday)s at %(time)s", { weekday: weekday(moment), time: time(moment) });
      return t("last seen on %(date)s", { date: longDayYear(moment) });
    },
  };
}
