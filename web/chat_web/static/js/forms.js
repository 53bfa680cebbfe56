// Login and registration: shows the password on request, says how strong it is, sends once. All of it works without this.
const input = /** @type {HTMLInputElement} */ (document.querySelector("#password"));
const form = /** @type {HTMLFormElement} */ (input.form);
const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (form.querySelectorAll(".button"));

/** @param {boolean} isDisabled */
function disableButtons(isDisabled) {
  for (const button of buttons) button.disabled = isDisabled;
}

const reveal = /** @type {HTMLButtonElement} */ (document.querySelector(".reveal"));
reveal.hidden = false;
reveal.addEventListener("click", () => {
  input.type = input.type === "password" ? "text" : "password";
  const { other = "", otherLabel = "" } = reveal.dataset;
  Object.assign(reveal.dataset, { other: reveal.textContent, otherLabel: reveal.getAttribute("aria-label") });
  reveal.textContent = other;
  reveal.setAttribute("aria-label", otherLabel);
  input.focus();
});

/**
 * How hard it is to guess, roughly: length counts most, then variety; repeating and counting up count little.
 * @param {string} password
 */
export function strengthOf(password) {
  const characters = [...password];
  if (characters.length < input.minLength) return "short";
  let fresh = 0;
  let previous = -1;
  for (const character of characters) {
    const code = character.codePointAt(0) ?? 0;
    if (Math.abs(code - previous) > 1) fresh += 1;
    previous = code;
  }
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  const score = Math.min(fresh, new Set(characters).size * 1.6) + (kinds - 1) * 2;
  if (score < 9) return "weak";
  if (score < 12) return "fair";
  return score < 17 ? "good" : "strong";
}

const strengths = /** @type {HTMLElement | null} */ (document.querySelector("#strength"))?.dataset;
const hint = document.querySelector("#password-hint");
if (strengths && hint) {
  const before = hint.textContent ?? "";
  input.addEventListener("input", () => {
    hint.textContent = input.value ? (strengths[strengthOf(input.value)] ?? "") : before;
  });
}

for (const field of document.querySelectorAll("[aria-invalid]")) {
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"), { once: true });
}

// After the event, since a disabled button sends nothing.
form.addEventListener("submit", () => setTimeout(disableButtons, 0, true));
addEventListener("pageshow", () => disableButtons(false));

/** Register and log in in one go. What is refused is said by the page itself, as it is without script. */
async function register() {
  const fields = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
  const { username, password, invite } = fields;
  const answer = await post("/backend/e_register", fields);
  if (!answer.ok) {
    const query = new URLSearchParams({ error: answer.reason ?? answer.code ?? "fate_unknown", username });
    if (invite) query.set("invite", invite);
    location.replace(`/register?${query}`);
    return;
  }
  const login = await post("/backend/e_login", { username, password });
  location.replace(login.ok ? "/" : `/login?${new URLSearchParams({ registered: "1", username })}`);
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

if (form.id === "register") {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    register();
  });
}
