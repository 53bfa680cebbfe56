// Says for a moment what has happened, with something that can be done about it.
import { make, setText } from "./dom.js";

const LASTS = 8000;

const words = make("span");
const button = make("button", { class: "link", type: "button" });
const box = make("div", { class: "toast", role: "status" });
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
document.body.append(box);

const isInUse = () => box.matches(":hover") || box.contains(document.activeElement);

function hideSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (isInUse()) hideSoon();
    else box.replaceChildren();
  }, LASTS);
}

/**
 * @param {string} said
 * @param {{ words: string, run: () => void }} [choice]
 */
export function showToast(said, choice) {
  setText(words, said);
  box.replaceChildren(words, ...(choice ? [button] : []));
  if (choice) {
    setText(button, choice.words);
    button.onclick = () => {
      box.replaceChildren();
      choice.run();
    };
  }
  hideSoon();
}
