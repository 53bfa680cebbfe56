// The other tabs of this browser: which one sends, and what each tells the others.
import { soon } from "./clock.js";
import { makeLease } from "./lease.js";
import { openStorage } from "./storage.js";

export class Tabs {
  #channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("chatapp") : null;
  #userId = 0;
  #isLeader = false;
  /** @type {import("./lease.js").Lease | null} */
  #lease = null;
  #outbox;

  /**
   * `left()` runs when the user of this browser has logged out in another tab.
   * @param {{ outbox: import("./outbox.js").Outbox, left: () => void }} parts
   */
  constructor({ outbox, left }) {
    this.#outbox = outbox;
    const changedElsewhere = soon(120, () => outbox.load());
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
    await this.#outbox.open(userId, storage);
    this.#lease = makeLease(`chatapp ${userId}`, storage, (mine) => {
      this.#isLeader = mine;
      this.#outbox.setLeads(mine);
    });
    if (!document.hidden) this.lead();
  }

  /** Become the tab that sends: somebody uses this one. */
  lead() {
    this.#lease?.take();
  }
}
