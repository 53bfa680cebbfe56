// Brings files to the server, two at a time, whatever breaks: what is not there yet goes on where it stopped.
import { Refused } from "./api.js";
import { beginAnew, makeUploads, takeRefusal } from "./upload_entry.js";
import { Pace } from "./upload_pace.js";

/**
 * @typedef {import("./upload_entry.js").Upload} Upload
 * @typedef {import("./upload_entry.js").Prepared} Prepared
 */

const AT_ONCE = 2;
// Between keeping a file and keeping the message that it belongs to there is a moment.
const ORPHANED = 60_000;

export class Uploads {
  /** @type {Map<string, Upload>} in the order in which they were added */
  #all = new Map();
  /** @type {Map<string, AbortController>} */
  #running = new Map();
  /** @type {Set<string>} what this tab has let go of, and may still find in what is kept */
  #gone = new Set();
  /** @type {import("./clock.js").Timer} */
  #timer = 0;
  #pace = new Pace();
  #userId = 0;
  #isLoaded = false;
  #leads = false;
  #connected = false;
  #storage;
  #tus;
  #clock;
  #changed;

  /**
   * `changed()` runs whenever one has come further, is complete, or has failed.
   * @param {object} parts
   * @param {import("./upload_storage.js").UploadStorage} parts.storage
   * @param {import("./tus.js").Tus} parts.tus
   * @param {import("./clock.js").Clock} parts.clock
   * @param {() => void} parts.changed
   */
  constructor({ storage, tus, clock, changed }) {
    this.#storage = storage;
    this.#tus = tus;
    this.#clock = clock;
    this.#changed = changed;
  }

  /**
   * Go on with what this browser keeps of a user.
   * @param {number} userId
   */
  open(userId) {
    this.#userId = userId;
    return this.load();
  }

