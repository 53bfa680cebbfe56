// Says that the server does not answer. A short loss is nobody's business: the banner waits a moment before it says so.
import { soon } from "./clock.js";
import { find, setText } from "./dom.js";
import { t } from "./i18n.js";

/** @typedef {import("./connection.js").State} State */

export class Banner {
  #isShown = false;
  #banner = find("#banner");
  #button = find("button", this.#banner);
  #state;
  #changed;

  /**
   * `state()` is that of the connection; `retry()` tries it now; `changed()` hears when the banner comes or goes.
   * @param {{ state: () => State, retry: () => void, changed: () => void }} parts
   */
  constructor({ state, retry, changed }) {
    this.#state = state;
    this.#changed = changed;
    this.#button.addEventListener("click", retry);
  }

  get isShown() {
    return this.#isShown;
  }

  /** Show how the connection is. */
  render() {
    if (this.#state() === "open") this.#hide();
    else if (this.#isShown || !navigator.onLine) this.#show(this.#words());
    else this.#renderLate();
  }

  #renderLate = soon(1200, () => {
    if (this.#state() === "open") this.#hide();
    else this.#show(this.#words());
  });

  /**
   * The first answers did not come: there are no chats to show yet, or only those that this browser has kept.
   * @param {boolean} hasKept
   */
  renderUnloaded(hasKept) {
    if (hasKept) {
      this.#show(
        navigator.onLine
          ? t("The server is not answering. What you write is kept and sent when it is back.")
          : t("You are offline. What you write is kept and sent when you are back."),
        true,
      );
      return;
    }
    this.#show(
      navigator.onLine
        ? t("The server is not answering. Your chats will appear when it does.")
        : t("You are offline. Your chats will appear when you are back."),
      true,
    );
  }

  #words() {
    if (!navigator.onLine) return t("You are offline. What you write is kept and sent when you are back.");
    if (this.#state() === "connecting") return t("Connecting…");
    return t("The server is not answering. What you write is kept and sent when it is back.");
  }

  /**
   * @param {string} words
   * @param {boolean} [canRetry]
   */
  #show(words, canRetry = this.#state() !== "connecting") {
    this.#isShown = true;
    this.#banner.hidden = false;
    setText(find("span", this.#banner), words);
    this.#button.hidden = !canRetry;
    this.#changed();
  }

  #hide() {
    this.#isShown = false;
    this.#banner.hidden = true;
    this.#changed();
  }
}
