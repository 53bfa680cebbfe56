// Writes a thumbhash: a picture in 25 bytes at most, as waves of brightness, of two colours and of opacity. The format is
// public: https://evanw.github.io/thumbhash/

/** @typedef {{ width: number, height: number, data: Uint8ClampedArray | Uint8Array }} Pixels four bytes each */
/** @typedef {{ mean: number, waves: number[], scale: number }} Channel */

/**
 * The mean colour and opacity, from 0 to 1; a pixel counts as much as it is opaque.
 * @param {Pixels} pixels
 */
function meanOf({ data }) {
  const mean = [0, 0, 0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] / 255;
    for (let colour = 0; colour < 3; colour += 1) mean[colour] += (alpha / 255) * data[at + colour];
    mean[3] += alpha;
  }
  const total = mean[3];
  return total ? mean.map((sum, index) => (index < 3 ? sum / total : sum)) : mean;
}

/**
 * Brightness, yellow against blue, red against green, and opacity of each pixel, on a ground of the mean colour.
 * @param {Pixels} pixels
 * @param {number[]} mean
 */
function channelsOf({ data }, mean) {
  const count = data.length / 4;
  const [light, yellow, red, opacity] = Array.from({ length: 4 }, () => new Float64Array(count));
  for (let pixel = 0; pixel < count; pixel += 1) {
    const alpha = data[4 * pixel + 3] / 255;
    const [r, g, b] = [0, 1, 2].map((colour) => mean[colour] * (1 - alpha) + (alpha / 255) * data[4 * pixel + colour]);
    light[pixel] = (r + g + b) / 3;
    yellow[pixel] = (r + g) / 2 - b;
    red[pixel] = r - g;
    opacity[pixel] = alpha;
  }
  return { light, yellow, red, opacity };
}

/**
 * How strong one wave is in a channel.
 * @param {Float64Array} channel
 * @param {Pixels} size
 * @param {{ x: number, y: number }} wave
 */
function strengthOf(channel, { width, height }, { x, y }) {
  const across = Array.from({ length: width }, (_, column) => Math.cos((Math.PI / width) * x * (column + 0.5)));
  let sum = 0;
  for (let row = 0; row < height; row += 1) {
    const down = Math.cos((Math.PI / height) * y * (row + 0.5));
    for (let column = 0; column < width; column += 1) sum += channel[column + row * width] * across[column] * down;
  }
  return sum / (width * height);
}

/**
 * The waves of a channel, `wide` by `high` at most, each from 0 to 1 where 0.5 is none.
 * @param {Float64Array} channel
 * @param {Pixels} size
 * @param {{ wide: number, high: number }} most
 * @returns {Channel}
 */
function wavesOf(channel, size, { wide, high }) {
  const waves = [];
  for (let y = 0; y < high; y += 1) {
    for (let x = y ? 0 : 1; x * high < wide * (high - y); x += 1) waves.push(strengthOf(channel, size, { x, y }));
  }
  const scale = Math.max(...waves.map(Math.abs));
  const mean = strengthOf(channel, size, { x: 0, y: 0 });
  return { mean, scale, waves: scale ? waves.map((one) => 0.5 + (0.5 / scale) * one) : waves };
}

/**
 * The thumbhash of a picture of 100 by 100 pixels at most.
 * @param {Pixels} pixels
 */
export function thumbhashOf(pixels) {
  const { width, height } = pixels;
  const mean = meanOf(pixels);
  const hasAlpha = mean[3] < width * height;
  const { light, yellow, red, opacity } = channelsOf(pixels, mean);
  const most = (hasAlpha ? 5 : 7) / Math.max(width, height);
  const [wide, high] = [Math.max(1, Math.round(most * width)), Math.max(1, Math.round(most * height))];
  const l = wavesOf(light, pixels, { wide: Math.max(3, wide), high: Math.max(3, high) });
  const p = wavesOf(yellow, pixels, { wide: 3, high: 3 });
  const q = wavesOf(red, pixels, { wide: 3, high: 3 });
  const a = hasAlpha ? [wavesOf(opacity, pixels, { wide: 5, high: 5 })] : [];
  const isWide = width > height;
  const first =
    Math.round(63 * l.mean) |
    (Math.round(31.5 + 31.5 * p.mean) << 6) |
    (Math.round(31.5 + 31.5 * q.mean) << 12) |
    (Math.round(31 * l.scale) << 18) |
    (Number(hasAlpha) << 23);
  const second =
    (isWide ? high : wide) | (Math.round(63 * p.scale) << 3) | (Math.round(63 * q.scale) << 9) | (Number(isWide) << 15);
  const head = [first & 255, (first >> 8) & 255, first >> 16, second & 255, second >> 8];
  for (const { mean: opaque, scale } of a) head.push(Math.round(15 * opaque) | (Math.round(15 * scale) << 4));
  const fours = [l, p, q, ...a].flatMap(({ waves }) => waves.map((one) => Math.round(15 * one)));
  const tail = Array.from(
    { length: Math.ceil(fours.length / 2) },
    (_, at) => fours[2 * at] | ((fours[2 * at + 1] ?? 0) << 4),
  );
  return Uint8Array.from([...head, ...tail]);
}
