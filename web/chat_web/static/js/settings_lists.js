// The devices and the blocked people of the settings: an entry that is ended leaves the list at once.
import { change } from "./api.js";
import { makeDates, pageLocale } from "./dates.js";
import { find, setText } from "./dom.js";
import { t } from "./i18n.js";
import { explain } from "./settings_refusals.js";
import { makeSince } from "./since.js";
import { toast } from "./toast.js";

const MINUTE = 60_000;

/**
 * Send a form's change in the background; says whether it was done. What is gone already counts as done.
 * @param {HTMLFormElement} form
 * @param {object} fields
 * @param {string} words what is said then
 */
async function send(form, fields, words) {
  const button = find("button", form, HTMLButtonElement);
  button.disabled = true;
  try {
    await change(new URL(form.action).pathname.replace("/backend/", ""), fields).catch((refusal) => {
      if (refusal.code !== "not_found") throw refusal;
    });
    toast(words);
    return true;
  } catch (refusal) {
    button.disabled = false;
    explain(refusal);
    return false;
  }
}

/**
 * Take an entry out of its list; the focus goes on to the next one, or to what is around the list.
 * @param {Element} entry
 * @param {HTMLElement} around
 */
function remove(entry, around) {
  const next = entry.nextElementSibling ?? entry.previousElementSibling;
  const target = /** @type {HTMLElement | null | undefined} */ (next?.querySelector("button"));
  entry.remove();
  (target ?? around).focus();
}

/** Say in the reader's words and zone when each device was last used, again every minute. */
function showTimes() {
  const locale = pageLocale();
  const dates = makeDates(locale, true);
  const since = makeSince(dates, locale);
  for (const time of find("#device-list").querySelectorAll("time")) {
    const moment = Date.parse(time.dateTime);
    setText(time, since(moment));
    time.title = dates.full(moment);
  }
}

/** The list of devices: times, and the end of one or of all others. */
export function watchDevices() {
  const group = find("#devices");
  const list = find("#device-list");
  showTimes();
  setInterval(showTimes, MINUTE);
  group.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const isAll = form.id === "end-others";
    const fields = isAll ? { others: true } : { id: Number(new FormData(form).get("id")) };
    if (!(await send(form, fields, t("Logged out")))) return;
    if (isAll) {
      for (const entry of list.querySelectorAll("li:not([data-own])")) entry.remove();
      group.focus();
    } else remove(/** @type {Element} */ (form.closest("li")), group);
    if (!list.querySelector("li:not([data-own])")) document.querySelector("#end-others")?.remove();
  });
}

/** The list of blocked people. */
export function watchBlocked() {
  const group = find("#blocked");
  const list = find("ul", group);
  list.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const fields = { user_id: Number(new FormData(form).get("user_id")) };
    if (!(await send(form, fields, t("Unblocked")))) return;
    remove(/** @type {Element} */ (form.closest("li")), find("summary", group));
    setText(find(".row__value span", group), String(list.children.length));
    find("p", group).hidden = list.children.length > 0;
  });
}
