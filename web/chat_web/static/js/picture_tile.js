// A picture or a film in a bubble or a panel: as high as it will be before it is there, in its small version.
import { icon, make } from "./dom.js";
import { clockWords, durationWords } from "./file_words.js";
import { t } from "./i18n.js";
import { missingWords } from "./missing_file.js";
import { addressOf, kindOfFile, ratioOf } from "./shared_files.js";
import { makeHaze } from "./thumbhash_view.js";

/**
 * @typedef {import("./shared_files.js").SharedFile} SharedFile
 * @typedef {object} Place
 * @property {boolean} [isAlone] a tile that has the shape of its picture
 * @property {number} [place] of so many of an album
 * @property {number} [count]
 */

// Without a small version a picture is loaded where it is no larger than one may be: a few bytes can be a thousand times
// as many pixels.
const SMALL = 65_536;

/** @param {SharedFile} file */
const smallOf = ({ id, size, thumbnail, type }) => {
  if (thumbnail) return addressOf(thumbnail);
  return type.startsWith("image/") && size <= SMALL ? addressOf(id) : "";
};

/**
 * What a press on it does, in words.
 * @param {SharedFile} file
 * @param {Place} where
 */
function labelOf(file, { place: num = 1, count = 1 }) {
  if (kindOfFile(file) === "picture") {
    return count > 1 ? t("Open photo %(num)d of %(count)d", { num, count }) : t("Open the photo");
  }
  const words = count > 1 ? t("Open film %(num)d of %(count)d", { num, count }) : t("Open the film");
  return file.duration ? `${words}, ${clockWords(file.duration)}` : words;
}

/**
 * A button with the picture; who listens for presses finds the file by `data-file`.
 * @param {SharedFile} file
 * @param {Place} where
 */
export function makeTile(file, where) {
  const attributes = { class: "picture", type: "button", "data-file": file.id, "aria-label": labelOf(file, where) };
  const tile = make("button", attributes);
  if (where.isAlone) shape(tile, file);
  const isFilm = kindOfFile(file) === "film";
  if (file.thumbhash) tile.append(makeHaze(file.thumbhash));
  if (smallOf(file)) tile.append(makeImage(file, tile));
  else tile.append(icon(isFilm ? "film" : "picture"));
  if (isFilm) {
    const length = file.duration ? [clockWords(file.duration)] : [];
    tile.append(make("span", { class: "picture__length" }, icon("play"), ...length));
  }
  return tile;
}

/**
 * @param {HTMLElement} node
 * @param {SharedFile} file
 */
function shape(node, file) {
  node.classList.add("picture--alone");
  node.style.setProperty("--ratio", String(ratioOf(file)));
}

/**
 * @param {SharedFile} file
 * @param {HTMLButtonElement} tile
 */
function makeImage(file, tile) {
  // A haze behind it would shine through what is transparent.
  const load = () => tile.querySelector("canvas")?.remove();
  const error = async () => {
    const { words, isGone } = await missingWords(file);
    image.remove();
    tile.disabled = isGone;
    tile.append(make("span", { class: "picture__gone" }, words));
    tile.removeAttribute("aria-label");
  };
  const attributes = { src: smallOf(file), alt: "", loading: "lazy", decoding: "async", draggable: "false" };
  const image = make("img", { ...attributes, load, error });
  return image;
}

/**
 * A film that plays where it stands.
 * @param {SharedFile} file
 */
export function makeFilm(file) {
  const length = file.duration ? `, ${durationWords(file.duration)}` : "";
  const poster = file.thumbnail ? addressOf(file.thumbnail) : null;
  const label = `${t("Film")}${length}`;
  const attributes = { src: addressOf(file.id), poster, controls: true, preload: "none", playsinline: true };
  const film = make("video", { ...attributes, "aria-label": label });
  const box = make("div", { class: "picture" }, film);
  if (file.thumbhash && !poster) box.prepend(makeHaze(file.thumbhash));
  shape(box, file);
  film.addEventListener("error", async () => {
    const { words } = await missingWords(file);
    film.replaceWith(make("span", { class: "picture__gone", role: "status" }, words));
  });
  return box;
}
