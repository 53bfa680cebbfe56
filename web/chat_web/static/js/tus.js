// Speaks tus 1.0 with the server: begins an upload, asks how far it has come, brings its next piece, gives it up.
import { Refused } from "./api.js";

/**
 * What the server is told of a file. `thumbnailOf` is the server's id of the upload whose small version this one is.
 * @typedef {object} Described
 * @property {number} chatId
 * @property {string} name
 * @property {string} type
 * @property {number} [width]
 * @property {number} [height]
 * @property {number} [duration] seconds
 * @property {number[]} [peaks]
 * @property {string} [thumbhash]
 */

const UPLOADS = "/backend/uploads";
const VERSION = { "Tus-Resumable": "1.0.0" };
const ASK_LIMIT = 15_000;
const PIECE_LIMIT = 60_000;
// A HEAD has no body that would say it.
const CODES = /** @type {Record<number, string>} */ ({
  401: "not_logged_in",
  404: "no_such_upload",
  409: "wrong_offset",
  410: "upload_gone",
  423: "upload_busy",
  429: "rate_limited",
});

/** @param {string} text */
const toBase64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/**
 * The header `Upload-Metadata`.
 * @param {Described} file
 * @param {string} clientId
 * @param {number | null} thumbnailOf
 */
export function metadataOf({ chatId, peaks, ...said }, clientId, thumbnailOf) {
  const fields = {
    name: said.name,
    type: said.type,
    chat_id: chatId,
    client_id: clientId,
    width: said.width,
    height: said.height,
    duration: said.duration,
    peaks: peaks?.join(","),
    thumbhash: said.thumbhash,
    thumbnail_of: thumbnailOf,
  };
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return known.map(([name, value]) => `${name} ${toBase64(String(value))}`).join(",");
}

export class Tus {
  #fetch;

  /** @param {(path: string, options: RequestInit) => Promise<Response>} [send] */
  constructor(send = (path, options) => fetch(path, options)) {
    this.#fetch = send;
  }

  /**
   * Begin an upload, or find the one that was begun under this client id. Throws Refused, as all of these do.
   * @param {Described & { size: number }} file
   * @param {{ clientId: string, thumbnailOf: number | null, signal: AbortSignal }} how
   */
  async begin(file, { clientId, thumbnailOf, signal }) {
    const headers = {
      "Upload-Length": String(file.size),
      "Upload-Metadata": metadataOf(file, clientId, thumbnailOf),
    };
    const answer = await this.#ask(UPLOADS, { method: "POST", headers, signal });
    const id = Number(answer.headers.get("Location")?.split("/").at(-1));
    if (!id) throw new Refused("unavailable");
    return { id, offset: offsetOf(answer) };
  }

  /**
   * How many bytes have come. Where that is all of them, the server completes the upload.
   * @param {number} id
   * @param {AbortSignal} signal
   */
  async offset(id, signal) {
    return offsetOf(await this.#ask(`${UPLOADS}/${id}`, { method: "HEAD", signal }));
  }

  /**
   * Bring the bytes from `offset` on; returns how many have come then.
   * @param {number} id
   * @param {{ offset: number, piece: Blob, signal: AbortSignal }} what
   */
  async bring(id, { offset, piece, signal }) {
    const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    const options = { method: "PATCH", headers, body: piece, signal };
    return offsetOf(await this.#ask(`${UPLOADS}/${id}`, options, PIECE_LIMIT));
  }

  /**
   * Give up an upload that was not sent. One that is not there any more is fine.
   * @param {number} id
   */
  async end(id) {
    await this.#ask(`${UPLOADS}/${id}`, { method: "DELETE", keepalive: true });
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   * @param {number} [limit]
   */
  async #ask(path, { headers, signal, ...options }, limit = ASK_LIMIT) {
    const signals = [AbortSignal.timeout(limit), ...(signal ? [signal] : [])];
    let answer;
    try {
      answer = await this.#fetch(path, {
        ...options,
        headers: { ...headers, ...VERSION },
        signal: AbortSignal.any(signals),
      });
    } catch {
      throw new Refused(signal?.aborted ? "stopped" : "unreachable");
    }
    if (answer.ok) return answer;
    const said = await answer.json().catch(() => null);
    const wait = Number(answer.headers.get("Retry-After")) || 0;
    throw new Refused(said?.code ?? CODES[answer.status] ?? "unavailable", wait);
  }
}

/** @param {Response} answer */
function offsetOf(answer) {
  const offset = Number(answer.headers.get("Upload-Offset") ?? Number.NaN);
  if (!Number.isInteger(offset)) throw new Refused("unavailable");
  return offset;
}
