// Says under a field what is wrong with it, and takes that back as soon as it is right; shows passwords on request.
// The words are in the page, beside each field (templates/_fields.html). All of it works without this, after sending.
import { problemOf } from "./field_checks.js";

/**
 * What an element can say, by the code of what is wrong.
 * @param {HTMLElement} node
 * @returns {Record<string, string>}
 */
const wordsOf = (node) => JSON.parse(node.dataset.says ?? "{}");

/** @param {HTMLFormElement} form */
const fieldsOf = (form) => /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[data-says]")]);

/**
 * Say what is wrong with a field; "" takes it back.
 * @param {HTMLInputElement} field
 * @param {string} problem
 */
function mark(field, problem) {
  const error = document.getElementById(`${field.id}-error`);
  if (error) error.textContent = wordsOf(field)[problem] ?? "";
  if (problem) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  field.dataset.problem = problem;
}

/**
 * What can be seen here to be wrong with a field, where it has words for it.
 * @param {HTMLInputElement} field
 */
function visibleProblem(field) {
  const problem = problemOf(field);
  return problem in wordsOf(field) ? problem : "";
}

/**
 * Mark what is wrong in a form, and go to the first such field; says whether all is well.
 * @param {HTMLFormElement} form
 */
function check(form) {
  for (const field of fieldsOf(form)) mark(field, visibleProblem(field));
  const wrong = fieldsOf(form).find((field) => field.dataset.problem);
  wrong?.focus();
  return !wrong;
}

/**
 * Take back what was said once it does not hold any more. What the server said holds until something else is written;
 * that a login is wrong can be the fault of either of its fields.
 * @param {HTMLFormElement} form
 * @param {EventTarget | null} written
 */
function reconsider(form, written) {
  for (const field of fieldsOf(form)) {
    const { problem } = field.dataset;
    const isConcerned = field === written || problem === "wrong_login";
    if (problem && isConcerned && visibleProblem(field) !== problem) mark(field, "");
  }
}

/**
 * Say why the server refused a form, beside the field that it is about or above all of them; says whether it could.
 * @param {HTMLFormElement} form
 * @param {string} code
 */
export function showRefusal(form, code) {
  const field = fieldsOf(form).find((one) => code in wordsOf(one));
  const notice = document.querySelector("#notice");
  if (field) {
    mark(field, code);
    field.focus();
  } else if (notice instanceof HTMLElement && code in wordsOf(notice)) {
    notice.hidden = false;
    notice.textContent = wordsOf(notice)[code];
  } else return false;
  return true;
}

/** @param {HTMLButtonElement} button */
function offerToReveal(button) {
  const input = /** @type {HTMLInputElement} */ (button.parentElement?.querySelector("input"));
  button.hidden = false;
  button.addEventListener("click", () => {
    input.type = input.type === "password" ? "text" : "password";
    const { other = "", otherLabel = "" } = button.dataset;
    Object.assign(button.dataset, { other: button.textContent, otherLabel: button.getAttribute("aria-label") });
    button.textContent = other;
    button.setAttribute("aria-label", otherLabel);
    input.focus();
  });
}

/**
 * Check a form before it is sent, and send it once. `send` sends it in another way than the browser does.
 * @param {HTMLFormElement} form
 * @param {() => Promise<void>} [send]
 */
export function watchForm(form, send) {
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (form.querySelectorAll(".button"));
  const disableButtons = (/** @type {boolean} */ isDisabled) => {
    for (const button of buttons) button.disabled = isDisabled;
  };
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (form.querySelectorAll(".reveal"))) {
    offerToReveal(button);
  }
  form.addEventListener("input", ({ target }) => reconsider(form, target));
  form.addEventListener("submit", async (event) => {
    if (!check(form)) return event.preventDefault();
    if (!send) return setTimeout(disableButtons, 0, true); // after the event: a disabled button sends nothing
    event.preventDefault();
    disableButtons(true);
    await send();
    disableButtons(false);
  });
  addEventListener("pageshow", () => disableButtons(false));
}
