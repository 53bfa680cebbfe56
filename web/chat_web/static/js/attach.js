// Lets people attach files to what they write: with the button, from the clipboard, or dropped on the conversation.
import { AttachMenu } from "./attach_menu.js";
import { find } from "./dom.js";
import { takeDropped } from "./dropped_files.js";
import { isolate, t } from "./i18n.js";
import { prepareFile } from "./prepare_file.js";
import { MOST, Tray } from "./tray.js";
import { TrayView } from "./tray_view.js";
import { Voice } from "./voice.js";

const MEBI = 2 ** 20;
const MAX_BYTES = 100 * MEBI;

/** How large a file may be here; the server knows. */
async function askLimit() {
  try {
    const answer = await fetch("/backend/uploads", { method: "OPTIONS" });
    return Number(answer.headers.get("Tus-Max-Size")) || MAX_BYTES;
  } catch {
    return MAX_BYTES;
  }
}

/** @type {Promise<number> | null} */
let limit = null;

/** What the server has said, asked once. */
function getLimit() {
  limit ??= askLimit();
  return limit;
}

/**
 * Why a file is not taken, in words.
 * @param {{ file: File, why: import("./tray.js").Refused }} refused
 * @param {number} maxBytes
 */
function wordsOf({ file, why }, maxBytes) {
  if (why === "too_many") return t("Only %(num)d files fit into one message.", { num: MOST });
  const size = `${Math.floor(maxBytes / MEBI)} MB`;
  const said = t("This file is larger than %(size)s, so it cannot be sent here.", { size });
  return `${isolate(file.name)}: ${said}`;
}

/** @param {boolean} isEmpty beside an empty field there is the microphone */
function showButton(isEmpty) {
  find("#record").hidden = !isEmpty;
  find(".send").hidden = isEmpty;
}

/**
 * @param {object} parts
 * @param {import("./attachments.js").Attachments} parts.attachments
 * @param {import("./composer.js").Composer} parts.composer
 * @param {(words: string) => void} parts.say
 * @param {(file: import("./upload_entry.js").Prepared) => void} parts.sendFile
 */
export function addAttaching({ attachments, composer, say, sendFile }) {
  const button = find("#attach", document, HTMLButtonElement);
  const field = find(".composer__field", document, HTMLTextAreaElement);
  const [asMessage, asCaption] = [field.placeholder, t("Add a caption")];
  const changed = () => {
    view.show(attachments.tray);
    const noted = attachments.tray?.items.find((item) => item.prepared?.isPlain);
    if (noted)
      view.note(t("%(name)s goes as a file: this browser cannot draw it.", { name: isolate(noted.file.name) }));
    field.placeholder = attachments.hasFiles ? asCaption : asMessage;
    composer.renew();
  };
  /** @param {File[]} files */
  const take = async (files) => {
    if (!files.length) return;
    const maxBytes = await getLimit();
    if (!attachments.chatId) return;
    const tray = attachments.tray ?? attachments.begin(new Tray({ prepare: prepareFile, changed }));
    view.note("");
    const refused = tray.add(files, maxBytes);
    view.note([...new Set(refused.map((one) => wordsOf(one, maxBytes)))].join(" "));
    composer.focus();
  };
  const menu = new AttachMenu(take);
  const view = new TrayView({ add: (anchor) => menu.show(anchor), say });
  const voice = new Voice({ send: sendFile, say, note: (words) => view.note(words) });
  composer.shown = showButton;
  attachments.show = (tray) => {
    voice.cancel();
    view.note("");
    view.show(tray);
    field.placeholder = attachments.hasFiles ? asCaption : asMessage;
  };
  takeDropped({ isWanted: () => attachments.chatId > 0 && !find(".composer").hidden && !composer.isEditing, take });
  button.addEventListener("click", () => menu.show(button));
  button.disabled = false;
  composer.renew();
}
