// Whatever overtakes what, in the end the page holds what the server has, and never shows a hole.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { getChats } from "../../web/chat_web/static/js/api.js";
import { toMessage } from "../../web/chat_web/static/js/chat.js";
import { ChatLoader } from "../../web/chat_web/static/js/chat_loader.js";
import { Frames } from "../../web/chat_web/static/js/frames.js";
import { History } from "../../web/chat_web/static/js/history.js";
import { chatOf, keptOf, newestOf } from "../../web/chat_web/static/js/kept.js";
import { heldSeq, isFetched, runOf } from "../../web/chat_web/static/js/runs.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { Sync } from "../../web/chat_web/static/js/sync.js";
import { Clock, settle } from "./clock.mjs";
import { random, Server } from "./model.mjs";

const RUNS = 100;
const STEPS = 250;
const ME = { id: 1, username: "ada" };

const real = { fetch: globalThis.fetch, setTimeout: globalThis.setTimeout };
after(() => Object.assign(globalThis, real));

/** A page without a screen. */
function openPage(server, clock, keptBefore) {
  const store = new Store();
  store.setMe(ME);
  if (keptBefore) store.takeKept({ me: ME, chats: keptBefore });
  const sync = new Sync({ store, clock, send: (frame) => server.receive(frame) });
  const history = new History({ store, again: () => {}, ask: () => sync.ask() });
  const nothing = () => {};
  const frames = new Frames({
    store,
    sync,
    history,
    outbox: { entries: [], stored: nothing, refused: nothing },
    health: { hear: nothing },
    newChat: { added: () => false, refused: () => false },
    receipts: { soon: nothing },
    router: { leaveUnknown: nothing },
    settings: () => null,
    page: { announce: nothing, updatePerson: nothing, notifier: { say: nothing } },
  });
  const fetchLatest = (chat) => history.latest(chat);
  const loader = new ChatLoader({ store, clock, getChats, fetchLatest, ask: () => sync.ask() });
  return { store, sync, history, frames, loader };
}

class Run {
  /** With `purges`, messages go often, also the latest ones, which the page may not have got to. */
  constructor(seed, purges) {
    this.pick = random(seed);
    this.purges = purges;
    this.server = new Server(this.pick);
    this.clock = new Clock();
    Object.assign(globalThis, { fetch: this.server.fetch, setTimeout: (run, ms) => this.clock.after(ms, run) });
  }

  one(list) {
    return list[Math.floor(this.pick() * list.length)];
  }

  /** Something happens on the server. */
  happen() {
    const { server } = this;
    const chat = this.one([...server.chats.values()]);
    if (!chat || this.pick() < 0.03) return server.addChat(server.chats.size + 1);
    const low = this.purges ? Math.max(0, chat.lastSeq - 6) : 0;
    const seq = low + Math.ceil(this.pick() * (chat.lastSeq - low));
    const dice = this.pick();
    if (dice < 0.5) server.send(chat.id, this.one([1, chat.id * 10]), this.pick() < 0.3 && seq > chat.floor ? seq : 0);
    else if (dice < (this.purges ? 0.85 : 0.96))
      server.change(chat.id, seq, this.one(["edit", "delete", "react", "react"]));
    else server.purge(chat.id, seq);
  }

  open(kept) {
    this.page = openPage(this.server, this.clock, kept);
    this.loading = getChats("?limit=2").then(
      (first) => this.page.loader.load(first),
      () => this.page.loader.reload(),
    );
  }

  connect() {
    this.server.disconnect();
    this.server.connect();
    this.page.sync.restart();
  }

  lose() {
    this.server.disconnect();
    this.page.sync.stop();
  }

  /** Something that was under way arrives. */
  async arrive() {
    const full = Object.values(this.server.pipes).filter((pipe) => pipe.length);
    const { steps } = this.server;
    if (full.length && (!steps.length || this.pick() < 0.5)) this.page.frames.receive(this.one(full).shift());
    else if (steps.length) steps.splice(Math.floor(this.pick() * steps.length), 1)[0]();
    await settle();
    this.check();
  }

