// What stands between messages: days, the line of new ones, the beginning, and what is still to come.
import { make, paintAvatar, setText } from "./dom.js";
import { isolate, t } from "./i18n.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {import("./message_items.js").Line} Line
 */

/** @type {Partial<Record<Line["kind"], Line["kind"]>>} those that look like another one */
const LOOKS = { newer: "older", gone: "beginning" };

/**
 * @param {Line} line
 * @param {Chat} chat
 */
export function makeLine({ kind }, chat) {
  const node = make("li", { class: LOOKS[kind] ?? kind }, ...childrenOf(kind, chat));
  /** @param {Line} line */
  const show = ({ label }) => {
    if (label) setText(/** @type {Element} */ (node.firstElementChild), label);
  };
  return { node, show };
}

/**
 * @param {Line["kind"]} kind
 * @param {Chat} chat
 * @returns {(Node | string)[]}
 */
function childrenOf(kind, chat) {
  if (kind === "day") return [make("button", { type: "button", tabindex: -1, title: t("Go to a date") })];
  if (kind === "unread-line") return [t("New messages")];
  if (kind === "typing") {
    return [make("span", { class: "visually-hidden" }, t("typing…")), make("i"), make("i"), make("i")];
  }
  if (kind === "older") return [make("span", { class: "visually-hidden" }, t("Loading older messages…"))];
  if (kind === "newer") return [make("span", { class: "visually-hidden" }, t("Loading newer messages…"))];
  const avatar = make("span", { class: "avatar avatar--large", "aria-hidden": "true" });
  paintAvatar(avatar, chat.other);
  return [avatar, make("span", {}, kind === "gone" ? t("Older messages are gone.") : beginningOf(chat))];
}

/** @param {Chat} chat */
const beginningOf = ({ other: { deleted, username } }) =>
  deleted
    ? t("This is the beginning of the chat.")
    : t("This is the beginning of your chat with %(name)s.", { name: isolate(username) });
