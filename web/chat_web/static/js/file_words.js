// How is a file named where there is no room for it, and how are its size and its duration said?
import { textOf } from "./chat.js";
import { pageLocale } from "./dates.js";
import { t, tn } from "./i18n.js";
import { kindOf, kindOfFile } from "./shared_files.js";

/**
 * @typedef {import("./chat.js").Message} Message
 * @typedef {import("./shared_files.js").FileKind} FileKind
 * @typedef {import("./shared_files.js").SharedFile} SharedFile
 */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
const STEP = 1000;
// Controls, and what turns the order of letters around: with it a name could hide its ending.
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const ENDING = /.(\.[^.\s]{1,10})$/u;

/**
 * A name as it is shown.
 * @param {string} name
 */
export const shownName = (name) => name.replace(UNSEEN, "") || t("File");

/**
 * A name, and its ending (with the dot), which is never cut off.
 * @param {string} name
 * @returns {[string, string]}
 */
export function splitName(name) {
  const shown = shownName(name);
  const ending = ENDING.exec(shown)?.[1] ?? "";
  return [shown.slice(0, shown.length - ending.length), ending];
}

/**
 * What files of one kind are called together.
 * @param {FileKind} kind
 * @param {number} num
 */
function countedWords(kind, num) {
  if (kind === "picture") return num === 1 ? t("Photo") : tn("%(num)d photo", "%(num)d photos", num);
  if (kind === "film") return num === 1 ? t("Film") : tn("%(num)d film", "%(num)d films", num);
  if (kind === "voice") return num === 1 ? t("Voice message") : tn("%(num)d sound", "%(num)d sounds", num);
  if (kind === "sound") return num === 1 ? t("Sound") : tn("%(num)d sound", "%(num)d sounds", num);
  return num === 1 ? t("File") : tn("%(num)d file", "%(num)d files", num);
}

/**
 * What some kinds have in common.
 * @param {FileKind[]} kinds
 * @returns {FileKind}
 */
const commonKind = (kinds) => (kinds.every((kind) => kind === kinds[0]) ? kinds[0] : "file");

/** @param {string[]} types */
export const kindOfTypes = (types) => commonKind(types.map((type) => kindOf(type)));

/** @param {SharedFile[]} files */
export const kindOfFiles = (files) => commonKind(files.map(kindOfFile));

/**
 * Files of which only the types are known, in words; "" for none.
 * @param {string[]} types
 */
export const typesWords = (types) => (types.length ? countedWords(kindOfTypes(types), types.length) : "");

/**
 * Files in words: what they are, or a single one's name; "" for none.
 * @param {SharedFile[]} files
 */
export function filesWords(files) {
  if (!files.length) return "";
  const kind = kindOfFiles(files);
  const isNamed = files.length === 1 && (kind === "file" || kind === "sound");
  return isNamed ? shownName(files[0].name) : countedWords(kind, files.length);
}

/**
 * Files, and the text that goes with them.
 * @param {string} files in words
 * @param {string} text
 */
export const withText = (files, text) => (files && text ? t("%(files)s: %(text)s", { files, text }) : files || text);

/**
 * A message where there is room for one line of it.
 * @param {Message} message
 */
export const briefOf = (message) => withText(filesWords(message.files), textOf(message));

/**
 * A size in the reader's words: 2.4 MB.
 * @param {number} size in bytes
 * @param {string} [locale]
 */
export function sizeWords(size, locale = pageLocale()) {
  let [value, step] = [size, 0];
  while (step < UNITS.length - 1 && Math.round(value) >= STEP) [value, step] = [value / STEP, step + 1];
  const unitDisplay = step ? "short" : "long";
  const options = {
    style: "unit",
    unit: UNITS[step],
    unitDisplay,
    maximumFractionDigits: step > 1 && value < 100 ? 1 : 0,
  };
  return new Intl.NumberFormat(locale, /** @type {Intl.NumberFormatOptions} */ (options)).format(value);
}

/**
 * How long something lasts, as players say it: 0:42.
 * @param {number} seconds
 */
export function clockWords(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 1e-6));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const parts = hours ? [hours, String(minutes).padStart(2, "0")] : [minutes];
  return [...parts, String(rest).padStart(2, "0")].join(":");
}

/**
 * How long something lasts, as it is spoken.
 * @param {number} seconds
 */
export function durationWords(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  const spoken = tn("%(num)d second", "%(num)d seconds", rest);
  return minutes ? `${tn("%(num)d minute", "%(num)d minutes", minutes)}, ${spoken}` : spoken;
}
