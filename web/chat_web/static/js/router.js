// Which chat is open? The address says so, so that Back and reload work.
import { takeStep, watchBack } from "./back_step.js";
import { afterPaint } from "./clock.js";
import { isNarrow } from "./media.js";
import { localStore } from "./storage.js";

export class Router {
  #openId = 0;
  #store;
  #changed;

  /**
   * `changed(before)` runs when another chat is open than before, or a chosen one has become known.
   * @param {{ store: import("./store.js").Store, changed: (before: number) => void }} parts
   */
  constructor({ store, changed }) {
    this.#store = store;
    this.#changed = changed;
    watchBack();
  }

  /** Begin with the chat of the address, and go with it from now on. */
  start() {
    addEventListener("popstate", () => this.arrive());
    addEventListener("hashchange", () => this.arrive());
    this.arrive();
    // A reload has closed what was open over the page.
    if (history.state?.layer) history.back();
  }

  /** The id of the open chat, or 0. */
  get openId() {
    return this.#openId;
  }

  /** The open chat; null where none is open, or it is not known yet. */
  get chat() {
    return this.#store.chats.get(this.#openId) ?? null;
  }

  /** @param {number} chatId 0: none */
  go(chatId) {
    const address = chatId ? `#${chatId}` : "/";
    // On a phone Back leads to the list; on a wide screen it would only undo looking around.
    if (isNarrow() && chatId && !this.#openId) takeStep({ list: true }, address);
    else if (chatId !== this.#openId) history.replaceState({ ...history.state, layer: undefined }, "", address);
    this.arrive();
  }

  /** Open the chat that the address names. */
  arrive() {
    const before = this.#openId;
    this.#openId = Number(/^#(\d+)$/.exec(location.hash)?.[1] ?? 0);
    afterPaint(() => this.#keep());
    if (!this.leaveUnknown()) this.#changed(before);
  }

  /** Keep which chat is open, for the next visit. */
  #keep() {
    if (this.#store.me && this.#openId) localStore.set(`${this.#store.me.id}:open`, this.#openId);
  }

  /** Close a chat that is not among those of the list, once all are known; says whether it was. */
  leaveUnknown() {
    if (!this.#store.isComplete || !this.#openId || this.chat) return false;
    this.go(0);
    return true;
  }

  /** After the login: the chat that was open last, where there is room and the address names none. */
  resume() {
    const last = Number(localStore.get(`${this.#store.myId}:open`));
    if (!location.hash && !isNarrow() && this.#store.chats.has(last)) this.go(last);
    else this.arrive();
  }

  back() {
    if (history.state?.list) history.back();
    else this.go(0);
  }
}
