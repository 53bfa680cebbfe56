// What somebody has chosen in this browser: the switches of the settings.
import { chime } from "./chime.js";
import { t } from "./i18n.js";
import { isCoarse } from "./media.js";
import { localStore } from "./storage.js";

/** @typedef {"notify" | "preview" | "sound" | "enter" | "keepOffline"} SwitchName */

/** @type {Record<SwitchName, boolean>} */
const DEFAULTS = { notify: false, preview: true, sound: true, enter: true, keepOffline: true };

/** @type {Set<(name: SwitchName) => void>} */
const listeners = new Set();

/** The switches of the settings. */
export const switches = {
  /** @param {SwitchName} name */
  get: (name) => (localStore.get(name) ?? (DEFAULTS[name] ? "on" : "off")) === "on",
  /**
   * @param {SwitchName} name
   * @param {boolean} on
   */
  async set(name, on) {
    if (name === "notify" && on && (await Notification.requestPermission()) !== "granted") return;
    localStore.set(name, on ? "on" : "off");
    for (const listener of listeners) listener(name);
    if (name === "sound" && on) chime();
  },
  /**
   * `listener(name)` hears of each switch that is set, here or in another tab.
   * @param {(name: SwitchName) => void} listener
   */
  onChange(listener) {
    listeners.add(listener);
    addEventListener("storage", ({ key }) => {
      const name = /** @type {SwitchName} */ (key?.replace("chatapp:", ""));
      if (name in DEFAULTS) listener(name);
    });
  },
};

/** Whether Enter sends here. The keyboard of a touch screen has no Shift+Enter: there it makes a new line. */
export const entersSends = () => switches.get("enter") && !isCoarse();

/**
 * Why a switch cannot be used here, or "".
 * @param {SwitchName} name
 */
export function unavailableReason(name) {
  if (name === "enter") return isCoarse() ? t("On a touchscreen, Enter starts a new line.") : "";
  if (name === "sound" || name === "keepOffline") return "";
  if (!globalThis.isSecureContext) return t("Browsers allow this only with https.");
  if (!("Notification" in globalThis)) return t("This browser does not support it.");
  if (Notification.permission === "denied") return t("Blocked in the browser's settings for this site.");
  return "";
}
