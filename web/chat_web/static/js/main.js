// Builds the page and connects its parts. Events flow one way: what the connection or a person does changes the store or
// the outbox, and what has changed is shown.
import { getChats, isHealthy } from "./api.js";
import { ChatLoader } from "./chat_loader.js";
import { systemClock as clock, once } from "./clock.js";
import { Connection, isAttended } from "./connection.js";
import { addEmojiButton } from "./emoji_button.js";
import { Epoch } from "./epoch.js";
import { watchKeys } from "./focus_rings.js";
import { Frames } from "./frames.js";
import { Health } from "./health.js";
import { History } from "./history.js";
import { setCatalogue } from "./i18n.js";
import { KeptCopy } from "./kept_copy.js";
import { closePickers, untilLoggedOut } from "./left.js";
import { NewChat } from "./new_chat.js";
import { Outbox } from "./outbox.js";
import { factsOf } from "./outbox_rules.js";
import { Page } from "./page.js";
import { Receipts } from "./receipts.js";
import { Router } from "./router.js";
import { SearchLoader } from "./search_loader.js";
import { Session } from "./session.js";
import { addShortcuts } from "./shortcuts.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";
import { Tabs } from "./tabs.js";
import { Tus } from "./tus.js";
import { uploadDatabase } from "./upload_storage.js";
import { Uploads } from "./uploads.js";

// Asked before the words have arrived, so that nothing waits for anything else.
const asked = Session.ask();
setCatalogue((await import(String(document.body.dataset.words))).default);

/** @type {(frame: object) => boolean} */
const send = (frame) => connection.send(frame);
const store = new Store();
const router = new Router({ store, changed: (before) => [page.show(before), search.follow()] });
const connection = new Connection({
  renew: () => session.renew(),
  receive: (frame) => frames.receive(frame),
  change: (state) => {
    session.onConnection(state);
    if (state === "open") loadChatTools();
  },
});
const facts = factsOf(store, () => epoch.known);
const uploads = new Uploads({
  ...{ storage: uploadDatabase, tus: new Tus(), clock },
  changed: () => [outbox.pump(), page.render()],
});
const outbox = new Outbox({ clock, send, facts, files: uploads, changed: (entries) => store.setWaiting(entries) });
const left = async () => {
  page.composer.forget();
  closePickers();
  await Promise.allSettled([outbox.erase(), kept.end()]);
  await untilLoggedOut(clock);
  location.replace("/login");
};
const tabs = new Tabs({ outbox, uploads, left });
const kept = new KeptCopy({ store, isLeader: () => tabs.isLeader });
const sync = new Sync({ store, clock, send, isSame: (one) => epoch.hear(one) });
const newChat = new NewChat({ send });
const history = new History({ store, again: () => page.render(), ask: () => sync.ask() });
const loader = new ChatLoader({
  store,
  getChats,
  clock,
  fetchLatest: (chat) => history.latest(chat),
  ask: () => sync.ask(),
});
const page = new Page(
  { store, router, connection, outbox, uploads, tabs, history, newChat },
  { moved: () => receipts.soon(), retry: () => session.wake() },
);
const receipts = new Receipts({ store, send, isReading: (chat) => page.isReading(chat) });
const health = new Health({
  ask: isHealthy,
  isWanted: () => isAttended() && connection.state === "open" && router.chat !== null,
  changed: (isGood) => store.setReachable(isGood),
});
/** @type {import("./settings_sender.js").SettingsSender | null} what one sets for chats; comes a little later, as dialogs do */
let settings = null;
const loadChatTools = once(async () => {
  const { addChatTools } = await import("./chat_tools.js");
  const { addAttaching } = await import("./attach.js");
  settings = await addChatTools({ store, send, clock, router, page });
  addAttaching(page);
});
const toHear = { store, outbox, sync, health, history, newChat, receipts, router, page };
const frames = new Frames({ ...toHear, settings: () => settings });
const epoch = new Epoch({ store, outbox, kept, fetch: () => loader.reload(), goOn: () => session.goOn() });
const core = { store, connection, outbox, uploads, tabs, sync, health, receipts, loader, kept, epoch, router, page };
const session = new Session({ asked, ...core });

watchKeys();
addEmojiButton({ composer: page.composer, dialogs: page.dialogs, say: page.say });
const search = new SearchLoader({ store, router, page });
addShortcuts({ router, list: page.list, composer: page.composer, search });
router.start();
session.start();
setTimeout(loadChatTools, 2000);
