// Reads a thumbhash: a picture in 40 bytes at most, as waves of brightness, of two colours and of opacity. The format is
// public: https://evanw.github.io/thumbhash/

const LONG_SIDE = 32; // pixels
const BRIGHTER = 1.25; // colours lost some of their strength when they were written in four bits

/** @typedef {{ wide: number, high: number, scale: number }} Shape how many waves a channel has, and how strong they are */
/** @typedef {{ x: number, y: number, by: number }} Wave */

/**
 * The bytes of base64, or null where it is none.
 * @param {string} text
 */
export function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/**
 * What the first bytes say: the means of the channels and their shapes.
 * @param {Uint8Array} hash
 */
function readHead(hash) {
  const first = hash[0] | (hash[1] << 8) | (hash[2] << 16);
  const second = hash[3] | (hash[4] << 8);
  const hasAlpha = first >> 23 === 1;
  const most = hasAlpha ? 5 : 7;
  const [wide, high] = second >> 15 ? [most, second & 7] : [second & 7, most];
  return {
    hasAlpha,
    ratio: wide / high,
    light: (first & 63) / 63,
    yellow: ((first >> 6) & 63) / 31.5 - 1,
    red: ((first >> 12) & 63) / 31.5 - 1,
    alpha: hasAlpha ? (hash[5] & 15) / 15 : 1,
    shapes: [
      { wide: Math.max(3, wide), high: Math.max(3, high), scale: ((first >> 18) & 31) / 31 },
      { wide: 3, high: 3, scale: (((second >> 3) & 63) / 63) * BRIGHTER },
      { wide: 3, high: 3, scale: (((second >> 9) & 63) / 63) * BRIGHTER },
      ...(hasAlpha ? [{ wide: 5, high: 5, scale: (hash[5] >> 4) / 15 }] : []),
    ],
  };
}

/**
 * The waves of all channels, each of four bits, one channel behind the other.
 * @param {Uint8Array} hash
 * @param {Shape[]} shapes
 * @param {number} from the first byte of them
 */
function readWaves(hash, shapes, from) {
  let at = 2 * from;
  return shapes.map(({ wide, high, scale }) => {
    /** @type {Wave[]} */
    const waves = [];
    for (let y = 0; y < high; y += 1) {
      for (let x = y ? 0 : 1; x * high < wide * (high - y); x += 1, at += 1) {
        const bits = (hash[at >> 1] >> (at & 1 ? 4 : 0)) & 15;
        waves.push({ x, y, by: (bits / 7.5 - 1) * scale });
      }
    }
    return waves;
  });
}

/**
 * The cosines of a side: how strong wave number `n` is at each pixel.
 * @param {number} length
 */
const cosines = (length) =>
  Array.from({ length: 7 }, (_one, n) =>
    Array.from({ length }, (_two, at) => (n ? 2 : 1) * Math.cos((Math.PI / length) * (at + 0.5) * n)),
  );

/**
 * The values of a channel, a pixel behind the other.
 * @param {Wave[]} waves
 * @param {number} mean
 * @param {{ width: number, height: number }} size
 */
function spread(waves, mean, { width, height }) {
  const [across, down] = [cosines(width), cosines(height)];
  const values = new Float32Array(width * height).fill(mean);
  for (const { x, y, by } of waves) {
    // A wave that runs one way only counts twice, as one of both ways does.
    const force = x && y ? by / 2 : by;
    for (let row = 0, at = 0; row < height; row += 1) {
      const strength = force * down[y][row];
      for (let column = 0; column < width; column += 1, at += 1) values[at] += strength * across[x][column];
    }
  }
  return values;
}

/**
 * The picture of a thumbhash, as canvases want it; null where these bytes are none.
 * @param {Uint8Array} hash
 */
export function readThumbhash(hash) {
  if (hash.length < 5) return null;
  const { hasAlpha, ratio, light, yellow, red, alpha, shapes } = readHead(hash);
  if (!(ratio > 0 && ratio < 8)) return null;
  const size = {
    width: Math.max(1, Math.round(ratio > 1 ? LONG_SIDE : LONG_SIDE * ratio)),
    height: Math.max(1, Math.round(ratio > 1 ? LONG_SIDE / ratio : LONG_SIDE)),
  };
  const waves = readWaves(hash, shapes, hasAlpha ? 6 : 5);
  const means = [light, yellow, red, alpha];
  const [l, p, q, a] = means.map((mean, channel) => spread(waves[channel] ?? [], mean, size));
  const pixels = new Uint8ClampedArray(4 * size.width * size.height);
  for (let at = 0; at < l.length; at += 1) {
    const b = l[at] - (2 / 3) * p[at];
    const r = (3 * l[at] - b + q[at]) / 2;
    pixels.set([255 * r, 255 * (r - q[at]), 255 * b, 255 * a[at]], 4 * at);
  }
  return { ...size, pixels };
}