  /** Somebody reads: further up, in the middle, back to the end. */
  read() {
    const { store, history } = this.page;
    const chat = this.one([...store.chats.values()]);
    if (!chat) return;
    const dice = this.pick();
    if (dice < 0.4) history.older(chat);
    else if (dice < 0.6) history.newer(chat);
    else if (dice < 0.7) store.closePart(chat);
    else if (isFetched(chat)) history.around(chat, Math.floor(this.pick() * heldSeq(chat)));
  }

  async step() {
    const dice = this.pick();
    if (dice < 0.3) this.happen();
    else if (dice < 0.85) await this.arrive();
    else if (dice < 0.95) this.read();
    else if (dice < 0.97) this.connect();
    else if (dice < 0.98) this.lose();
    else this.clock.pass(2000);
  }

  /** What is shown has no hole, whatever is still under way. */
  check() {
    for (const chat of this.page.store.chats.values()) {
      for (const { messages } of [chat, runOf(chat)]) {
        for (const [at, one] of messages.entries()) assert.equal(one.seq, messages[0].seq + at);
        if (messages.length) assert.ok(messages[0].seq > chat.floor);
      }
    }
  }

  /** Nothing happens any more, and all that is under way arrives. */
  async end() {
    if (!this.server.isConnected) this.connect();
    for (let quiet = 0; quiet < 5; quiet += 1) {
      while (this.server.steps.length || Object.values(this.server.pipes).some((pipe) => pipe.length)) {
        await this.arrive();
        quiet = 0;
      }
      // Somebody looks into each chat.
      for (const chat of this.page.store.chats.values()) if (!isFetched(chat)) this.page.history.latest(chat);
      this.clock.pass(10_000);
      await settle();
    }
    await this.loading;
  }

  /** The page holds what the server has. */
  compare() {
    const { store } = this.page;
    assert.deepEqual([...store.chats.keys()].sort(), [...this.server.chats.keys()].sort());
    for (const [id, chat] of store.chats) {
      const { lastSeq, changeSeq, floor } = this.server.chats.get(id);
      // Where much is purged it may count fewer changes than it holds: the next one, or the next login, tells it.
      const held = this.purges ? Math.max(chat.heldChange, changeSeq) : chat.heldChange;
      const numbers = [heldSeq(chat), held, chat.floor, chat.ahead.size, chat.changesAhead.size];
      assert.deepEqual([id, ...numbers], [id, Math.max(lastSeq, floor), changeSeq, floor, 0, 0]);
      const rows = new Map(this.server.rowsOf(id).map((row) => [row.seq, toMessage(row)]));
      for (const { messages, more } of [chat, runOf(chat)]) {
        for (const one of messages) assert.deepEqual(shown(one), shown(rows.get(one.seq)));
        assert.equal(more, (messages[0]?.seq ?? floor + 1) > floor + 1);
      }
    }
  }
}

// Of what an answer is to is said when it goes; that it is gone is not.
const shown = ({ replyTo, clientId: _id, ...message }) => ({
  ...message,
  replyTo: replyTo?.gone ? null : replyTo && { ...replyTo },
});

async function run(seed, { reopens = false, purges = false } = {}) {
  const run = new Run(seed, purges);
  for (let count = 0; count < 40; count += 1) run.happen();
  run.open();
  for (let count = 0; count < STEPS; count += 1) await run.step();
  if (reopens) {
    // The page is closed with whatever it holds, and opened again from what it has kept.
    const { store } = run.page;
    const kept = newestOf(store).map((chat) => chatOf(structuredClone(keptOf(chat))));
    run.lose();
    run.server.steps.length = 0;
    for (let count = 0; count < 20; count += 1) run.happen();
    run.open(kept);
    for (let count = 0; count < STEPS; count += 1) await run.step();
  }
  await run.end();
  run.compare();
}

for (const reopens of [false, true]) {
  for (const purges of [false, true]) {
    const how = reopens ? "opened from what it has kept" : "opened anew";
    test(`in the end the page holds what the server has, ${how}${purges ? ", while messages go" : ""}`, async () => {
      for (let seed = 1; seed <= RUNS; seed += 1) {
        try {
          await run(seed, { reopens, purges });
        } catch (failure) {
          failure.message = `seed ${seed}: ${failure.message}`;
          throw failure;
        }
      }
    });
  }
}
