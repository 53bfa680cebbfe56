// The button beside the text that one writes: it opens the emoji picker, which writes where the caret is.
import { find } from "./dom.js";
import { t } from "./i18n.js";
import { isTouch } from "./media.js";

/**
 * @param {object} parts
 * @param {import("./composer.js").Composer} parts.composer
 * @param {import("./dialog_loader.js").Dialogs} parts.dialogs
 * @param {(words: string) => void} parts.say
 */
export function addEmojiButton({ composer, dialogs, say }) {
  const anchor = find("#emoji");
  const closed = () => {
    if (!isTouch()) composer.focus();
  };
  anchor.addEventListener("click", async () => {
    try {
      await dialogs.showEmoji({ anchor, choose: (emoji) => composer.insert(emoji), stays: true, closed });
    } catch {
      say(t("You are not connected right now. Try again in a moment."));
    }
  });
}
