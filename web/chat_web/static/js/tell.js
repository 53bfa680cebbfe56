// Tells of new messages where nobody looks at the page: title, icon, notification, a soft sound, and a word to screen readers.
import { find, make } from "./dom.js";
import { isolate, t } from "./i18n.js";
import { keep } from "./storage.js";
import { briefOf } from "./store.js";

const ON = { notify: false, preview: true, sound: true, enter: true };

/** The switches of the settings, kept in this browser. */
export const switches = {
  get: (name) => (keep.get(name) ?? (ON[name] ? "on" : "off")) === "on",
  async set(name, on) {
    if (name === "notify" && on && (await Notification.requestPermission()) !== "granted") return;
    keep.set(name, on ? "on" : "off");
    if (name === "sound" && on) chime();
  },
};

const touch = globalThis.matchMedia?.("(pointer: coarse)");

/** Whether Enter sends here. The keyboard of a touch screen has no Shift+Enter: there it makes a new line. */
export const entersSends = () => switches.get("enter") && !touch?.matches;

/** Why a switch cannot be used here, or "". */
export function whyNot(name) {
  if (name === "enter") return touch?.matches ? t("On a touch screen, Enter makes a new line.") : "";
  if (name !== "notify" && name !== "preview") return "";
  if (!globalThis.isSecureContext) return t("Browsers allow this only over https.");
  if (!("Notification" in globalThis)) return t("This browser does not offer it.");
  if (Notification.permission === "denied") return t("Blocked in the browser's settings for this site.");
  return "";
}

let audio = null;
/** Two soft notes. They are made, not loaded; a browser that wants a click first stays silent. */
export function chime() {
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
    for (const [pitch, delay] of [[659, 0], [880, 0.11]]) {
      const start = audio.currentTime + delay;
      const note = audio.createOscillator();
      const volume = audio.createGain();
      note.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, start);
      volume.gain.exponentialRampToValueAtTime(0.08, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
      note.connect(volume).connect(audio.destination);
      note.start(start);
      note.stop(start + 0.4);
    }
  } catch { /* No sound, then. */ }
}

/** Show a notification; a click on it opens the chat. */
async function notify(chat, text, open) {
  if (whyNot("notify") || Notification.permission !== "granted" || !switches.get("notify")) return;
  const options = { body: switches.get("preview") ? text.slice(0, 200) : t("New message"), tag: `chat ${chat.id}`, renotify: true, silent: true, icon: "/static/img/icon-192.png", data: { chat: chat.id } };
  const worker = await navigator.serviceWorker?.getRegistration();
  try {
    if (worker?.active) await worker.showNotification(chat.other.username, options);
    else {
      const shown = new Notification(chat.other.username, options);
      shown.onclick = () => {
        globalThis.focus();
        open(chat.id);
        shown.close();
      };
    }
  } catch { /* The system does not want it. */ }
}

export class Teller {
  #title = "";
  #icon = "";

  /** `open(chatId)` opens a chat; `leads()` says whether this tab is the one that speaks. */
  constructor({ store, open, leads }) {
    Object.assign(this, { store, open, leads });
    this.told = find("#told");
    this.ask = find("#ask");
    this.favicon = find("#favicon");
    this.ask.addEventListener("click", async (event) => {
      const answer = event.target.value;
      if (!answer) return;
      this.ask.hidden = true;
      keep.set("asked", "yes");
      if (answer === "yes") await switches.set("notify", true);
    });
  }

  /** The unread ones, in the title and the icon. */
  render(chat) {
    const { unread } = this.store;
    const title = `${unread ? `(${unread > 999 ? "999+" : unread}) ` : ""}${chat ? `${chat.other.username} · ` : ""}ChatApp`;
    if (title !== this.#title) document.title = this.#title = title;
    const icon = unread ? `unread-${unread > 9 ? "more" : unread}` : "favicon";
    if (icon === this.#icon) return;
    this.#icon = icon;
    this.favicon.href = `/static/img/${icon}.svg`;
    if (unread) navigator.setAppBadge?.(unread).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  }

  /** One new message of somebody else. `seen`: its chat is open before the reader's eyes. */
  tell(chat, message, seen) {
    const name = isolate(chat.other.username);
    this.say(seen || chat === this.openChat ? `${name}: ${briefOf(message)}` : t("New message from %(name)s", { name }));
    if (seen) return;
    if (document.hidden || !document.hasFocus()) {
      if (!this.leads()) return;
      if (switches.get("sound")) chime();
      notify(chat, briefOf(message), this.open);
      this.missed = true;
    }
  }

  /** Say something once to screen readers; what was said does not stay in the page. */
  say(words) {
    const line = make("p", {}, words);
    this.told.append(line);
    setTimeout(() => line.remove(), 10_000);
  }

  /** The sensible moment to ask: they come back to a page that has missed a message. */
  maybeAsk() {
    if (!this.missed || whyNot("notify") || Notification.permission !== "default" || keep.get("asked")) return;
    this.ask.hidden = false;
  }
}
