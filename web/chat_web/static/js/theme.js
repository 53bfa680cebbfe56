// Puts the chosen theme on the page before the first paint: a classic script in the head, since a module would come too
// late. Later it hears of other choices, made in this tab (the event "theme") or in another one.
(() => {
  /** @param {string | null} theme */
  const show = (theme) => {
    const isChosen = theme === "light" || theme === "dark";
    if (isChosen) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    for (const meta of /** @type {NodeListOf<HTMLMetaElement>} */ (document.querySelectorAll("meta[data-theme]"))) {
      const system = `(prefers-color-scheme: ${meta.dataset.theme})`;
      const chosen = meta.dataset.theme === theme ? "all" : "not all";
      meta.media = isChosen ? chosen : system;
    }
  };
  addEventListener("theme", (event) => show(/** @type {CustomEvent<string>} */ (event).detail));
  addEventListener("storage", (event) => {
    if (event.key === "chatapp:theme") show(event.newValue);
  });
  try {
    show(localStorage.getItem("chatapp:theme"));
  } catch {
    // Storage is switched off: the system's theme it is.
  }
})();
