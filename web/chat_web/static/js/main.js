// Builds the page and connects its parts. Events flow one way: what the connection or a person does changes the store or
// the outbox, and what has changed is shown.
import { getChats, getSession, isHealthy, setBlocked } from "./api.js";
import { Composer } from "./composer.js";
import { chooseLocale, makeDates } from "./dates.js";
import { find, make, paintAvatar, setText } from "./dom.js";
import { Health } from "./health.js";
import { isolate, learn, t, tn } from "./i18n.js";
import { ListView } from "./list.js";
import { MessagesView } from "./messages.js";
import { Outbox } from "./outbox.js";
import { Pages } from "./pages.js";
import { Connection, isAttended, longestWait, systemClock } from "./socket.js";
import { keep, makeLease, openStorage } from "./storage.js";
import { heldSeq, Store, toMessage } from "./store.js";
import { Sync } from "./sync.js";
import { TalkView } from "./talk.js";
import { entersSends, switches, Teller, whyNot } from "./tell.js";

// Asked before the words have arrived, so that nothing waits for anything else.
let asked = [getSession(), getChats()];
for (const answer of asked) answer.catch(() => {});
learn((await import(document.body.dataset.words)).default);

const app = find("#app");
const store = new Store();
const dates = makeDates(chooseLocale(document.documentElement.lang, navigator.languages));
const narrow = matchMedia("(max-width: 719px)");
const touch = matchMedia("(hover: none)");
let outbox = null;
let lease = { take() {} };
let leads = false;
let openId = 0;
let settled = false;

const openChat = () => store.chats.get(openId) ?? null;
const draftKey = (chatId) => `${store.me?.id}:draft:${chatId}`;
const draftOf = (chatId) => keep.get(draftKey(chatId)) ?? "";
const isWatched = () => !document.hidden && document.hasFocus();
const later = (ms, run) => {
  let timer = 0;
  return () => void (timer ||= setTimeout(() => {
    timer = 0;
    run();
  }, ms));
};

// --- Showing -------------------------------------------------------------------------------------------------------

const list = new ListView({ store, dates, draftOf, open: (chatId) => go(chatId) });
const talk = new TalkView({ store, dates, newChat: () => showNewChat(), unblock: () => toggleBlock() });
const messages = new MessagesView({
  store,
  dates,
  pages: new Pages({ store, again: () => render() }),
  moved: () => receipts(),
  retry: (clientId) => {
    outbox.retry(clientId);
    composer.focus();
  },
  cancel: (clientId) => {
    if (outbox.cancel(clientId)) say(t("It may have been sent already."));
    composer.focus();
  },
});
const composer = new Composer({
  send: (text) => {
    messages.unmark();
    lease.take();
    messages.toEnd();
    outbox.add(openId, text);
    setTimeout(render, 3200);
    setTimeout(() => outbox.entries.length && connection.probe(4000), 6000);
  },
  typing: (chatId, typing) => connection.send({ type: "typing", chat_id: chatId, typing }),
  save: (chatId, draft) => {
    if (!store.me || draft === draftOf(chatId)) return;
    keep.set(draftKey(chatId), draft);
    render();
  },
  entersSends,
});
const teller = new Teller({ store, open: (chatId) => go(chatId), leads: () => leads });
let loading = null;
/** The dialogs come a little later: nobody needs them in the first second, and the conversation is there sooner. */
function dialogs() {
  loading ??= Promise.all([import("./dialogs.js"), dialogStyle()]).then(([{ NewChatDialog, PersonDialog, SettingsDialog, confirmed }]) => ({
    person: new PersonDialog({ toggleBlock }),
    confirmed,
    newChat: new NewChatDialog({ start: startChat, open: (chatId) => go(chatId) }),
    settings: new SettingsDialog({ switches, whyNot, setTheme, theme: () => keep.get("theme") ?? "system", leave }),
  }));
  loading.catch(() => {
    loading = null;
  });
  return loading;
}
const dialogStyle = () => new Promise((resolve) => {
  document.head.append(make("link", { rel: "stylesheet", href: document.body.dataset.dialogs, load: resolve, error: resolve }));
});
const showNewChat = async (name) => (await dialogs()).newChat.show(name);

