// What opens the page when the network does not? The shell: markup that is the same for everybody, script and style.
// Nothing of a person is ever kept here: the newest chats are elsewhere (kept.js), and go with the login.
const CACHE = "chatapp-{{ version }}";
const SHELL = {{ (shell + [words_url()]) | tojson }};
const FOREVER = /^\/(assets|words|static)\//;

addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all([cache.addAll(SHELL), fetch("/").then((answer) => mayKeep(answer) && cache.put("/", answer))]);
    await skipWaiting();
  })());
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("chatapp-") && name !== CACHE) await caches.delete(name);
    await clients.claim();
  })());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // HEAD: the emoji picker asks so whether its data is the newest.
  if (!["GET", "HEAD"].includes(request.method) || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(url.pathname === "/" ? page(event) : otherPage(event));
  else if (FOREVER.test(url.pathname)) event.respondWith(file(event));
});

/** Say whether an answer may be kept. A redirect (to the login) is passed on, never kept. */
function mayKeep(answer) {
  return answer.ok && answer.type === "basic" && !answer.redirected;
}

/** The page: fresh where the server answers soon, else as it was. */
async function page(event) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match("/");
  const fresh = fetch(event.request).then((answer) => {
    if (mayKeep(answer)) event.waitUntil(cache.put("/", answer.clone()));
    return answer.status >= 500 && kept ? kept : answer;
  });
  if (!kept) return fresh;
  event.waitUntil(fresh.catch(() => {}));
  const late = new Promise((resolve) => setTimeout(resolve, 2500, kept));
  return Promise.race([fresh.catch(() => kept), late]);
}

/** A page around the chats is never kept. Without a network one stays with the chats, which say why. */
async function otherPage(event) {
  try {
    return await fetch(event.request);
  } catch {
    const cache = await caches.open(CACHE);
    return (await cache.match("/")) ? Response.redirect("/") : Response.error();
  }
}

/** A file: its address names its content (or it is a picture that hardly changes), so what is kept is right. */
async function file(event) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(event.request.url);
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (event.request.method === "GET" && mayKeep(answer)) event.waitUntil(cache.put(event.request.url, answer.clone()));
  return answer;
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { chat } = event.notification.data;
  event.waitUntil((async () => {
    const pages = await clients.matchAll({ type: "window" });
    const open = pages.find((one) => new URL(one.url).pathname === "/");
    if (!open) return clients.openWindow(`/#${chat}`);
    open.postMessage({ open: chat });
    return open.focus();
  })());
});
