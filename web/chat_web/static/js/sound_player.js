// Plays the sounds of messages, one at a time. What shows a sound asks here how it stands, and is told of changes.
import { missingWords } from "./missing_file.js";
import { addressOf } from "./shared_files.js";

/**
 * @typedef {import("./shared_files.js").SharedFile} SharedFile
 * @typedef {{ isPlaying: boolean, position: number, duration: number, rate: number, problem: string }} Standing
 * @typedef {{ file: SharedFile, show: () => void }} View
 */

const RATES = [1, 1.5, 2];
const EVENTS = ["play", "pause", "timeupdate", "durationchange", "seeked"];

class SoundPlayer {
  /** @type {HTMLAudioElement | null} */
  #audio = null;
  /** @type {SharedFile | null} */
  #file = null;
  #rate = 1;
  #problem = "";
  /** @type {WeakMap<Element, View>} by the `.sound` that it is */
  #views = new WeakMap();

  /**
   * @param {HTMLElement} node
   * @param {View} view
   */
  add(node, view) {
    this.#views.set(node, view);
  }

  /**
   * @param {SharedFile} file
   * @returns {Standing}
   */
  standingOf(file) {
    const audio = file.id === this.#file?.id ? this.#audio : null;
    // A recording does not always say how long it is.
    const known = audio && Number.isFinite(audio.duration) ? audio.duration : null;
    const duration = known || file.duration || 0;
    return {
      isPlaying: audio !== null && !audio.paused,
      position: Math.min(audio?.currentTime ?? 0, duration || Infinity),
      duration,
      rate: this.#rate,
      problem: audio ? this.#problem : "",
    };
  }

  /** @param {SharedFile} file */
  toggle(file) {
    const audio = this.#take(file);
    if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  }

  /**
   * @param {SharedFile} file
   * @param {number} seconds
   */
  seek(file, seconds) {
    this.#take(file).currentTime = Math.max(0, Math.min(seconds, this.standingOf(file).duration));
    this.#show();
  }

  /** The next speed, of this sound and of those after it. */
  changeRate() {
    this.#rate = RATES[(RATES.indexOf(this.#rate) + 1) % RATES.length];
    if (this.#audio) this.#audio.playbackRate = this.#audio.defaultPlaybackRate = this.#rate;
    this.#show();
  }

  /**
   * @param {SharedFile} file
   * @returns {HTMLAudioElement}
   */
  #take(file) {
    this.#audio ??= this.#make();
    const audio = this.#audio;
    if (this.#file?.id === file.id && !this.#problem) return audio;
    this.#file = file;
    this.#problem = "";
    audio.src = addressOf(file.id);
    audio.playbackRate = audio.defaultPlaybackRate = this.#rate;
    this.#show();
    return audio;
  }

  #make() {
    const audio = new Audio();
    audio.preload = "none";
    for (const name of EVENTS) audio.addEventListener(name, () => this.#show());
    audio.addEventListener("ended", () => this.#goOn());
    audio.addEventListener("error", () => this.#fail());
    return audio;
  }

  async #fail() {
    const file = this.#file;
    if (!file) return;
    const { words } = await missingWords(file);
    if (this.#file === file) this.#problem = words;
    this.#show();
  }

  /** Play the one that follows in the conversation. */
  #goOn() {
    const nodes = [...document.querySelectorAll(".messages .sound")];
    const at = nodes.findIndex((node) => this.#views.get(node)?.file.id === this.#file?.id);
    const next = at < 0 ? undefined : nodes[at + 1];
    const view = next && this.#views.get(next);
    if (view) this.toggle(view.file);
    else this.#show();
  }

  /** Tell all that show a sound. Where none shows the one that plays any more, it stops. */
  #show() {
    let isShown = false;
    for (const node of document.querySelectorAll(".sound")) {
      const view = this.#views.get(node);
      view?.show();
      isShown ||= view?.file.id === this.#file?.id;
    }
    if (!isShown && this.#audio && !this.#audio.paused) this.#audio.pause();
  }
}

export const sounds = new SoundPlayer();
