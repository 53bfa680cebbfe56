// Puts the chosen theme on the page before the first paint. A classic script in the head, since a module would come too late.
(() => {
  try {
    const theme = localStorage.getItem("chatapp:theme");
    if (theme !== "light" && theme !== "dark") return;
    document.documentElement.dataset.theme = theme;
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) meta.content = theme === "dark" ? "#181719" : "#ffffff";
  } catch { /* Storage is switched off: the system's theme it is. */ }
})();
