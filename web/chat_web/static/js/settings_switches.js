// The switches of the settings take effect at once: those of this browser here, those of the account on the server.
import { change } from "./api.js";
import { find } from "./dom.js";
import { t } from "./i18n.js";
import { switches, unavailableReason } from "./preferences.js";
import { explain } from "./settings_refusals.js";
import { forgetKept } from "./storage.js";
import { theme } from "./theme.js";
import { toast } from "./toast.js";

/** @typedef {import("./preferences.js").SwitchName} SwitchName */

const LOCAL = "[name=notify], [name=preview], [name=sound], [name=enter], [name=keepOffline]";

/** @param {SwitchName} name */
function hintOf(name) {
  if (name === "enter") return t("Shift + Enter makes a new line.");
  if (name === "preview") return t("Off: only the name of the sender.");
  return "";
}

/** @param {HTMLInputElement} box */
function fill(box) {
  const name = /** @type {SwitchName} */ (box.name);
  const reason = unavailableReason(name);
  const hint = find(`#${name}-hint`);
  box.checked = !reason && switches.get(name);
  box.disabled = Boolean(reason);
  hint.textContent = reason || hintOf(name) || hint.textContent;
}

/** What this browser keeps: the switches, and the theme. */
export function watchLocalSwitches() {
  const boxes = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll(LOCAL)]);
  const fillAll = () => boxes.forEach(fill);
  for (const box of boxes) {
    box.addEventListener("change", async () => {
      const wanted = box.checked;
      await switches.set(/** @type {SwitchName} */ (box.name), wanted);
      if (box.name === "keepOffline" && !wanted) await forgetKept();
      fillAll();
      if (box.checked === wanted) toast(t("Saved"));
    });
  }
  const radios = /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("[name=theme]"));
  for (const radio of radios) {
    radio.checked = radio.value === theme.get();
    radio.addEventListener("change", () => {
      theme.set(/** @type {import("./theme.js").Theme} */ (radio.value));
      toast(t("Saved"));
    });
  }
  fillAll();
  addEventListener("pageshow", fillAll);
}

/** What one shows to others. One change goes after the other, or an earlier one could win. */
export function watchPrivacy() {
  const form = find("#privacy-form", document, HTMLFormElement);
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("[role=switch]")]);
  const choices = () => Object.fromEntries(boxes.map((box) => [box.name, box.checked]));
  let stored = choices();
  let last = Promise.resolve();
  const save = async () => {
    const wanted = choices();
    if (boxes.every((box) => wanted[box.name] === stored[box.name])) return;
    try {
      await change("e_privacy", wanted);
      stored = wanted;
      toast(t("Saved"));
    } catch (refusal) {
      for (const box of boxes) box.checked = stored[box.name];
      explain(refusal);
    }
  };
  form.addEventListener("change", () => {
    last = last.then(save);
  });
}
