// The sound of a new message: two soft notes. They are made, not loaded.

const NOTES = [
  { pitch: 659, delay: 0 },
  { pitch: 880, delay: 0.11 },
];

/** @type {AudioContext | null} */
let audio = null;

/** Play it; a browser that wants a click first stays silent. */
export function chime() {
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
    for (const { pitch, delay } of NOTES) playNote(audio, pitch, audio.currentTime + delay);
  } catch {
    // No sound, then.
  }
}

/**
 * @param {AudioContext} context
 * @param {number} pitch
 * @param {number} start
 */
function playNote(context, pitch, start) {
  const note = context.createOscillator();
  const volume = context.createGain();
  note.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, start);
  volume.gain.exponentialRampToValueAtTime(0.08, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
  note.connect(volume).connect(context.destination);
  note.start(start);
  note.stop(start + 0.4);
}
