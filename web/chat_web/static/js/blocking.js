// Blocks the other person of a chat, or takes it back.
import { setBlocked } from "./api.js";
import { t } from "./i18n.js";
import { confirmBlock } from "./questions.js";

/**
 * @param {import("./chat.js").Chat} chat
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./dialog_loader.js").Dialogs} parts.dialogs
 * @param {(words: string) => void} parts.say
 */
export async function toggleBlock({ id, other, blocked }, { store, dialogs, say }) {
  if (!blocked && !(await confirmBlock(dialogs, other.username))) return;
  try {
    await setBlocked(other.id, !blocked);
    store.changeChat({ id, other_user: other, blocked: !blocked });
  } catch {
    say(t("The server cannot answer right now. Try again in a moment."));
  }
}
