// From opening the page: asks who is logged in, tries again where nobody answers, renews.
import { getChats, getSession, Refused } from "./api.js";
import { watchAttention } from "./attention.js";
import { afterPaint } from "./clock.js";
import { isAttended, longestWait } from "./connection.js";
import { forgetEmoji, forgetKept, forgetUploads, localStore } from "./storage.js";

/**
 * @typedef {import("./api.js").Session} Answer
 * @typedef {import("./api.js").ChatPage} ChatPage
 */

// So long the page waits for the server before it shows what this browser has kept.
const LATE = 2500;

export class Session {
  /** @type {Promise<[Answer, ChatPage]> | null} */
  #asked;
  /** Whether the server has said who is logged in. */
  #isOpen = false;
  /** @type {Promise<void> | null} what is kept of the user, being opened since the page shows something */
  #shown = null;
  #isBeginning = false;
  #begunAt = 0;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #parts;

  /**
   * @param {object} parts
   * @param {Promise<[Answer, ChatPage]>} parts.asked the first two answers, under way already
   * @param {import("./store.js").Store} parts.store
   * @param {import("./connection.js").Connection} parts.connection
   * @param {import("./outbox.js").Outbox} parts.outbox
   * @param {import("./uploads.js").Uploads} parts.uploads
   * @param {import("./tabs.js").Tabs} parts.tabs
   * @param {import("./sync.js").Sync} parts.sync
   * @param {import("./health.js").Health} parts.health
   * @param {import("./receipts.js").Receipts} parts.receipts
   * @param {import("./chat_loader.js").ChatLoader} parts.loader
   * @param {import("./kept_copy.js").KeptCopy} parts.kept
   * @param {import("./epoch.js").Epoch} parts.epoch
   * @param {import("./router.js").Router} parts.router
   * @param {import("./page.js").Page} parts.page
   */
  constructor({ asked, ...parts }) {
    this.#asked = asked;
    this.#parts = parts;
  }

  /** Begin, and hear from now on of whatever says that waiting is over. */
  start() {
    const { connection, receipts, tabs, page } = this.#parts;
    watchAttention({
      wake: () => this.wake(),
      nudge: () => this.#nudge(),
      offline: () => {
        connection.wake();
        page.banner.render();
      },
      look: () => {
        receipts.soon();
        page.notifier.maybeAsk();
      },
      show: () => {
        tabs.lead();
        page.reappear();
      },
      open: (chatId) => page.go(chatId),
    });
    this.#begin();
  }

  /**
   * Ask for the first two answers.
   * @returns {Promise<[Answer, ChatPage]>}
   */
  static ask() {
    const asked = Promise.all([getSession(), getChats()]);
    asked.catch(() => {});
    return asked;
  }

  async #begin() {
    if (this.#isBeginning || this.#isOpen) return;
    clearTimeout(this.#timer);
    this.#isBeginning = true;
    this.#begunAt = Date.now();
    const late = setTimeout(() => this.#showKept(true), LATE);
    try {
      this.#asked ??= Session.ask();
      await this.#open(...(await this.#asked));
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      this.#fail(refusal);
    } finally {
      clearTimeout(late);
      this.#isBeginning = false;
      this.#asked = null;
    }
  }

  /**
   * @param {Answer} session
   * @param {ChatPage} first
   */
  async #open(session, first) {
    const { store, connection, outbox, health, loader, router } = this.#parts;
    if (store.me && store.me.id !== session.user_id) {
      await this.#leaveOthers();
      return;
    }
    this.#isOpen = true;
    store.setMe({ id: session.user_id, username: session.username });
    const loading = loader.load(first);
    await this.#show(session.user_id);
    for (const chat of store.chats.values()) {
      for (const { clientId } of chat.messages) if (clientId) outbox.stored(clientId);
    }
    connection.start(session);
    health.start();
    await loading;
    router.leaveUnknown();
  }

  /**
   * Show what is known, the first time, and open what this browser keeps of the user.
   * @param {number} userId
   */
  #show(userId) {
    const { tabs, page } = this.#parts;
    if (this.#shown) return this.#shown;
    page.begin();
    afterPaint(() => this.#keepUser(userId));
    this.#shown = tabs.open(userId);
    return this.#shown;
  }

  /**
   * The server does not answer, or is `late`: show what this browser has kept, and say that it is not of now.
   * @param {boolean} [late]
   */
  async #showKept(late = false) {
    const { store, kept, page } = this.#parts;
    const found = store.isLoaded ? null : await kept.load(Number(localStore.get("user")));
    if (this.#isOpen) return;
    if (found && !store.isLoaded) {
      store.takeKept(found);
      this.#show(found.me.id);
    }
    if (store.isLoaded || !late) page.banner.renderUnloaded(store.isLoaded);
  }

  /** What is shown belongs to somebody else than who has logged in since. */
  async #leaveOthers() {
    await this.#parts.kept.end();
    location.reload();
  }

  /**
   * Remember whose browser this is. Another person is asked anew whether they want notifications, and finds nothing of
   * the one before.
   * @param {number} userId
   */
  #keepUser(userId) {
    const before = Number(localStore.get("user"));
    localStore.set("user", userId);
    if (!before || before === userId) return;
    localStore.set("asked", null);
    forgetKept();
    forgetUploads();
    forgetEmoji();
  }

  /** @param {Refused} refusal */
  #fail({ code }) {
    if (code === "not_logged_in") {
      this.#parts.kept.end().then(() => location.replace("/login"));
      return;
    }
    this.#showKept();
    this.#tries += 1;
    const wait = longestWait(this.#tries, isAttended()) * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#begin(), wait);
  }

  /**
   * Ask for the session anew: its token was refused. Somebody else's session means a page that is not theirs.
   * @returns {Promise<Answer | null>}
   */
  async renew() {
    const { store, kept, page } = this.#parts;
    try {
      const session = await getSession();
      if (session.user_id === store.myId) return session;
      await this.#leaveOthers();
    } catch (refusal) {
      if (!(refusal instanceof Refused) || refusal.code !== "not_logged_in") throw refusal;
      page.composer.flush();
      await kept.end();
      location.replace("/login?error=not_logged_in");
    }
    return null;
  }

  /** Something says that the world has changed (online, visible, "try now"): do not wait. */
  wake() {
    if (this.#isOpen) this.#parts.connection.wake();
    else this.#begin();
  }

  /** Somebody uses the page: what is planned for later is tried now. */
  #nudge() {
    if (this.#isOpen) this.#parts.connection.nudge();
    else if (Date.now() - this.#begunAt > 1000) this.#begin();
  }

  /** @param {import("./connection.js").State} state */
  onConnection(state) {
    const { store, connection, outbox, uploads, sync, page, kept, epoch } = this.#parts;
    const isOpen = state === "open";
    if (!isOpen) store.forgetPresence();
    if (isOpen) {
      page.dialogs.load().catch(() => {});
      if (epoch.hear(connection.epoch)) this.goOn();
      kept.start();
    } else {
      uploads.setConnected(false);
      outbox.setConnected(false);
      sync.stop();
    }
    page.banner.render();
  }

  /** The connection is there, and what is held belongs to this server: ask for what is missing, and send what waits. */
  goOn() {
    const { connection, outbox, uploads, sync, receipts } = this.#parts;
    if (connection.state !== "open") return;
    uploads.setConnected(true);
    outbox.setConnected(true);
    sync.restart();
    receipts.restart();
  }
}
