// What the page asks before it does something that cannot be undone.
import { isolate, t, tn } from "./i18n.js";

/**
 * @typedef {Pick<import("./dialog_loader.js").Dialogs, "confirmed">} Dialogs
 * @typedef {import("./outbox_entry.js").Entry} Entry
 */

/**
 * @param {Dialogs} dialogs
 * @param {string} name
 */
export const confirmBlock = (dialogs, name) =>
  dialogs.confirmed({
    title: t("Block %(name)s?", { name: isolate(name) }),
    words: t(
      "You will no longer be able to write to each other or see when the other is online. You can unblock them at any time.",
    ),
    yes: t("Block"),
  });

/**
 * Ask before what is not sent yet is lost with logging out.
 * @param {Dialogs} dialogs
 * @param {Entry[]} waiting
 */
export async function confirmLeaving(dialogs, waiting) {
  if (!waiting.length) return true;
  const messages = waiting.filter((entry) => !entry.kind).length;
  const words = tn(
    "%(num)d message has not been sent yet. It will be deleted.",
    "%(num)d messages have not been sent yet. They will be deleted.",
    messages,
  );
  return dialogs.confirmed({
    title: t("Log out?"),
    words: messages ? words : t("What you changed offline has not been sent yet. It will be lost."),
    yes: t("Log out and delete"),
  });
}

/** @param {Dialogs} dialogs */
export const confirmDeleting = (dialogs) =>
  dialogs.confirmed({
    title: t("Delete this message?"),
    words: t("It is deleted for both of you. This cannot be undone."),
    yes: t("Delete for both"),
  });
