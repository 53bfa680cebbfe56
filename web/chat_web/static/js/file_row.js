// One file that is neither shown nor played: what it is, its name, its size, and how one gets it.
import { icon, make } from "./dom.js";
import { shownName, sizeWords, splitName } from "./file_words.js";
import { isolate, t } from "./i18n.js";
import { downloadOf } from "./shared_files.js";

/** @typedef {import("./shared_files.js").SharedFile} SharedFile */

const LETTERS = 4;

/**
 * A name whose ending is never cut off.
 * @param {string} name
 */
export function makeName(name) {
  const [stem, ending] = splitName(name);
  const parts = [make("bdi", { class: "file__stem" }, stem), make("bdi", { dir: "ltr" }, ending)];
  return make("span", { class: "file__name", dir: "auto", title: shownName(name) }, ...parts);
}

/** @param {SharedFile} file */
export function makeDownload({ id, name }) {
  const label = t("Download %(name)s", { name: isolate(shownName(name)) });
  const attributes = { class: "icon-button", href: downloadOf(id), download: true, "data-download": id };
  return make("a", { ...attributes, "aria-label": label, title: t("Download") }, icon("save"));
}

/**
 * The row; `more` goes behind its size.
 * @param {SharedFile} file
 * @param {string} [more]
 */
export function makeFileRow(file, more = "") {
  const letters = splitName(file.name)[1].slice(1).toLocaleUpperCase();
  const sign = letters && letters.length <= LETTERS ? letters : icon("file");
  const size = make("small", {}, [sizeWords(file.size), more].filter(Boolean).join(" · "));
  return make(
    "div",
    { class: "file" },
    make("span", { class: "file__kind", "aria-hidden": "true" }, sign),
    make("span", { class: "file__mid" }, makeName(file.name), size),
    makeDownload(file),
  );
}
