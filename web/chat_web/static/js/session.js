// From opening the page to leaving it: asks who is logged in, tries again where nobody answers, renews, logs out.
import { getChats, getSession, Refused } from "./api.js";
import { watchAttention } from "./attention.js";
import { afterPaint } from "./clock.js";
import { isAttended, longestWait } from "./connection.js";
import { localStore } from "./storage.js";

/**
 * @typedef {import("./api.js").Session} Answer
 * @typedef {import("./api.js").ChatPage} ChatPage
 */

export class Session {
  /** @type {Promise<[Answer, ChatPage]> | null} */
  #asked;
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
   * @param {import("./tabs.js").Tabs} parts.tabs
   * @param {import("./sync.js").Sync} parts.sync
   * @param {import("./health.js").Health} parts.health
   * @param {import("./receipts.js").Receipts} parts.receipts
   * @param {import("./chat_loader.js").ChatLoader} parts.loader
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
    if (this.#isBeginning || this.#parts.store.me) return;
    clearTimeout(this.#timer);
    this.#isBeginning = true;
    this.#begunAt = Date.now();
    try {
      this.#asked ??= Session.ask();
      await this.#open(...(await this.#asked));
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      this.#fail(refusal);
    } finally {
      this.#isBeginning = false;
      this.#asked = null;
    }
  }

  /**
   * @param {Answer} session
   * @param {ChatPage} first
   */
  async #open(session, first) {
    const { store, connection, outbox, tabs, health, loader, router, page } = this.#parts;
    store.setMe({ id: session.user_id, username: session.username });
    const loading = loader.load(first);
    page.begin();
    afterPaint(() => this.#keepUser(session.user_id));
    await tabs.open(session.user_id);
    for (const chat of store.chats.values()) {
      for (const { clientId } of chat.messages) if (clientId) outbox.stored(clientId);
    }
    connection.start(session);
    health.start();
    await loading;
    router.leaveUnknown();
  }

  /**
   * Remember whose browser this is. Another person is asked anew whether they want notifications.
   * @param {number} userId
   */
  #keepUser(userId) {
    const before = Number(localStore.get("user"));
    localStore.set("user", userId);
    if (before && before !== userId) localStore.set("asked", null);
  }

  /** @param {Refused} refusal */
  #fail({ code }) {
    if (code === "not_logged_in") {
      location.replace("/login");
      return;
    }
    this.#parts.page.banner.renderUnloaded();
    this.#tries += 1;
    const wait = longestWait(this.#tries, isAttended()) * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#begin(), wait);
  }

  /**
   * Ask for the session anew: its token was refused. Somebody else's session means a page that is not theirs.
   * @returns {Promise<Answer | null>}
   */
  async renew() {
    const { store, page } = this.#parts;
    try {
      const session = await getSession();
      if (session.user_id === store.myId) return session;
      location.reload();
    } catch (refusal) {
      if (!(refusal instanceof Refused) || refusal.code !== "not_logged_in") throw refusal;
      page.composer.flush();
      location.replace("/login?error=not_logged_in");
    }
    return null;
  }

  /**
   * Log out, and forget what this browser keeps of the user.
   * @param {HTMLFormElement} form
   */
  async leave(form) {
    const { store, outbox, tabs, page } = this.#parts;
    if (!(await page.confirmLeaving())) return;
    page.composer.forget();
    try {
      await outbox.erase();
      localStore.erase(store.myId);
      localStore.set("user", null);
      tabs.leave();
    } finally {
      form.submit();
    }
  }

  /** Something says that the world has changed (online, visible, "try now"): do not wait. */
  wake() {
    if (this.#parts.store.me) this.#parts.connection.wake();
    else this.#begin();
  }

  /** Somebody uses the page: what is planned for later is tried now. */
  #nudge() {
    if (this.#parts.store.me) this.#parts.connection.nudge();
    else if (Date.now() - this.#begunAt > 1000) this.#begin();
  }

  /** @param {import("./connection.js").State} state */
  onConnection(state) {
    const { store, outbox, sync, receipts, page } = this.#parts;
    const isOpen = state === "open";
    if (!isOpen) store.forgetPresence();
    outbox.setConnected(isOpen);
    if (isOpen) {
      page.dialogs.load().catch(() => {});
      sync.restart();
      receipts.restart();
    } else sync.stop();
    page.banner.render();
  }
}
