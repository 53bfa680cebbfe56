// The logout page: forgets in this browser what belongs to the one who leaves, then logs out.
import { keep, openStorage } from "./storage.js";

const form = document.querySelector("#logout");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const userId = Number(keep.get("user"));
  try {
    await (await openStorage(() => {})).erase(userId);
    keep.erase(userId);
    keep.set("user", null);
  } finally {
    form.submit();
  }
});
