// Login and registration: shows the password on request, says how strong it is, sends once. All of it works without this.
const input = document.querySelector("#password");
const reveal = document.querySelector(".reveal");
reveal.hidden = false;
reveal.addEventListener("click", () => {
  input.type = input.type === "password" ? "text" : "password";
  const { other, otherLabel } = reveal.dataset;
  Object.assign(reveal.dataset, { other: reveal.textContent, otherLabel: reveal.getAttribute("aria-label") });
  reveal.textContent = other;
  reveal.setAttribute("aria-label", otherLabel);
  input.focus();
});

/** How hard it is to guess, roughly: length counts most, then variety; repeating and counting up count little. */
export function strengthOf(password) {
  const characters = [...password];
  if (characters.length < 8) return "short";
  let fresh = 0;
  for (let at = 0; at < characters.length; at += 1) {
    const step = at ? characters[at].codePointAt(0) - characters[at - 1].codePointAt(0) : 2;
    if (Math.abs(step) > 1) fresh += 1;
  }
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  const score = Math.min(fresh, new Set(characters).size * 1.6) + (kinds - 1) * 2;
  if (score < 9) return "weak";
  if (score < 12) return "fair";
  return score < 17 ? "good" : "strong";
}

const words = document.querySelector("#strength")?.dataset;
if (words) {
  const hint = document.querySelector("#password-hint");
  const before = hint.textContent;
  input.addEventListener("input", () => {
    hint.textContent = input.value ? words[strengthOf(input.value)] : before;
  });
}

for (const field of document.querySelectorAll("[aria-invalid]")) {
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"), { once: true });
}

const form = input.form;
form.addEventListener("submit", () => setTimeout(() => {
  for (const button of form.querySelectorAll(".button")) button.disabled = true;
}));
addEventListener("pageshow", () => {
  for (const button of form.querySelectorAll(".button")) button.disabled = false;
});

/** Register and log in in one go. What is refused is said by the page itself, as it is without script. */
async function register() {
  const fields = Object.fromEntries(new FormData(form));
  const { username } = fields;
  const answer = await post("/backend/e_register", fields);
  if (!answer.ok) {
    const query = new URLSearchParams({ error: answer.reason ?? answer.code ?? "fate_unknown", username });
    if (fields.invite) query.set("invite", fields.invite);
    return location.replace(`/register?${query}`);
  }
  const login = await post("/backend/e_login", { username, password: fields.password });
  return location.replace(login.ok ? "/" : `/login?${new URLSearchParams({ registered: 1, username })}`);
}

/** What an endpoint answers, and `ok`. A lost connection and what is no JSON (a proxy's page) have no code. */
async function post(path, fields) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(fields) });
    return { ...await answer.json(), ok: answer.ok };
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
