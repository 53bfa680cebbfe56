// From where is a file attached: photos and films, any file, or the camera of a phone.
import { icon, make } from "./dom.js";
import { t } from "./i18n.js";
import { isTouch } from "./media.js";
import { placeBeside } from "./placing.js";

export class AttachMenu {
  #choose;
  #picker = make("input", { type: "file", multiple: true, hidden: true, tabindex: -1, "aria-hidden": "true" });
  #dialog = make("dialog", { class: "menu", id: "attach-menu", "aria-label": t("Attach") });

  /** @param {(files: File[]) => void} choose */
  constructor(choose) {
    this.#choose = choose;
    this.#picker.addEventListener("change", () => {
      this.#choose([...(this.#picker.files ?? [])]);
      this.#picker.value = "";
    });
    const entries = [
      this.#makeEntry("picture", t("Photos and films"), { accept: "image/*,video/*" }),
      this.#makeEntry("file", t("File"), {}),
      ...(isTouch() ? [this.#makeEntry("camera", t("Camera"), { accept: "image/*", capture: "environment" })] : []),
    ];
    const list = make("ul", { class: "menu__list" }, ...entries.map((entry) => make("li", {}, entry)));
    this.#dialog.append(make("div", { class: "menu__card" }, list));
    this.#dialog.addEventListener("click", ({ target }) => target === this.#dialog && this.#dialog.close());
    document.body.append(this.#dialog, this.#picker);
  }

  /**
   * @param {string} drawn
   * @param {string} words
   * @param {{ accept?: string, capture?: string }} wanted
   */
  #makeEntry(drawn, words, { accept = "", capture }) {
    const click = () => {
      this.#dialog.close();
      this.#picker.accept = accept;
      if (capture) this.#picker.setAttribute("capture", capture);
      else this.#picker.removeAttribute("capture");
      this.#picker.multiple = !capture;
      this.#picker.click();
    };
    return make("button", { class: "menu__entry", type: "button", click }, icon(drawn), make("span", {}, words));
  }

  /** @param {HTMLElement} anchor */
  show(anchor) {
    this.#dialog.showModal();
    placeBeside(this.#dialog, anchor);
  }
}
