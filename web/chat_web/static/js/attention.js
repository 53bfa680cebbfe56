// Hears when somebody comes back to the page, or the network does; registers the worker that notifications come through.

/**
 * `wake()`: the world has changed, do not wait; `nudge()`: somebody uses the page; `offline()`: the network is gone;
 * `look()`: the page has the focus again; `show()`: it is to be seen again; `open(chatId)`: a notification was clicked.
 * @param {object} parts
 * @param {() => void} parts.wake
 * @param {() => void} parts.nudge
 * @param {() => void} parts.offline
 * @param {() => void} parts.look
 * @param {() => void} parts.show
 * @param {(chatId: number) => void} parts.open
 */
export function watchAttention({ wake, nudge, offline, look, show, open }) {
  addEventListener("online", wake);
  addEventListener("offline", offline);
  addEventListener("click", nudge);
  addEventListener("focus", () => {
    nudge();
    look();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    wake();
    show();
    look();
  });
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (data?.open) open(data.open);
  });
  if (globalThis.isSecureContext && "serviceWorker" in navigator) {
    setTimeout(() => navigator.serviceWorker.register("/sw.js").catch(() => {}), 2000);
  }
}
