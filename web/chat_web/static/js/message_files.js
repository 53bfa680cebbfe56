// The files of one message, in their bubble: pictures and films as albums, sounds as players, the rest as rows.
import { make } from "./dom.js";
import { makeFileRow } from "./file_row.js";
import { makeFilm, makeTile } from "./picture_tile.js";
import { isVisual, kindOfFile } from "./shared_files.js";
import { makeSound } from "./sound_view.js";

/** @typedef {import("./shared_files.js").SharedFile} SharedFile */

/**
 * Files in the order of their sender: pictures and films that follow each other are one group, all others one each.
 * @param {SharedFile[]} files
 */
export function groupsOf(files) {
  /** @type {SharedFile[][]} */
  const groups = [];
  for (const file of files) {
    const last = groups.at(-1);
    if (last && isVisual(file) && isVisual(last[0])) last.push(file);
    else groups.push([file]);
  }
  return groups;
}

/**
 * What stands in the bubble of a message above its text.
 * @param {SharedFile[]} files
 */
export const makeFiles = (files) => make("div", { class: "files" }, ...groupsOf(files).map(makeGroup));

/** @param {SharedFile[]} files */
function makeGroup(files) {
  const [first] = files;
  if (files.length > 1) return makeAlbum(files);
  const kind = kindOfFile(first);
  if (kind === "picture") return makeTile(first, { isAlone: true });
  if (kind === "film") return makeFilm(first);
  return kind === "file" ? makeFileRow(first) : makeSound(first);
}

/** @param {SharedFile[]} files */
function makeAlbum(files) {
  const tiles = files.map((file, index) => makeTile(file, { place: index + 1, count: files.length }));
  return make("div", { class: files.length % 2 ? "album album--odd" : "album" }, ...tiles);
}
