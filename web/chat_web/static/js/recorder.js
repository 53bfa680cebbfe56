// Records what is said into the microphone, as the browser can: Opus in WebM, or AAC in MP4.
import { loudnessOf } from "./peaks.js";

const TYPES = ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/webm"];
const EVERY = 50;
const BITS = 32_000;

/** Whether there is a microphone to ask for: browsers hide it from pages that came by plain http from elsewhere. */
export const canRecord = () => Boolean(navigator.mediaDevices && "MediaRecorder" in globalThis);

export class Recorder {
  /** @type {number[]} how loud it was, 20 times a second */
  levels = [];
  #stream;
  #recorder;
  #context = new AudioContext();
  #began = performance.now();
  #timer;
  /** @type {Blob[]} */
  #parts = [];

  /**
   * `heard()` runs for each new level.
   * @param {MediaStream} stream
   * @param {() => void} heard
   */
  constructor(stream, heard) {
    this.#stream = stream;
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.#recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: BITS });
    this.#recorder.addEventListener("dataavailable", ({ data }) => this.#parts.push(data));
    const analyser = this.#context.createAnalyser();
    this.#context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.levels.push(loudnessOf(samples));
      heard();
    }, EVERY);
    this.#recorder.start();
  }

  /**
   * Ask for the microphone and begin. Rejects where it is not given.
   * @param {() => void} heard
   */
  static async begin(heard) {
    return new Recorder(await navigator.mediaDevices.getUserMedia({ audio: true }), heard);
  }

  /** For how many seconds it has recorded. */
  get seconds() {
    return (performance.now() - this.#began) / 1000;
  }

  /** End it; resolves to what was recorded. */
  async stop() {
    const duration = Math.round(this.seconds * 10) / 10;
    clearInterval(this.#timer);
    await new Promise((resolve) => {
      this.#recorder.addEventListener("stop", resolve, { once: true });
      this.#recorder.stop();
    });
    for (const track of this.#stream.getTracks()) track.stop();
    this.#context.close();
    const type = this.#recorder.mimeType.split(";")[0];
    return { blob: new Blob(this.#parts, { type }), type, duration };
  }
}
