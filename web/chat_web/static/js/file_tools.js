// What one does with files in the conversation: open a picture, save a file.
import { find, make } from "./dom.js";
import { t } from "./i18n.js";
import { refusalWords } from "./missing_file.js";
import { downloadOf } from "./shared_files.js";

/**
 * @typedef {object} Parts
 * @property {import("./router.js").Router} router
 * @property {import("./dialog_loader.js").Dialogs} dialogs
 * @property {(words: string) => void} say
 */

const notNow = () => t("You are not connected right now. Try again in a moment.");

/**
 * Save a file, or say why that cannot be.
 * @param {number} id
 * @param {(words: string) => void} say
 */
export async function saveFile(id, say) {
  const words = await refusalWords({ id });
  if (words) say(words);
  else make("a", { href: downloadOf(id), download: true }).click();
}

/**
 * Listen for presses on the files of the open chat.
 * @param {Parts} parts
 */
export function addFileTools({ router, dialogs, say }) {
  /** @param {string} words */
  const toast = async (words) => {
    const [{ showToast }] = await Promise.all([import("./chat_toast.js"), dialogs.load()]);
    showToast(words);
  };
  find(".messages").addEventListener("click", async (event) => {
    const target = /** @type {Element} */ (event.target);
    const [tile, link] = ["data-file", "data-download"].map((name) => target.closest(`[${name}]`));
    const chat = router.chat;
    if (link instanceof HTMLElement) {
      event.preventDefault();
      await saveFile(Number(link.dataset.download), toast);
    } else if (tile instanceof HTMLElement && chat) {
      await dialogs.showPicture(chat, Number(tile.dataset.file)).catch(() => say(notNow()));
    }
  });
}
