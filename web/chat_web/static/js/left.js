// The user has logged out in another tab: nothing of theirs is kept any more, whatever this page still holds.
import { getSession, Refused } from "./api.js";

const PATIENCE = 5000;
const PAUSE = 250;

/**
 * Wait until this login has ended, 5 s at most. The other tab ends it when its databases are gone; before that /login
 * would lead back to the chats, which would be kept again.
 * @param {import("./clock.js").Clock} clock
 * @param {() => Promise<unknown>} [ask]
 */
export async function untilLoggedOut(clock, ask = getSession) {
  const end = clock.now() + PATIENCE;
  while (clock.now() < end) {
    try {
      await ask();
    } catch (error) {
      if (error instanceof Refused && error.code === "not_logged_in") return;
    }
    await new Promise((resolve) => clock.after(PAUSE, () => resolve(null)));
  }
}

/** Close the databases of open emoji pickers: the other tab deletes them, and would wait for this one. */
export function closePickers() {
  for (const picker of document.querySelectorAll("emoji-picker")) picker.remove();
}
