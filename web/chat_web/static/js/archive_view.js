// Does the list show the archive? On a phone Back leads out of it, as out of a chat.
import { takeStep } from "./back_step.js";
import { t } from "./i18n.js";
import { isNarrow } from "./media.js";
import { sayStatus } from "./status.js";

export class ArchiveView {
  #isInside = isNarrow() && history.state?.archive === true;
  #changed;

  /** @param {() => void} changed runs when the list is to show something else */
  constructor(changed) {
    this.#changed = changed;
    addEventListener("popstate", () => {
      if (this.#isInside && !history.state?.archive && !history.state?.list) this.#set(false);
      else if (history.state?.archive) this.#set(true);
    });
  }

  get isInside() {
    return this.#isInside;
  }

  toggle() {
    if (this.#isInside) this.leave();
    else {
      if (isNarrow()) takeStep({ archive: true });
      this.#set(true);
    }
  }

  /** Show all chats again. */
  leave() {
    if (!this.#isInside) return;
    this.#set(false);
    if (history.state?.archive) history.back();
  }

  /** @param {boolean} isInside */
  #set(isInside) {
    if (this.#isInside === isInside) return;
    this.#isInside = isInside;
    sayStatus(isInside ? t("Archived chats") : t("All chats"));
    this.#changed();
  }
}
