// The chosen theme. It is kept here for the script and in a cookie for the server, which writes it into the page: so it is
// there before the first paint, and nothing before that has to ask the browser's storage.
import { localStore } from "./storage.js";

/** @typedef {"light" | "dark" | "system"} Theme */

const A_YEAR = 365 * 24 * 60 * 60;

/** @param {Theme} theme */
function show(theme) {
  const isChosen = theme !== "system";
  const { dataset } = document.documentElement;
  if (isChosen) dataset.theme = theme;
  else delete dataset.theme;
  for (const meta of /** @type {NodeListOf<HTMLMetaElement>} */ (document.querySelectorAll("meta[data-theme]"))) {
    const chosen = meta.dataset.theme === theme ? "all" : "not all";
    meta.media = isChosen ? chosen : `(prefers-color-scheme: ${meta.dataset.theme})`;
  }
}

/** @param {Theme} theme */
function tellServer(theme) {
  const age = theme === "system" ? 0 : A_YEAR;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is there over https only
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}

export const theme = {
  /** @returns {Theme} */
  get() {
    const kept = localStore.get("theme");
    return kept === "light" || kept === "dark" ? kept : "system";
  },
  /**
   * Show and keep a choice.
   * @param {Theme} chosen
   */
  set(chosen) {
    localStore.set("theme", chosen === "system" ? null : chosen);
    tellServer(chosen);
    show(chosen);
  },
  /** Show what is kept, where the page came with something else (out of a cache, say), and what other tabs choose. */
  watch() {
    const kept = this.get();
    if (kept !== (document.documentElement.dataset.theme ?? "system")) {
      tellServer(kept);
      show(kept);
    }
    addEventListener("storage", ({ key }) => {
      if (key === "chatapp:theme") show(this.get());
    });
    // The way back shows a page as it was left.
    addEventListener("pageshow", ({ persisted }) => persisted && show(this.get()));
  },
};
