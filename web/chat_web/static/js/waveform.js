// A sound as one sees it: bars as high as it is loud, those before a position and those behind it.

const HEIGHT = 28;
const STEP = 2.5;
const LOUDEST = 31;
const [LOW, HIGH] = [3, 24];
const FLAT = 64;

/** The width of a drawing of so many bars. */
export const WIDTH = FLAT * STEP;

/**
 * Which of the bars at `share` (0 to 1) of a sound are played.
 * @param {number} count
 * @param {number} share
 */
const playedOf = (count, share) => Math.round(Math.min(1, Math.max(0, share)) * count);

/**
 * The paths of the bars that were played and of those that were not. What has no peaks is a line of low ones.
 * @param {number[] | null} peaks
 * @param {number} share
 */
export function wavePaths(peaks, share) {
  const bars = peaks?.length ? peaks : Array(FLAT).fill(0);
  const step = WIDTH / bars.length;
  const paths = bars.map((peak, at) => {
    const height = LOW + ((HIGH - LOW) * Math.min(LOUDEST, Math.max(0, peak))) / LOUDEST;
    return `M${(at * step + step / 2).toFixed(1)} ${((HEIGHT - height) / 2).toFixed(1)}v${height.toFixed(1)}`;
  });
  const played = playedOf(bars.length, share);
  return [paths.slice(0, played).join(""), paths.slice(played).join("")];
}