function show() {
  const chat = openChat();
  list.render();
  talk.render(chat, settled ? connection.state === "open" || !banner.dataset.shown : undefined);
  if (messages.chat !== chat) showChat(chat);
  else messages.render();
  teller.render(chat);
}

let frame = 0;
function render() {
  if (document.hidden) teller.render(openChat());
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    show();
  });
}
store.onChange(render);

function showChat(chat) {
  messages.open(chat);
  composer.open(chat?.id ?? 0, chat ? draftOf(chat.id) : "");
  teller.openChat = chat;
}

function say(words) {
  setText(find("#said"), words);
}

function setTheme(theme) {
  keep.set("theme", theme === "system" ? null : theme);
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  const bars = { light: ["#ffffff", "#ffffff"], dark: ["#181719", "#181719"], system: ["#ffffff", "#181719"] };
  document.querySelectorAll('meta[name="theme-color"]').forEach((meta, at) => meta.setAttribute("content", bars[theme][at]));
}

// --- Going from chat to chat: the address says which one is open, so that Back and reload work ------------------------

function go(chatId, { focus = true } = {}) {
  const address = chatId ? `#${chatId}` : "/";
  if (chatId !== openId) {
    // On a phone Back leads to the list; on a wide screen it would only undo looking around.
    if (narrow.matches && chatId && !openId) history.pushState({ list: true }, "", address);
    else history.replaceState(history.state, "", address);
  }
  arrive();
  if (chatId && focus && !touch.matches) composer.focus();
  else if (chatId && focus) find("#talk").focus({ preventScroll: true });
}

