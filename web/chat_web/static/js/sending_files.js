// The files of a message that waits: how far each has come, and a button that stops them.
import { icon, make, setText } from "./dom.js";
import { kindWord } from "./file_name.js";
import { isolate, t } from "./i18n.js";

/**
 * @typedef {import("./outbox_entry.js").SentFile} SentFile
 * @typedef {(clientId: string) => import("./upload_entry.js").Upload | null} UploadOf
 */

/**
 * How much of a file has come, from 0 to 1.
 * @param {ReturnType<UploadOf>} upload
 */
function partOf(upload) {
  if (!upload) return 0;
  return upload.state === "complete" || !upload.size ? 1 : upload.offset / upload.size;
}

export class SendingFiles {
  #rows;
  #stop;
  #uploadOf;
  node = make("div", { class: "sending" });

  /**
   * @param {SentFile[]} files
   * @param {{ uploadOf: UploadOf, stop: () => void }} parts
   */
  constructor(files, { uploadOf, stop }) {
    this.#uploadOf = uploadOf;
    this.#rows = files.map((file) => this.#makeRow(file));
    const words = t("Stop sending");
    const attributes = { class: "icon-button", type: "button", "aria-label": words, title: words, click: stop };
    this.#stop = make("button", attributes, icon("close"));
    this.node.append(make("ul", {}, ...this.#rows.map((row) => row.node)), this.#stop);
  }

  /** @param {SentFile} file */
  #makeRow({ clientId, name }) {
    const progress = make("progress", { max: 100, "aria-label": t("%(name)s is being sent", { name: isolate(name) }) });
    const kind = make("span", { class: "sending__kind", "aria-hidden": "true" }, kindWord(name));
    const said = make("small");
    const cut = make("bdi", { class: "sending__name", title: name }, name);
    const node = make("li", {}, kind, make("div", {}, cut, progress, said));
    return { clientId, node, progress, said };
  }

  /**
   * Show how far they are.
   * @param {boolean} hasFailed
   */
  show(hasFailed) {
    this.#stop.hidden = hasFailed;
    for (const { clientId, progress, said } of this.#rows) {
      const percent = Math.floor(100 * partOf(this.#uploadOf(clientId)));
      progress.hidden = hasFailed;
      progress.value = percent;
      setText(said, hasFailed ? "" : `${percent}%`);
    }
  }
}
