// How loud is a recording, in so many strokes as are drawn of it? Numbers only.

const COUNT = 64;
const LOUDEST = 31;

/**
 * How loud some sound is, from 0 to 1: its root mean square, on a scale on which speech is seen.
 * @param {Float32Array} samples from -1 to 1
 */
export function loudnessOf(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return Math.min(1, Math.sqrt(Math.sqrt(sum / Math.max(1, samples.length))));
}

/**
 * The loudness of a recording in 64 steps, each from 0 to 31; the loudest one reaches the top.
 * @param {number[]} levels as they came, from 0 to 1
 */
export function peaksOf(levels) {
  const most = Math.max(...levels, 0.01);
  return Array.from({ length: COUNT }, (_, index) => {
    const from = Math.floor((index * levels.length) / COUNT);
    const to = Math.max(from + 1, Math.floor(((index + 1) * levels.length) / COUNT));
    const part = levels.slice(from, to);
    return Math.round((LOUDEST * Math.max(0, ...part)) / most);
  });
}
