// Why is a file not shown: is it gone, is the server out of reach, or can this browser not read it?
import { t } from "./i18n.js";
import { addressOf } from "./shared_files.js";

const LIMIT = 15_000;

/**
 * What the server says of a file; 0 where nobody answers.
 * @param {number} id
 */
async function statusOf(id) {
  try {
    return (await fetch(addressOf(id), { method: "HEAD", signal: AbortSignal.timeout(LIMIT) })).status;
  } catch {
    return 0;
  }
}

/**
 * Why a file could not be shown, in words.
 * @param {{ id: number }} file
 */
export async function missingWords({ id }) {
  const status = await statusOf(id);
  if (status === 404) return { words: t("This file is not there any more."), isGone: true };
  if (status === 200) return { words: t("This file cannot be shown here."), isGone: false };
  return { words: t("This file cannot be loaded right now."), isGone: false };
}

/**
 * Whether a file can be had now; else why not, in words.
 * @param {{ id: number }} file
 */
export async function refusalWords(file) {
  const status = await statusOf(file.id);
  return status === 200 ? "" : (await missingWords(file)).words;
}
