// How one gets at what can be done with a chat: right click, long press or a key on its row, the button above its
// conversation, a swipe; and Undo in a notice. What is shown then is loaded when somebody comes near.
import { toggleBlock } from "./blocking.js";
import { find } from "./dom.js";
import { t } from "./i18n.js";
import { isCoarse } from "./media.js";
import { swallowTouchEnd } from "./message_tools.js";

/**
 * @typedef {import("./chat.js").Chat} Chat
 * @typedef {{ x: number, y: number }} Point
 * @typedef {object} Parts
 * @property {import("./store.js").Store} store
 * @property {(frame: object) => boolean} send
 * @property {import("./clock.js").Clock} clock
 * @property {import("./router.js").Router} router
 * @property {import("./page.js").Page} page
 */

const LONG_PRESS = 450;
const SLOP = 10; // pixels that a finger moves while it rests

const notNow = () => t("The server cannot answer right now. Try again in a moment.");

/**
 * Load the menu and what it leads to.
 * @param {Parts} parts
 * @param {import("./settings_sender.js").SettingsSender} settings
 */
async function loadTools({ store, router, page }, settings) {
  const [menu, actions, toast, keep, exported] = await Promise.all([
    import("./chat_menu.js"),
    import("./chat_actions.js"),
    import("./chat_toast.js"),
    import("./keep_dialog.js"),
    import("./export_dialog.js"),
    page.dialogs.load(),
  ]);
  const chatActions = new actions.ChatActions({
    settings,
    open: (chatId) => page.go(chatId),
    toast: toast.showToast,
    confirmed: (question) => page.dialogs.confirmed(question),
    block: async (chat) => {
      await toggleBlock(chat, { store, dialogs: page.dialogs, say: toast.showToast });
      page.render();
    },
    showMedia: (chat) => page.dialogs.showMedia(chat).catch(() => toast.showToast(notNow())),
    KeepDialog: keep.KeepDialog,
    ExportDialog: exported.ExportDialog,
    openId: () => router.openId,
  });
  return { actions: chatActions, menu: new menu.ChatMenu((action, chat) => chatActions.run(action, chat)) };
}

class ChatTools {
  /** @type {ReturnType<typeof loadTools> | null} */
  #tools = null;
  /** @type {{ row: HTMLElement, x: number, y: number, timer: ReturnType<typeof setTimeout> } | null} */
  #press = null;
  #parts;
  #settings;
  #list = find("#list");
  #button = find("#chat-options");

  /**
   * @param {Parts} parts
   * @param {import("./settings_sender.js").SettingsSender} settings
   */
  constructor(parts, settings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#list.addEventListener("contextmenu", (event) => this.#onContextMenu(event));
    this.#list.addEventListener("keydown", (event) => this.#onKey(event));
    this.#list.addEventListener("pointerdown", (event) => this.#onDown(event));
    this.#list.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const name of ["pointerup", "pointercancel"]) this.#list.addEventListener(name, () => this.#forget());
    for (const name of ["pointerover", "focusin"]) {
      for (const near of [this.#list, this.#button]) near.addEventListener(name, () => this.#near(), { once: true });
    }
    this.#button.addEventListener("click", () => this.#show(parts.router.chat, this.#button));
    find(".messages").addEventListener("click", (event) => this.#onUndo(event));
  }

  /** Load what may be needed in a moment. */
  #near() {
    this.#load().catch(() => {});
  }

  #load() {
    this.#tools ??= loadTools(this.#parts, this.#settings).catch((failure) => {
      this.#tools = null;
      throw failure;
    });
    return this.#tools;
  }

  async addSwipes() {
    const { addSwipes } = await import("./swipe.js");
    addSwipes(this.#list, {
      chatOf: (row) => this.#chatOf(row),
      run: async (action, chat, row) => {
        if (action === "mute") this.#show(chat, row, { part: "mute" });
        else (await this.#load()).actions.run(action, chat);
      },
    });
  }

  /** @param {EventTarget | null} target */
  #rowOf(target) {
    return target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("a.chat")) : null;
  }

  /** @param {HTMLElement} row */
  #chatOf(row) {
    return this.#parts.store.chats.get(Number(row.dataset.chat)) ?? null;
  }

  /**
   * @param {Chat | null} chat
   * @param {HTMLElement} anchor what the menu stands beside
   * @param {{ point?: Point, part?: "mute" }} [where]
   */
  async #show(chat, anchor, where = {}) {
    if (!chat) return;
    const tools = await this.#load().catch(() => null);
    if (tools) tools.menu.show(chat, anchor, where);
    else this.#parts.page.say(notNow());
  }

  /** @param {MouseEvent} event */
  #onContextMenu(event) {
    this.#forget();
    const row = this.#rowOf(event.target);
    if (!row || event.shiftKey) return;
    event.preventDefault();
    // The key that means a right click names no place.
    const isByKey = event.button < 0 || (!event.clientX && !event.clientY);
    this.#show(this.#chatOf(row), row, isByKey ? {} : { point: { x: event.clientX, y: event.clientY } });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const isMenu = event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
    const row = this.#rowOf(event.target);
    if (!isMenu || !row) return;
    event.preventDefault();
    this.#show(this.#chatOf(row), row);
  }

  /** @param {PointerEvent} event */
  #onDown({ target, pointerType, isPrimary, clientX: x, clientY: y }) {
    this.#forget();
    const row = this.#rowOf(target);
    if (pointerType !== "touch" || !isPrimary || !row) return;
    const timer = setTimeout(() => {
      this.#forget();
      swallowTouchEnd();
      this.#show(this.#chatOf(row), row);
    }, LONG_PRESS);
    this.#press = { row, x, y, timer };
  }

  /** @param {PointerEvent} event */
  #onMove({ clientX, clientY }) {
    const press = this.#press;
    if (press && Math.hypot(clientX - press.x, clientY - press.y) > SLOP) this.#forget();
  }

  #forget() {
    clearTimeout(this.#press?.timer);
    this.#press = null;
  }

  /** @param {MouseEvent} event */
  async #onUndo({ target }) {
    const button = target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("[data-keep]")) : null;
    const { chat } = this.#parts.router;
    if (!button || !chat) return;
    // The button goes with what it undoes; its notice stays.
    button.closest("li")?.focus({ preventScroll: true });
    const { actions } = await this.#load();
    actions.undoKeep(chat, button.dataset.keep ? Number(button.dataset.keep) : null);
  }
}

/**
 * Add them, and return what sends what is set.
 * @param {Parts} parts
 */
export async function addChatTools(parts) {
  const { SettingsSender } = await import("./settings_sender.js");
  const settings = new SettingsSender(parts);
  const tools = new ChatTools(parts, settings);
  if (isCoarse()) await tools.addSwipes().catch(() => {}); // the menu does the same
  find("#list").dataset.tools = "here";
  return settings;
}
