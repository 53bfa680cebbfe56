// The settings page: what is chosen there takes effect at once. Its forms work without this.
import { find, paintAvatar } from "./dom.js";
import { watchKeys } from "./focus_rings.js";
import { watchForm } from "./form_fields.js";
import { setCatalogue, t } from "./i18n.js";
import { Groups } from "./settings_groups.js";
import { watchLeaving } from "./settings_leaving.js";
import { watchBlocked, watchDevices } from "./settings_lists.js";
import { watchLocalSwitches, watchPrivacy } from "./settings_switches.js";
import { theme } from "./theme.js";
import { takeFirstToast } from "./toast.js";

/** Back is a step back where the chats are behind this page: to the very chat that was open. */
function leadBack() {
  if (document.referrer !== `${location.origin}/`) return;
  find("#back").addEventListener("click", (event) => {
    event.preventDefault();
    history.back();
  });
}

/** Installing, where the browser offers it. */
function offerInstalling() {
  const button = find("#install");
  /** @type {Event & { prompt?: () => void } | null} */
  let offer = null;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event;
    button.hidden = false;
  });
  button.addEventListener("click", () => {
    offer?.prompt?.();
    button.hidden = true;
  });
}

setCatalogue((await import(String(document.body.dataset.words))).default);
watchKeys();
theme.watch();
leadBack();
offerInstalling();
paintAvatar(find("#avatar"), { username: find("#own-name").textContent ?? "" });
if (!globalThis.isSecureContext) {
  find("#install-hint").textContent = t(
    "Without https, browsers allow neither notifications nor installing as an app. Everything else works.",
  );
}
new Groups();
for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[novalidate]"))) {
  watchForm(form);
}
watchLocalSwitches();
watchPrivacy();
watchDevices();
watchBlocked();
watchLeaving();
takeFirstToast();
requestAnimationFrame(() => Object.assign(document.body.dataset, { ready: "" }));
