// Forgets in this browser what belongs to one who leaves: before logging out, and after the account was deleted.
import { forgetEmoji, forgetKept, forgetUploads, localStore, openStorage } from "./storage.js";

async function forget() {
  // First: what another tab writes meanwhile would stay.
  if ("BroadcastChannel" in globalThis) new BroadcastChannel("chatapp").postMessage("left");
  await Promise.all([forgetKept(), forgetUploads(), forgetEmoji()]);
  const userId = Number(localStore.get("user"));
  await (await openStorage()).erase(userId);
  localStore.erase(userId);
  localStore.set("user", null);
}

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("#logout"));
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await forget();
  } finally {
    form.submit();
  }
});

// Without that form this is the login page of one whose account was deleted: the server saw that nobody is logged in.
if (!form) await forget();
