// Logging out from the settings asks first where something is not sent yet; leave.js then forgets and leaves.
import { confirmed } from "./dialogs.js";
import { find } from "./dom.js";
import { confirmLeaving } from "./questions.js";
import { localStore, openStorage } from "./storage.js";

/** Ask before what waits in this browser is lost with logging out. */
export function watchLeaving() {
  const form = find("#logout", document, HTMLFormElement);
  let mayLeave = false;
  const ask = async (/** @type {SubmitEvent} */ event) => {
    if (mayLeave) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const waiting = await (await openStorage()).load(Number(localStore.get("user")));
    mayLeave = await confirmLeaving({ confirmed }, waiting);
    if (mayLeave) form.requestSubmit();
  };
  // In the capture phase, before the form's own listeners.
  addEventListener("submit", (event) => event.target === form && ask(event), true);
}
