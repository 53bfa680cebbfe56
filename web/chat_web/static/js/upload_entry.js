// What is a file on its way to the server, and what becomes of it where the server refuses it?
import { makeClientId } from "./outbox_entry.js";

/**
 * `thumbnailOf` is the client id of the upload whose small version this one is.
 * @typedef {object} UploadState
 * @property {string} clientId its name in this browser
 * @property {string} sentAs its name at the server: another one where it had to begin anew
 * @property {number} userId
 * @property {number} at when it was added: they are brought in this order
 * @property {number} size
 * @property {Blob} blob
 * @property {string | null} thumbnailOf
 * @property {number | null} id the server's, once it has begun
 * @property {"waiting" | "complete" | "failed"} state
 * @property {string | null} code why it has failed
 * @property {number} offset how many bytes have come, as far as is known
 * @property {number} tries how often it was refused since something came
 * @property {number} notBefore milliseconds
 * @property {boolean} isKept whether it survives a reload
 * @typedef {import("./tus.js").Described & UploadState} Upload
 *
 * @typedef {Omit<import("./tus.js").Described, "chatId"> & { blob: Blob }} NewFile
 * @typedef {NewFile & { clientId: string, thumbnail?: NewFile | null }} Prepared a file as it is sent, and its small version
 */

const MOST_ANEW = 3;
const [SHORTEST_WAIT, LONGEST_WAIT] = [1000, 30_000];
// What the server does not know (any more) begins anew, under another name.
const ANEW = new Set(["no_such_upload", "upload_gone", "client_id_reused"]);
// Waiting does not help against these; who sends it has to know.
const FINAL = new Set([
  ...["file_too_large", "quota_full", "disk_full", "bad_request", "bad_thumbnail", "no_such_chat", "forbidden"],
  ...["too_large", "wrong_type", "wrong_version"],
]);

/** @type {Pick<Upload, "id" | "state" | "code" | "offset" | "tries" | "notBefore" | "isKept">} */
const FRESH = { id: null, state: "waiting", code: null, offset: 0, tries: 0, notBefore: 0, isKept: false };

/**
 * The uploads of one message: each file, and behind it its small version.
 * @param {Prepared[]} files
 * @param {{ chatId: number, userId: number, at: number }} where
 * @returns {Upload[]}
 */
export function makeUploads(files, { at, ...where }) {
  /** @type {(file: NewFile, clientId: string, thumbnailOf: string | null) => Upload} */
  const make = (file, clientId, thumbnailOf) => ({
    ...{ ...FRESH, ...file, ...where, at, clientId, sentAs: clientId, thumbnailOf, size: file.blob.size },
  });
  const uploads = files.flatMap(({ thumbnail, clientId, ...file }) => {
    const own = make(file, clientId, null);
    return thumbnail ? [own, make(thumbnail, makeClientId(), clientId)] : [own];
  });
  return uploads.map((one, index) => ({ ...one, at: at + index / 1000 }));
}

/**
 * Begin anew, from the first byte.
 * @param {Upload} upload
 */
export const beginAnew = (upload) => void Object.assign(upload, { id: null, offset: 0, sentAs: makeClientId() });

/**
 * Take that the server has refused it, or was not there: it waits, begins anew, or has failed.
 * @param {Upload} upload
 * @param {{ code: string, wait: number }} refusal
 * @param {number} now
 */
export function takeRefusal(upload, { code, wait }, now) {
  upload.tries += 1;
  if (ANEW.has(code) && upload.tries <= MOST_ANEW) beginAnew(upload);
  // A file goes without its small version rather than not at all.
  else if (ANEW.has(code) || FINAL.has(code))
    Object.assign(upload, upload.thumbnailOf ? { state: "complete" } : { state: "failed", code });
  const ms = wait * 1000 || Math.min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** (upload.tries - 1));
  upload.notBefore = now + ms;
}