  /** Read what is kept: at start, and when another tab may have changed it. */
  async load() {
    const before = [...this.#all.values()].filter((one) => one.isKept);
    const kept = new Map((await this.#storage.load(this.#userId)).map((one) => [one.clientId, one]));
    for (const { clientId } of before) if (!kept.has(clientId)) this.#let(clientId);
    for (const [clientId, { id, sentAs, state, code, ...rest }] of kept) {
      const known = this.#all.get(clientId);
      if (this.#gone.has(clientId) || this.#running.has(clientId)) continue;
      if (known) Object.assign(known, { id, sentAs, state, code });
      else this.#all.set(clientId, { ...rest, id, sentAs, state, code, notBefore: 0, isKept: true });
    }
    this.#isLoaded = true;
    this.#changed();
    this.#pump();
  }

  /**
   * Only one tab brings files at a time, the one that sends.
   * @param {boolean} leads
   */
  async setLeads(leads) {
    this.#leads = leads;
    if (leads) return this.load();
    this.#clock.cancel(this.#timer);
    for (const running of this.#running.values()) running.abort();
  }

  /** @param {boolean} connected */
  setConnected(connected) {
    this.#connected = connected;
    if (!connected) return;
    for (const upload of this.#all.values()) upload.notBefore = 0;
    this.#pump();
  }

  /**
   * Take the files of a message. Resolves when they are kept.
   * @param {number} chatId
   * @param {Prepared[]} files
   */
  async add(chatId, files) {
    const added = makeUploads(files, { chatId, userId: this.#userId, at: this.#clock.now() });
    for (const one of added) this.#all.set(one.clientId, one);
    this.#changed();
    await Promise.all(
      added.map(async (one) => {
        one.isKept = await this.#storage.add(one);
      }),
    );
    this.#pump();
  }

  /** @param {string} clientId */
  find(clientId) {
    return this.#all.get(clientId) ?? null;
  }

  /**
   * The server's ids of the files of a message, null until all of them are complete; `code` says why that will not be.
   * @param {string[]} clientIds
   * @returns {{ ids: number[] | null, code: string | null }}
   */
  stateOf(clientIds) {
    const files = clientIds.map((one) => this.#all.get(one));
    if (files.some((one) => !one)) return { ids: null, code: this.#isLoaded ? "file_lost" : null };
    const all = this.#withThumbnails(clientIds);
    const failed = all.find((one) => one.state === "failed");
    if (failed) return { ids: null, code: failed.code };
    if (all.some((one) => one.state !== "complete")) return { ids: null, code: null };
    return { ids: files.map((one) => one?.id ?? 0), code: null };
  }

  /**
   * Bring them once more, from the beginning: the server has no such files any more, or has refused them.
   * @param {string[]} clientIds
   * @param {number} chatId for which they are
   */
  again(clientIds, chatId) {
    for (const upload of this.#withThumbnails(clientIds)) {
      this.#running.get(upload.clientId)?.abort();
      Object.assign(upload, { chatId, state: "waiting", code: null, tries: 0, notBefore: 0 });
      beginAnew(upload);
      this.#storage.update(upload);
    }
    this.#changed();
    this.#pump();
  }

  /**
   * They are sent, or not to be sent; `end` tells the server that they are not.
   * @param {string[]} clientIds
   * @param {{ end?: boolean }} [how]
   */
  forget(clientIds, { end = false } = {}) {
    for (const { clientId, id } of this.#withThumbnails(clientIds)) {
      this.#let(clientId);
      this.#gone.add(clientId);
      this.#storage.remove(clientId);
      // Where this does not arrive, the server lets go of it after a day.
      if (end && id) this.#tus.end(id).catch(() => {});
    }
    this.#changed();
    this.#pump();
  }

  /**
   * Let go of what no message needs: the page ended between keeping a file and keeping its message.
   * @param {string[]} needed
   */
  forgetOthers(needed) {
    const used = new Set(needed);
    const others = [...this.#all.values()].filter(
      ({ clientId, thumbnailOf, at }) => !used.has(thumbnailOf ?? clientId) && at < this.#clock.now() - ORPHANED,
    );
    if (others.length)
      this.forget(
        others.map((one) => one.clientId),
        { end: true },
      );
  }

  /** @param {string} clientId */
  #let(clientId) {
    this.#all.delete(clientId);
    this.#running.get(clientId)?.abort();
  }

  /**
   * @param {string[]} clientIds
   * @returns {Upload[]}
   */
  #withThumbnails(clientIds) {
    const wanted = new Set(clientIds);
    return [...this.#all.values()].filter((one) => wanted.has(one.clientId) || wanted.has(one.thumbnailOf ?? ""));
  }

  /** Begin as many as there is room for. */
  #pump() {
    this.#clock.cancel(this.#timer);
    if (!this.#leads || !this.#connected) return;
    let next = Number.POSITIVE_INFINITY;
    for (const upload of this.#all.values()) {
      if (this.#running.size >= AT_ONCE) return;
      if (upload.state !== "waiting" || this.#running.has(upload.clientId) || !this.#isDue(upload)) continue;
      if (upload.notBefore > this.#clock.now()) next = Math.min(next, upload.notBefore);
      else this.#run(upload);
    }
    if (next < Number.POSITIVE_INFINITY) this.#timer = this.#clock.after(next - this.#clock.now(), () => this.#pump());
  }

  /**
   * A small version comes behind the file that it belongs to.
   * @param {Upload} upload
   */
  #isDue({ thumbnailOf }) {
    return !thumbnailOf || this.#all.get(thumbnailOf)?.state === "complete";
  }

  /** @param {Upload} upload */
  async #run(upload) {
    const stop = new AbortController();
    this.#running.set(upload.clientId, stop);
    try {
      await this.#bring(upload, stop.signal);
      Object.assign(upload, { state: "complete", offset: upload.size });
    } catch (failure) {
      const refusal = failure instanceof Refused ? failure : new Refused("unreachable");
      if (refusal.code === "unreachable") this.#pace.broke();
      if (!stop.signal.aborted) takeRefusal(upload, refusal, this.#clock.now());
    }
    this.#running.delete(upload.clientId);
    if (this.#all.get(upload.clientId) === upload) this.#storage.update(upload);
    this.#changed();
    this.#pump();
  }

  /**
   * @param {Upload} upload
   * @param {AbortSignal} signal
   */
  async #bring(upload, signal) {
    if (!upload.id) await this.#begin(upload, signal);
    const id = Number(upload.id);
    upload.offset = await this.#tus.offset(id, signal);
    while (upload.offset < upload.size) {
      const { offset } = upload;
      const piece = upload.blob.slice(offset, offset + this.#pace.size);
      const began = this.#clock.now();
      upload.offset = await this.#tus.bring(id, { offset, piece, signal });
      upload.tries = 0;
      this.#pace.came(piece.size, this.#clock.now() - began);
      this.#changed();
    }
  }

  /**
   * @param {Upload} upload
   * @param {AbortSignal} signal
   */
  async #begin(upload, signal) {
    const thumbnailOf = upload.thumbnailOf ? (this.#all.get(upload.thumbnailOf)?.id ?? null) : null;
    upload.id = (await this.#tus.begin(upload, { clientId: upload.sentAs, thumbnailOf, signal })).id;
    await this.#storage.update(upload);
  }
}
