// The other tabs of this browser: which one sends, and what each tells the others.
import { soon } from "./clock.js";
import { makeLease } from "./lease.js";
import { uploadsOf } from "./outbox_entry.js";
import { openStorage } from "./storage.js";

export class Tabs {
  #channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("chatapp") : null;
  #userId = 0;
  #isLeader = false;
  /** @type {import("./lease.js").Lease | null} */
  #lease = null;
  #outbox;
  #uploads;

  /**
   * `left()` runs when the user of this browser has logged out in another tab.
   * @param {{ outbox: import("./outbox.js").Outbox, uploads: import("./uploads.js").Uploads, left: () => void }} parts
   */
  constructor({ outbox, uploads, left }) {
    this.#outbox = outbox;
    this.#uploads = uploads;
    // Files first: no message is to be seen without them.
    const changedElsewhere = soon(120, () => uploads.load().then(() => outbox.load()));
    this.#channel?.addEventListener("message", ({ data }) => {
      if (data === "left") left();
      else if (this.#userId && data === this.#userId) changedElsewhere();
    });
  }

  /** Whether this tab is the one that sends and speaks. */
  get isLeader() {
    return this.#isLeader;
  }

  /**
   * Open what this browser keeps of a user, and queue up for sending it.
   * @param {number} userId
   */
  async open(userId) {
    this.#userId = userId;
    const storage = await openStorage(() => this.#channel?.postMessage(userId));
    await this.#uploads.open(userId);
    await this.#outbox.open(userId, storage);
    this.#uploads.forgetOthers(this.#outbox.entries.flatMap(uploadsOf));
    this.#lease = makeLease(`chatapp ${userId}`, storage, (mine) => {
      this.#isLeader = mine;
      this.#uploads.setLeads(mine);
      this.#outbox.setLeads(mine);
    });
    if (!document.hidden) this.lead();
  }

  /** Become the tab that sends: somebody uses this one. */
  lead() {
    this.#lease?.take();
  }
}
