// Says when: in the reader's language and zone.
import { t } from "./i18n.js";

/** @typedef {ReturnType<typeof makeDates>} Dates */

const LEADING_ZERO = /(?<![\d:.])0(?=\d[:.]\d\d)/;

/**
 * The midnights between two moments, in the reader's zone (a day of 23 or 25 hours is one day).
 * @param {number} earlier
 * @param {number} later
 */
export function daysBetween(earlier, later) {
  const a = new Date(earlier);
  const b = new Date(later);
  return Math.round(
    (Date.UTC(b.getFullYear(), b.getMonth(), b.getDate()) - Date.UTC(a.getFullYear(), a.getMonth(), a.getDate())) /
      864e5,
  );
}

/**
 * The page's language, in the variety the browser prefers where it has one (en-GB has 24 hours, en-US has not).
 * @param {string} language
 * @param {readonly string[]} [preferred]
 */
export const chooseLocale = (language, preferred = []) =>
  preferred.find((one) => one.toLowerCase().split("-")[0] === language) ?? language;

/** The locale of this page. */
export const pageLocale = () => chooseLocale(document.documentElement.lang, navigator.languages);

/**
 * The formats of a locale, each from a moment to its words, and to a blank until `isReady()`.
 * @param {string} locale
 * @param {() => boolean} isReady
 */
function makeFormats(locale, isReady) {
  /**
   * A time has no leading zero, as it is spoken.
   * @param {Intl.DateTimeFormatOptions} options
   */
  const format = (options) => {
    /** @type {Intl.DateTimeFormat | undefined} */
    let formatter;
    return (/** @type {number} */ moment) => {
      if (!isReady()) return "\u00a0";
      formatter ??= new Intl.DateTimeFormat(locale, options);
      const words = formatter.format(moment);
      return options.timeStyle ? words.replace(LEADING_ZERO, "") : words;
    };
  };
  return {
    time: format({ timeStyle: "short" }),
    weekday: format({ weekday: "long" }),
    shortWeekday: format({ weekday: "short" }),
    dayMonth: format({ day: "numeric", month: "short" }),
    longDay: format({ weekday: "long", day: "numeric", month: "long" }),
    longDayYear: format({ day: "numeric", month: "long", year: "numeric" }),
    month: format({ month: "long", year: "numeric" }),
    numbers: format({ day: "2-digit", month: "2-digit", year: "2-digit" }),
    exact: format({ timeStyle: "medium" }),
    full: format({ dateStyle: "full", timeStyle: "short" }),
  };
}

/**
 * @param {number} a
 * @param {number} b
 */
const isSameYear = (a, b) => new Date(a).getFullYear() === new Date(b).getFullYear();

/**
 * @param {ReturnType<typeof makeFormats>} formats
 * @param {number} moment
 * @param {number} now
 */
function lastSeen({ time, weekday, longDayYear }, moment, now) {
  const ago = daysBetween(moment, now);
  if (now - moment < 60_000) return t("last seen just now");
  if (ago <= 0) return t("last seen today at %(time)s", { time: time(moment) });
  if (ago === 1) return t("last seen yesterday at %(time)s", { time: time(moment) });
  if (ago < 7) return t("last seen %(weekday)s at %(time)s", { weekday: weekday(moment), time: time(moment) });
  return t("last seen on %(date)s", { date: longDayYear(moment) });
}

/** @type {(locale: string) => (text: string) => string} */
const capital = (locale) => (text) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);

/**
 * Words for moments in `locale`. All moments are milliseconds; a clock that runs ahead counts as today. A browser's first
 * format takes a slow phone 100 ms: until `prepare()`, where a format is needed there is a blank, and the page is shown
 * again after it.
 * @param {string} locale
 */
export function makeDates(locale, isReady = false) {
  const formats = makeFormats(locale, () => isReady);
  const { time, exact, full, month } = formats;
  const upper = capital(locale);
  return {
    get isReady() {
      return isReady;
    },
    prepare() {
      isReady = true;
    },
    ...{ time, exact, full, month },
    /**
     * The label of a day separator.
     * @param {number} moment
     */
    day(moment, now = Date.now()) {
      const ago = daysBetween(moment, now);
      if (ago <= 0) return t("Today");
      if (ago === 1) return t("Yesterday");
      if (ago < 7) return upper(formats.weekday(moment));
      return upper((isSameYear(moment, now) ? formats.longDay : formats.longDayYear)(moment));
    },
    /**
     * As short as it goes, for the list.
     * @param {number} moment
     */
    brief(moment, now = Date.now()) {
      const ago = daysBetween(moment, now);
      if (ago <= 0) return time(moment);
      if (ago === 1) return t("Yesterday");
      if (ago < 7) return upper(formats.shortWeekday(moment));
      return (isSameYear(moment, now) ? formats.dayMonth : formats.numbers)(moment);
    },
    /** @param {number} moment */
    lastSeen: (moment, now = Date.now()) => (isReady ? lastSeen(formats, moment, now) : ""),
  };
}
