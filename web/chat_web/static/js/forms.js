// Login, registration and a new password: says what is wrong before it is sent, and how strong a password is.
import { strengthOf } from "./field_checks.js";
import { watchKeys } from "./focus_rings.js";
import { showRefusal, watchForm } from "./form_fields.js";

/** Register and log in in one go. A refusal is said in the page, in which what was written stays. */
async function register(/** @type {HTMLFormElement} */ form) {
  const fields = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
  const { username, password } = fields;
  const answer = await post("/backend/e_register", fields);
  if (answer.ok) {
    const login = await post("/backend/e_login", { username, password });
    location.replace(login.ok ? "/" : `/login?${new URLSearchParams({ registered: "1", username })}`);
    return;
  }
  const error = answer.reason ?? answer.code ?? "fate_unknown";
  if (!showRefusal(form, error)) location.replace(`/register?${new URLSearchParams({ error, username })}`);
}

/**
 * What an endpoint answers, and `ok`. A lost connection and what is no JSON (a proxy's page) have no code.
 * @param {string} path
 * @param {Record<string, string>} fields
 * @returns {Promise<{ ok: boolean, code?: string, reason?: string }>}
 */
async function post(path, fields) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(fields) });
    return { ...(await answer.json()), ok: answer.ok };
  } catch {
    return { ok: false };
  }
}

/** @param {HTMLInputElement} input */
function tellStrength(input) {
  const strengths = /** @type {HTMLElement | null} */ (document.querySelector("#strength"))?.dataset;
  const hint = document.querySelector("#password-hint");
  if (!strengths || !hint) return;
  const before = hint.textContent ?? "";
  input.addEventListener("input", () => {
    hint.textContent = input.value ? (strengths[strengthOf(input.value, input.minLength)] ?? "") : before;
  });
}

watchKeys();
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[novalidate]"));
const password = /** @type {HTMLInputElement | null} */ (document.querySelector("#password"));
if (form) watchForm(form, form.id === "register" ? () => register(form) : undefined);
if (password) tellStrength(password);
