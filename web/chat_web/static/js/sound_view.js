// A sound in the conversation: play and pause, its shape, where it is, how fast it goes. All of it runs from left to right.
import { icon, make, setText } from "./dom.js";
import { makeDownload, makeName } from "./file_row.js";
import { clockWords, durationWords } from "./file_words.js";
import { t } from "./i18n.js";
import { kindOfFile } from "./shared_files.js";
import { sounds } from "./sound_player.js";
import { WIDTH, wavePaths } from "./waveform.js";

/** @typedef {import("./shared_files.js").SharedFile} SharedFile */

const SVG = "http://www.w3.org/2000/svg";
const STEP = 5; // seconds
/** @type {Record<string, number>} */
const KEYS = {
  ArrowRight: STEP,
  ArrowUp: STEP,
  ArrowLeft: -STEP,
  ArrowDown: -STEP,
  PageUp: 3 * STEP,
  PageDown: -3 * STEP,
};
Object.assign(KEYS, { Home: -Infinity, End: Infinity });

class SoundView {
  #file;
  #button = make("button", { class: "sound__play", type: "button", click: () => sounds.toggle(this.#file) });
  #played = document.createElementNS(SVG, "path");
  #rest = document.createElementNS(SVG, "path");
  #slider;
  #time = make("span", { class: "sound__time" });
  #speed = make("button", { class: "sound__speed", type: "button", click: () => sounds.changeRate() }, make("span"));
  #drawn = "";

  /** @param {SharedFile} file */
  constructor(file) {
    this.#file = file;
    this.#slider = this.#makeSlider();
    const middle = make("span", { class: "sound__mid" }, this.#slider, this.#time);
    this.node = make("div", { class: "sound", dir: "ltr" }, this.#button, middle, this.#speed);
    this.show();
    sounds.add(this.node, { file, show: () => this.show() });
  }

  #makeSlider() {
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${WIDTH} 28`, preserveAspectRatio: "none" })) {
      svg.setAttribute(name, value);
    }
    svg.setAttribute("aria-hidden", "true");
    svg.append(this.#played, this.#rest);
    const attributes = { class: "sound__wave", role: "slider", tabindex: 0, "aria-label": t("Position") };
    const slider = make("span", { ...attributes, "aria-valuemin": 0 }, svg);
    slider.addEventListener("keydown", (event) => this.#onKey(event));
    slider.addEventListener("pointerdown", (event) => this.#onDown(event));
    slider.addEventListener("pointermove", (event) => {
      if (slider.hasPointerCapture(event.pointerId)) this.#seekTo(event);
    });
    return slider;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const by = KEYS[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    sounds.seek(this.#file, sounds.standingOf(this.#file).position + by);
  }

  /** @param {PointerEvent} event */
  #onDown(event) {
    // It moves the position, not the message.
    event.stopPropagation();
    this.#slider.setPointerCapture(event.pointerId);
    this.#seekTo(event);
  }

  /** @param {PointerEvent} event */
  #seekTo({ clientX }) {
    const { left, width } = this.#slider.getBoundingClientRect();
    sounds.seek(this.#file, ((clientX - left) / width) * sounds.standingOf(this.#file).duration);
  }

  show() {
    const { isPlaying, position, duration, rate, problem } = sounds.standingOf(this.#file);
    const drawn = [isPlaying, Math.floor(position * 4), duration, rate, problem].join();
    if (this.#drawn === drawn) return;
    this.#drawn = drawn;
    const label = isPlaying ? t("Pause") : playWords(this.#file, duration);
    this.#button.setAttribute("aria-label", label);
    this.#button.replaceChildren(icon(isPlaying ? "pause" : "play"));
    const [played, rest] = wavePaths(this.#file.peaks, duration ? position / duration : 0);
    this.#played.setAttribute("d", played);
    this.#rest.setAttribute("d", rest);
    const said = t("%(position)s of %(duration)s", {
      position: clockWords(position),
      duration: clockWords(duration),
    });
    const values = { now: Math.floor(position), max: Math.floor(duration), text: said };
    for (const [name, value] of Object.entries(values)) this.#slider.setAttribute(`aria-value${name}`, String(value));
    setText(this.#time, problem || clockWords(position || duration));
    setText(/** @type {Element} */ (this.#speed.firstElementChild), `${rate}×`);
    this.#speed.setAttribute("aria-label", t("Speed: %(rate)s×", { rate }));
  }
}

/**
 * @param {SharedFile} file
 * @param {number} duration
 */
function playWords(file, duration) {
  const time = durationWords(duration);
  if (kindOfFile(file) !== "voice") return t("Play the sound, %(time)s", { time });
  return t("Play the voice message, %(time)s", { time });
}

/**
 * The player of a sound. One that was not recorded here has a name, and can be saved.
 * @param {SharedFile} file
 */
export function makeSound(file) {
  const { node } = new SoundView(file);
  if (kindOfFile(file) === "voice") return node;
  const title = make("div", { class: "sound__title" }, makeName(file.name), makeDownload(file));
  return make("div", { class: "sound-file" }, title, node);
}