function arrive() {
  const before = openId;
  openId = Number(/^#(\d+)$/.exec(location.hash)?.[1] ?? 0);
  list.openId = openId;
  app.dataset.pane = openId ? "talk" : "list";
  if (before) app.dataset.moved = "yes";
  if (store.me && openId) keep.set(`${store.me.id}:open`, openId);
  if (store.loaded && openId && !openChat()) {
    go(0);
    return;
  }
  show();
  if (before && !openId && narrow.matches) list.focusRow(before);
}

function goBack() {
  if (history.state?.list) history.back();
  else go(0);
}

// --- What the connection brings --------------------------------------------------------------------------------------

const connection = new Connection({ renew: renewSession, receive, change: onConnection });
const sync = new Sync({ store, clock: systemClock, send: (frame) => connection.send(frame) });
const health = new Health({
  ask: isHealthy,
  wanted: () => isAttended() && connection.state === "open" && Boolean(openChat()),
  changed: (isGood) => store.setReachable(isGood),
});
const typists = new Map();
let adding = null;

const handlers = {
  message(raw) {
    const message = toMessage(raw);
    if (message.clientId && message.from === store.me.id) outbox.stored(message.clientId);
    arrived(raw.chat_id, message);
  },
  message_sent(raw) {
    const entry = outbox.entries.find((one) => one.clientId === raw.client_id);
    const chat = store.chats.get(raw.chat_id);
    // First into the conversation, then out of the outbox: it must never be in neither.
    if (entry && chat && raw.seq > heldSeq(chat)) {
      arrived(raw.chat_id, { seq: raw.seq, from: store.me.id, content: entry.text, at: Date.parse(raw.sent_at), clientId: raw.client_id });
    } else if (!chat || raw.seq > heldSeq(chat)) sync.ask();
    outbox.stored(raw.client_id);
  },
  chat_added(raw) {
    const isNew = !store.chats.has(raw.chat.id);
    const chat = store.addChat(raw.chat);
    if (adding && adding.name.toLowerCase() === chat.other.username.toLowerCase()) adding.done(chat.id);
    else if (adding && raw.from === store.me.id) adding.done(chat.id);
    else if (isNew && raw.from !== store.me.id) teller.say(t("%(name)s has started a chat with you", { name: chat.other.username }));
    if (raw.existing && !chat.messages.length) sync.ask();
  },
  sync_chat(raw) {
    const added = sync.take(raw);
    for (const message of added) if (message.clientId && message.from === store.me.id) outbox.stored(message.clientId);
    const theirs = added.filter((message) => message.from !== store.me.id && message.seq > raw.chat.read_seq);
    const chat = store.chats.get(raw.chat.id);
    if (theirs.length && chat === openChat() && !isReading()) messages.mark();
    if (theirs.length && settled) teller.tell(chat, theirs.at(-1), chat === openChat() && isReading());
  },
  sync_done(raw) {
    sync.done(raw);
    if (openId && !openChat()) go(0);
  },
  receipt: (raw) => store.receipt(raw),
  presence: (raw) => store.setPresence(raw.user_id, raw.online, raw.last_seen),
  typing({ chat_id: chatId, typing }) {
    clearTimeout(typists.get(chatId));
    store.setTyping(chatId, typing);
    if (typing) typists.set(chatId, setTimeout(() => store.setTyping(chatId, false), 6000));
  },
  chat_changed(raw) {
    store.changeChat(raw.chat);
    const chat = openChat();
    if (raw.chat.id === chat?.id && find("#person-dialog[open]")) dialogs().then(({ person }) => person.fill(chat, talk.stateOf(chat)));
  },
  error(raw) {
    // What names neither a message nor a chat may be the answer to a question.
    if (["rate_limited", "unavailable"].includes(raw.code) && !raw.client_id && !raw.chat_id) sync.refused(raw);
    if (raw.code === "unavailable") health.hear(false);
    if (raw.client_id) outbox.refused(raw);
    else if (adding && ["no_such_user", "own_chat", "rate_limited", "not_delivered", "unavailable", "bad_frame"].includes(raw.code)) adding.fail(raw);
    else outbox.refused(raw);
  },
};

// Who answers these has just asked the database.
const PROOFS = new Set(["message", "message_sent", "sync_done"]);

function receive(frame) {
  if (PROOFS.has(frame.type)) health.hear(true);
  handlers[frame.type]?.(frame);
  receipts();
}

function arrived(chatId, message) {
  const chat = store.chats.get(chatId);
  const { added, hole } = store.merge(chatId, [message]);
  if (hole) sync.ask();
  for (const one of added) {
    if (one.from === store.me.id) continue;
    const seen = chat === openChat() && isReading();
    if (chat === openChat() && !seen) messages.mark();
    teller.tell(chat, one, seen);
  }
}

const isReading = () => isWatched() && messages.chat === openChat() && messages.atEnd && Boolean(messages.scroller.clientHeight);

/** Tell the server what has arrived and what was read, some moments later and only the highest. */
const told = new Map();
const receipts = later(200, () => {
  for (const chat of store.chats.values()) {
    const upTo = heldSeq(chat);
    if (!upTo) continue;
    const reading = chat === messages.chat && isReading();
    const type = reading && chat.readSeq < upTo ? "read" : chat.deliveredSeq < upTo && chat.unread ? "delivered" : null;
    const key = `${type} ${upTo}`;
    if (!type || told.get(chat.id) === key || !connection.send({ type, chat_id: chat.id, seq: upTo })) continue;
    told.set(chat.id, key);
    store.receipt({ chat_id: chat.id, user_id: store.me.id, delivered_seq: upTo, read_seq: type === "read" ? upTo : 0 });
  }
});

function onConnection(state) {
  const open = state === "open";
  if (!open) store.forgetPresence();
  outbox?.setConnected(open);
  if (open) {
    told.clear();
    dialogs().catch(() => {});
    sync.restart();
    receipts();
  } else sync.stop();
  renderBanner();
}

const banner = find("#banner");
const bannerLater = later(1200, () => renderBanner(true));
/** A short loss is nobody's business: the banner waits a moment before it says so. */
function renderBanner(waited = false) {
  const { state } = connection;
  if (state === "open") {
    banner.hidden = true;
    delete banner.dataset.shown;
    render();
    return;
  }
  if (!waited && !banner.dataset.shown && navigator.onLine) {
    bannerLater();
    return;
  }
  const words = !navigator.onLine
    ? t("You are offline. What you write is kept and sent when you are back.")
    : state === "connecting" ? t("Connecting…") : t("The server does not answer. What you write is kept and sent when it is back.");
  banner.dataset.shown = "yes";
  banner.hidden = false;
  setText(banner.firstElementChild, words);
  find("button", banner).hidden = state === "connecting";
  render();
}

/** Ask for the session anew: its token was refused. Somebody else's session means a page that is not theirs. */
async function renewSession() {
  try {
    const session = await getSession();
    if (session.user_id === store.me.id) return session;
    location.reload();
  } catch (refusal) {
    if (refusal.code !== "not_logged_in") throw refusal;
    composer.flush();
    location.replace("/login?error=not_logged_in");
  }
  return null;
}

function startChat(name) {
  return new Promise((resolve, reject) => {
    const over = (run) => (value) => {
      clearTimeout(adding?.timer);
      adding = null;
      run(value);
    };
    const fail = over((raw) => reject(Object.assign(new Error(raw.code), { code: raw.code, wait: raw.retry_after })));
    adding = { name, done: over(resolve), fail, timer: setTimeout(() => fail({ code: "unavailable" }), 8000) };
    if (!connection.send({ type: "add_chat", username: name })) fail({ code: "offline" });
  });
}

// --- What a person does ------------------------------------------------------------------------------------------------

async function leave(form) {
  const unsent = outbox?.entries.length ?? 0;
  if (unsent && !(await (await dialogs()).confirmed({
    title: t("Log out?"),
    words: tn("%(num)d message has not been sent yet. It will be deleted.", "%(num)d messages have not been sent yet. They will be deleted.", unsent),
    yes: t("Log out and delete"),
  }))) return;
  composer.chatId = 0;
  try {
    await outbox?.erase();
    keep.erase(store.me?.id);
    keep.set("user", null);
    tabs?.postMessage("left");
  } finally {
    form.submit();
  }
}

async function toggleBlock() {
  const chat = openChat();
  const blocked = !chat.blocked;
  if (blocked && !(await (await dialogs()).confirmed({
    title: t("Block %(name)s?", { name: isolate(chat.other.username) }),
    words: t("You will not get messages from them any more, nor see when they are online, and they not from you. You can take it back."),
    yes: t("Block"),
  }))) return;
  try {
    await setBlocked(chat.other.id, blocked);
    store.changeChat({ id: chat.id, other_user: chat.other, blocked });
  } catch {
    say(t("The server cannot answer right now. Try again in a moment."));
  }
  render();
}

find("#person").addEventListener("click", async () => (await dialogs()).person.show(openChat(), talk.stateOf(openChat())));
find("#new-chat").addEventListener("click", () => showNewChat());
find("button", list.note).addEventListener("click", () => showNewChat(list.filter.value.trim()));
find("#account").addEventListener("click", async () => (await dialogs()).settings.show(store.me));
find("#back").addEventListener("click", goBack);
find("button", banner).addEventListener("click", () => wake());
find("#skip").addEventListener("click", (event) => {
  event.preventDefault();
  if (openId && narrow.matches === false) composer.focus();
  else find("#talk").focus();
});

addEventListener("popstate", arrive);
addEventListener("hashchange", arrive);
addEventListener("keydown", (event) => {
  if (find("dialog[open]")) return;
  const control = event.ctrlKey || event.metaKey;
  if (control && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (narrow.matches && openId) goBack();
    list.focusFilter();
  } else if (event.key === "Escape" && !event.isComposing) {
    if (narrow.matches && openId) goBack();
    else if (openId && !event.defaultPrevented) list.focusRow();
  } else if (event.key.length === 1 && !control && !event.altKey && event.key !== " " && openId && (document.activeElement === document.body || document.activeElement.closest(".scroller, #talk") === document.activeElement)) {
    composer.focus();
  }
});

const wake = () => {
  if (!store.me) begin();
  else connection.wake();
};
addEventListener("online", wake);
addEventListener("offline", () => {
  connection.wake();
  if (connection.state !== "open") renderBanner();
});
/** Somebody uses the page: what is planned for later is tried now. */
const nudge = () => {
  if (store.me) connection.nudge();
  else if (Date.now() - begunAt > 1000) begin();
};
addEventListener("click", nudge);
addEventListener("focus", () => {
  nudge();
  receipts();
  teller.maybeAsk();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  wake();
  composer.take(openId, draftOf(openId));
  lease.take();
  receipts();
  teller.maybeAsk();
  render();
});
navigator.serviceWorker?.addEventListener("message", (event) => event.data?.open && go(event.data.open));
addEventListener("storage", (event) => {
  if (event.key === "chatapp:theme") setTheme(event.newValue ?? "system");
  const chatId = Number(new RegExp(`^chatapp:${store.me?.id}:draft:(\\d+)$`).exec(event.key)?.[1] ?? 0);
  if (chatId) {
    composer.take(chatId, event.newValue ?? "");
    render();
  }
});
setInterval(render, 30_000);

// --- Beginning ---------------------------------------------------------------------------------------------------------

const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("chatapp") : null;
const changedElsewhere = later(120, () => outbox?.load());
if (tabs) {
  tabs.onmessage = ({ data }) => {
    if (data === "left") location.replace("/login");
    else if (data === store.me?.id) changedElsewhere();
  };
}

async function openOutbox(userId) {
  const storage = await openStorage(() => tabs?.postMessage(userId));
  outbox = new Outbox({
    userId,
    storage,
    clock: systemClock,
    send: (frame) => connection.send(frame),
    tell: (entries) => store.setWaiting([...entries]),
  });
  await outbox.load();
  lease = makeLease(`chatapp ${userId}`, storage, (mine) => {
    leads = mine;
    outbox.setLeads(mine);
  });
  if (!document.hidden) lease.take();
}

let beginning = false;
let begunAt = 0;
let attempts = 0;
let nextAttempt = 0;
async function begin() {
  if (beginning || store.me) return;
  clearTimeout(nextAttempt);
  beginning = true;
  begunAt = Date.now();
  try {
    asked ??= [getSession(), getChats()];
    const [session, chats] = await Promise.all(asked);
    store.me = { id: session.user_id, username: session.username };
    const before = Number(keep.get("user"));
    keep.set("user", session.user_id);
    if (before && before !== session.user_id) keep.set("asked", null);
    store.setChats(chats);
    paintAvatar(find("#account .avatar"), store.me);
    settled = true;
    const last = Number(keep.get(`${store.me.id}:open`));
    if (!location.hash && !narrow.matches && store.chats.has(last)) go(last);
    else arrive();
    if (openId && !touch.matches && document.activeElement === document.body) composer.focus();
    await openOutbox(session.user_id);
    for (const chat of store.chats.values()) for (const one of chat.messages) if (one.clientId) outbox.stored(one.clientId);
    connection.start(session);
    health.start();
  } catch (refusal) {
    if (refusal.code === "not_logged_in") {
      location.replace("/login");
      return;
    }
    if (!refusal.code) throw refusal;
    settled = true;
    banner.dataset.shown = "yes";
    banner.hidden = false;
    setText(banner.firstElementChild, navigator.onLine ? t("The server does not answer. Your chats appear as soon as it does.") : t("You are offline. Your chats appear as soon as you are back."));
    show();
    attempts += 1;
    nextAttempt = setTimeout(begin, longestWait(attempts, isAttended()) * (0.5 + Math.random() / 2));
  } finally {
    beginning = false;
    asked = null;
  }
}

arrive();
begin();

if (globalThis.isSecureContext && "serviceWorker" in navigator) {
  setTimeout(() => navigator.serviceWorker.register("/sw.js").catch(() => {}), 2000);
}
