// The microphone beside an empty field. Held, it records until it is let go; tapped, until it is sent. Sliding away from it
// and Esc cancel.
import { find, icon, make, setText } from "./dom.js";
import { t } from "./i18n.js";
import { makeClientId } from "./outbox_entry.js";
import { peaksOf } from "./peaks.js";
import { canRecord, Recorder } from "./recorder.js";

/** @typedef {import("./upload_entry.js").Prepared} Prepared */

const HELD_MS = 400;
const SHORTEST_S = 0.5;
const SLIDE_PX = 80;
const STROKES = 48;
const SVG = "http://www.w3.org/2000/svg";

/** @param {number} seconds */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export class Voice {
  /** @type {Recorder | null} */
  #recorder = null;
  #isBeginning = false;
  #isUnwanted = false;
  #pressedAt = 0;
  #pressedX = 0;
  #parts;
  #form = find(".composer");
  #button = find("#record", document, HTMLButtonElement);
  #time = make("span");
  #wave = document.createElementNS(SVG, "path");
  #row = make("div", { class: "record" });

  /**
   * @param {object} parts
   * @param {(file: Prepared) => void} parts.send
   * @param {(words: string) => void} parts.say
   * @param {(words: string) => void} parts.note shows why there is no recording
   */
  constructor(parts) {
    this.#parts = parts;
    this.#build();
    this.#listen();
  }

  #build() {
    const words = t("Cancel recording");
    const cancel = make("button", { class: "icon-button", type: "button", "aria-label": words, title: words });
    cancel.append(icon("close"));
    cancel.addEventListener("click", () => this.cancel());
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", `0 0 ${3 * STROKES} 28`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    svg.append(this.#wave);
    const hint = make("span", { class: "record__hint" }, t("Slide to cancel"));
    this.#row.append(cancel, make("i"), this.#time, svg, hint);
    find(".composer__line").append(this.#row);
  }

  #listen() {
    this.#button.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      // It is recording already, since a tap: this press sends.
      if (this.#recorder) return void this.finish();
      this.#button.setPointerCapture(event.pointerId);
      [this.#pressedAt, this.#pressedX] = [performance.now(), event.clientX];
      if (!this.#isBeginning) this.#begin();
    });
    this.#button.addEventListener("pointermove", ({ clientX }) => {
      if (this.#pressedAt && Math.abs(clientX - this.#pressedX) > SLIDE_PX) this.cancel();
    });
    this.#button.addEventListener("pointerup", () => {
      const wasHeld = this.#pressedAt && performance.now() - this.#pressedAt > HELD_MS;
      this.#pressedAt = 0;
      if (wasHeld) this.finish();
    });
    this.#button.addEventListener("pointercancel", () => this.cancel());
    // By keyboard: one press begins, the next one sends.
    this.#button.addEventListener("click", ({ detail }) => {
      if (detail) return;
      if (this.#isRecording) this.finish();
      else this.#begin();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#isRecording) return;
      event.preventDefault();
      this.cancel();
    });
  }

  get #isRecording() {
    return this.#isBeginning || this.#recorder !== null;
  }

  async #begin() {
    if (!canRecord()) return this.#parts.note(t("Voice messages need https, or this very computer."));
    this.#isBeginning = true;
    this.#isUnwanted = false;
    try {
      const recorder = await Recorder.begin(() => this.#show());
      this.#recorder = recorder;
      this.#isBeginning = false;
      if (this.#isUnwanted) return void this.#end();
      this.#mark(true);
      this.#parts.say(t("Recording. Send it with the button, Esc cancels."));
    } catch {
      this.#isBeginning = false;
      this.#parts.note(t("The microphone cannot be used. Allow it in the browser's settings."));
    }
  }

  /** @param {boolean} isOn */
  #mark(isOn) {
    this.#form.toggleAttribute("data-recording", isOn);
    const words = isOn ? t("Send the recording") : t("Record a voice message");
    Object.assign(this.#button, { ariaLabel: words, title: words });
    this.#button.replaceChildren(icon(isOn ? "send" : "mic"));
    this.#show();
  }

  #show() {
    const { seconds, levels } = this.#recorder ?? { seconds: 0, levels: [] };
    setText(this.#time, clock(seconds));
    const strokes = levels.slice(-STROKES).map((level, index) => {
      const half = 1 + 12 * level;
      return `M${2 + 3 * index} ${(14 - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
    });
    this.#wave.setAttribute("d", strokes.join(""));
  }

  async #end() {
    const recorder = this.#recorder;
    this.#recorder = null;
    this.#pressedAt = 0;
    this.#mark(false);
    return recorder && { ...(await recorder.stop()), peaks: peaksOf(recorder.levels) };
  }

  /** Nothing of it is kept. */
  cancel() {
    if (!this.#isRecording) return;
    this.#isUnwanted = true;
    this.#end();
    this.#parts.say(t("Recording cancelled"));
  }

  async finish() {
    if (!this.#recorder) return this.cancel();
    const recorded = await this.#end();
    if (!recorded || recorded.duration < SHORTEST_S) {
      this.#parts.note(t("Hold longer to record, or tap to keep recording."));
      return;
    }
    const name = `voice.${recorded.type.split("/")[1]}`;
    this.#parts.send({ ...recorded, name, clientId: makeClientId() });
  }
}
