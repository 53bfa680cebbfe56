// Files that are dropped on the conversation, or pasted into it.
import { find, icon, make } from "./dom.js";
import { t } from "./i18n.js";

/** @param {DataTransfer | null} data */
const hasFiles = (data) => Boolean(data?.types.includes("Files"));

/**
 * `isWanted()` says whether files can be taken now; `take(files)` gets them.
 * @param {{ isWanted: () => boolean, take: (files: File[]) => void }} parts
 */
export function takeDropped({ isWanted, take }) {
  const talk = find("#talk");
  const target = make("div", { class: "drop", hidden: true }, icon("attach"), t("Drop files here to send them"));
  talk.append(target);
  /** @param {DragEvent} event */
  const isOver = (event) => isWanted() && event.target instanceof Node && talk.contains(event.target);
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    // Without this the browser would leave the page for the file.
    event.preventDefault();
    target.hidden = !isOver(event);
    if (event.dataTransfer) event.dataTransfer.dropEffect = target.hidden ? "none" : "copy";
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) target.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    target.hidden = true;
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    if (isOver(event)) take([...(event.dataTransfer?.files ?? [])]);
  });
  document.addEventListener("paste", (event) => {
    const { clipboardData: data } = event;
    const isElsewhere = document.querySelector("dialog[open]") || !isWanted();
    // What an office program copies is a text first, and a picture of it second.
    if (isElsewhere || !data?.files.length || data.types.includes("text/plain")) return;
    event.preventDefault();
    take([...data.files]);
  });
}
