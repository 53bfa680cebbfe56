// Writes what of npm packages the page serves, from node_modules, which package-lock.json has checked.
//   node script/vendor.mjs [FOLDER]
// The component as it is, with its licence; and its data in the languages of the page, made fit for it.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = process.argv[2] ?? join(root, "web/chat_web/static/vendor");
const COPIED = {
  "emoji-picker-element": ["LICENSE", "package.json", "picker.js", "database.js", "i18n/en.js", "i18n/it.js"],
  "emoji-picker-element-data": ["LICENSE", "package.json"],
};
// English with the short names that people know from elsewhere (thumbsup); in Italian there are none.
const DATA = { en: "en/emojibase/data.json", it: "it/cldr-native/data.json" };
const COMPONENTS = 2; // the group of skin tones alone, which are no emoji of their own

/** An emoji as Unicode recommends it: a sign that asks for a picture is not needed where a picture is what one gets. */
const recommended = (emoji) => emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, "$1");

/**
 * The data of one language, an emoji a line: only what may be sent as a reaction, written as it may be. One finds them by
 * their short names, and does not hear those read out.
 */
function dataOf(path) {
  const all = JSON.parse(readFileSync(join(root, "node_modules/emoji-picker-element-data", path), "utf-8"));
  const lines = all
    .filter(({ group }) => group !== COMPONENTS)
    .map(({ skins, shortcodes = [], tags, ...one }) => ({
      ...one,
      tags: [...new Set([...tags, ...shortcodes])],
      emoji: recommended(one.emoji),
      ...(skins ? { skins: skins.map((skin) => ({ ...skin, emoji: recommended(skin.emoji) })) } : {}),
    }));
  return `[\n${lines.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`;
}

for (const [name, paths] of Object.entries(COPIED)) {
  rmSync(join(target, name), { recursive: true, force: true });
  for (const path of paths) cpSync(join(root, "node_modules", name, path), join(target, name, path));
}
for (const [language, path] of Object.entries(DATA)) {
  const file = join(target, "emoji-picker-element-data", `${language}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, dataOf(path));
}
