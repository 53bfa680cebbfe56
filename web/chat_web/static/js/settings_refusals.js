// Why something in the settings could not be done, in words.
import { Refused } from "./api.js";
import { t } from "./i18n.js";
import { toast } from "./toast.js";

/**
 * Say why a change was refused; who is logged in no more goes to the login.
 * @param {unknown} refusal
 */
export function explain(refusal) {
  if (!(refusal instanceof Refused)) throw refusal;
  if (refusal.code === "not_logged_in") {
    location.replace("/login?error=not_logged_in");
    return;
  }
  const words = {
    rate_limited: t("Too many attempts in a short time. Wait a moment, then try again."),
    unreachable: t("You are not connected right now. Try again in a moment."),
  }[refusal.code];
  toast(words ?? t("The server cannot answer right now. Try again in a moment."), { isDone: false });
}
