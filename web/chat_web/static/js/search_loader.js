// Loads search when somebody wants it for the first time: with the button of the chat, Ctrl+F, or the field of the list.
import { find, make } from "./dom.js";
import { t } from "./i18n.js";
import { typeAhead } from "./type_ahead.js";

/** @typedef {import("./search.js").Search} Search */

const loadStyle = () =>
  new Promise((resolve) => {
    const href = document.body.dataset.search;
    document.head.append(make("link", { rel: "stylesheet", href, load: resolve, error: resolve }));
  });

export class SearchLoader {
  /** @type {Search | null} */
  #search = null;
  /** @type {Promise<Search> | null} */
  #loading = null;
  #parts;

  /**
   * @param {object} parts
   * @param {import("./store.js").Store} parts.store
   * @param {import("./router.js").Router} parts.router
   * @param {import("./page.js").Page} parts.page
   */
  constructor(parts) {
    this.#parts = parts;
    addEventListener("click", ({ target }) => this.#onClick(target));
    find("#filter").addEventListener("input", async () => (await this.#load())?.results.update());
  }

  /**
   * Whatever asks for a search, wherever it is: the button of the chat, an entry of a menu (of `data-chat`), a day.
   * @param {EventTarget | null} target
   */
  #onClick(target) {
    if (!(target instanceof Element)) return;
    const entry = /** @type {HTMLElement | null} */ (target.closest('[data-action="search"]'));
    const chatId = Number(entry?.dataset.chat);
    if (chatId) this.#parts.page.go(chatId);
    if (entry) this.start();
    else if (target.closest(".day button")) this.start({ date: true });
  }

  get isOpen() {
    return this.#search?.bar.isOpen ?? false;
  }

  /** Whether somebody types what to search for in the open chat. */
  get hasFocus() {
    return this.#search?.bar.hasFocus ?? false;
  }

  /** @param {import("./search_bar.js").Start} [start] */
  async start(start) {
    const { router } = this.#parts;
    const { openId } = router;
    const end = this.#search ? null : typeAhead();
    const search = await this.#load();
    const typed = end?.();
    if (search && openId === router.openId && typed !== null) search.bar.start({ ...start, typed });
  }

  /** @param {boolean} isOlder */
  step(isOlder) {
    this.#search?.bar.step(isOlder);
  }

  end() {
    this.#search?.bar.end();
  }

  /** Another chat may be open now. */
  follow() {
    this.#search?.follow();
  }

  /** Load it, once; null where that fails, which is forgotten, so that the next one who needs it tries again. */
  async #load() {
    this.#loading ??= this.#make();
    try {
      await this.#loading;
    } catch {
      this.#loading = null;
      this.#parts.page.say(t("Search cannot be loaded right now. Try again in a moment."));
    }
    return this.#search;
  }

  async #make() {
    const [{ Search }] = await Promise.all([import("./search.js"), loadStyle()]);
    const { store, router, page } = this.#parts;
    this.#search = new Search({
      store,
      router,
      go: (id) => page.go(id),
      jump: page.jump,
      say: (words) => page.say(words),
    });
    return this.#search;
  }
}
