import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../web/chat_web/static/js/outbox.js";
import { makeClientId } from "../../web/chat_web/static/js/outbox_entry.js";
import { MemoryStorage } from "../../web/chat_web/static/js/storage.js";
import { Clock, settle } from "./clock.mjs";

const ADA = 1;

async function makeOutbox({ storage = new MemoryStorage(), userId = ADA, online = true, clock = new Clock() } = {}) {
  const frames = [];
  let open = online;
  const ids = Array.from({ length: 1000 }).keys();
  const outbox = new Outbox({
    clock,
    changed: () => {},
    makeId: () => `${userId}-${ids.next().value}-${Math.random()}`,
    send: (frame) => open && frames.push(frame) > 0,
  });
  await outbox.open(userId, storage);
  outbox.setLeads(true);
  outbox.setConnected(online);
  await settle();
  return {
    outbox,
    storage,
    frames,
    clock,
    texts: () => frames.map((frame) => frame.message),
    go: (state) => {
      open = state;
      outbox.setConnected(state);
    },
  };
}

test("one message of each chat is under way at a time, in order", async () => {
  const { outbox, frames, texts } = await makeOutbox();
  await Promise.all([outbox.add(7, "one"), outbox.add(7, "two"), outbox.add(8, "other chat")]);
  assert.deepEqual(texts(), ["one", "other chat"]);
  outbox.stored(frames[0].client_id);
  assert.deepEqual(texts(), ["one", "other chat", "two"]);
});

test("what is written offline is kept and sent after reconnecting, with the same client id", async () => {
  const { outbox, frames, go, storage } = await makeOutbox();
  await outbox.add(7, "one");
  go(false);
  await outbox.add(7, "two");
  assert.equal((await storage.load(ADA)).length, 2);
  go(true);
  assert.equal(frames.length, 2);
  assert.equal(frames[1].client_id, frames[0].client_id);
  outbox.stored(frames[1].client_id);
  assert.equal(frames[2].message, "two");
  outbox.stored(frames[2].client_id);
  await settle();
  assert.deepEqual(await storage.load(ADA), []);
});

test("a reload in the middle of a send sends again with the same client id, and an answer settles it once", async () => {
  const before = await makeOutbox();
  await before.outbox.add(7, "one");
  const after = await makeOutbox({ storage: before.storage });
  assert.equal(after.frames[0].client_id, before.frames[0].client_id);
  assert.ok(after.outbox.stored(after.frames[0].client_id));
  assert.equal(after.outbox.stored(after.frames[0].client_id), null);
});

test("the queue waits as long as the server says, then goes on in order", async () => {
  const { outbox, frames, clock, texts } = await makeOutbox();
  await Promise.all([outbox.add(7, "one"), outbox.add(7, "two")]);
  outbox.refused({ client_id: frames[0].client_id, code: "rate_limited", retry_after: 3 });
  await outbox.add(8, "other");
  clock.pass(2900);
  assert.deepEqual(texts(), ["one"]);
  clock.pass(200);
  assert.deepEqual(texts(), ["one", "one", "other"]);
  assert.equal(frames[1].client_id, frames[0].client_id);
});

test("unavailable without a time waits longer each time", async () => {
  const { outbox, frames, clock } = await makeOutbox();
  await outbox.add(7, "one");
  for (const seconds of [1, 2, 4]) {
    const sent = frames.length;
    outbox.refused({ client_id: frames[0].client_id, code: "unavailable" });
    clock.pass(seconds * 1000 - 1);
    assert.equal(frames.length, sent);
    clock.pass(1);
    assert.equal(frames.length, sent + 1);
  }
});

test("a refusal that waiting does not help fails the message, and the next one goes", async () => {
  const { outbox, frames, texts } = await makeOutbox();
  await Promise.all([outbox.add(7, "one"), outbox.add(7, "two")]);
  outbox.refused({ client_id: frames[0].client_id, code: "no_such_chat" });
  assert.deepEqual(
    outbox.entries.map((entry) => [entry.text, entry.state]),
    [
      ["one", "failed"],
      ["two", "waiting"],
    ],
  );
  assert.deepEqual(texts(), ["one", "two"]);
});

test("a failed message stays failed over a reload, and tries again when asked", async () => {
  const { outbox, frames, storage } = await makeOutbox();
  await outbox.add(7, "one");
  outbox.refused({ client_id: frames[0].client_id, code: "forbidden" });
  const after = await makeOutbox({ storage });
  assert.equal(after.frames.length, 0);
  await after.outbox.retry(frames[0].client_id);
  assert.equal(after.frames[0].client_id, frames[0].client_id);
});

test("a client id that is taken is replaced when trying again", async () => {
  const { outbox, frames } = await makeOutbox();
  await outbox.add(7, "one");
  outbox.refused({ client_id: frames[0].client_id, code: "client_id_reused" });
  await outbox.retry(frames[0].client_id);
  assert.notEqual(frames[1].client_id, frames[0].client_id);
});

test("a waiting message can be taken back; one that has been sent may have been stored", async () => {
  const { outbox, storage, go, texts } = await makeOutbox();
  const one = await outbox.add(7, "one");
  const two = await outbox.add(7, "two");
  assert.equal(outbox.cancel(two.clientId), false);
  assert.equal(outbox.cancel(one.clientId), true);
  await outbox.load();
  assert.deepEqual(outbox.entries, []);
  assert.deepEqual(await storage.load(ADA), []);
  go(true);
  assert.deepEqual(texts(), ["one"]);
});

test("no answer for long sends again with the same client id", async () => {
  const { outbox, frames, clock } = await makeOutbox();
  await outbox.add(7, "one");
  clock.pass(21_000);
  assert.equal(frames.length, 2);
  assert.equal(frames[1].client_id, frames[0].client_id);
});

test("only the leading tab sends, and another takes over with what is kept", async () => {
  const first = await makeOutbox();
  first.outbox.setLeads(false);
  await first.outbox.add(7, "one");
  assert.equal(first.frames.length, 0);
  const second = await makeOutbox({ storage: first.storage });
  assert.deepEqual(second.texts(), ["one"]);
  second.outbox.stored(second.frames[0].client_id);
  await settle();
  await first.outbox.load();
  assert.deepEqual(first.outbox.entries, []);
});

test("what one user wrote is never sent as another", async () => {
  const ada = await makeOutbox({ online: false });
  await ada.outbox.add(7, "from ada");
  const bob = await makeOutbox({ storage: ada.storage, userId: 2 });
  assert.deepEqual(bob.frames, []);
  assert.deepEqual(bob.outbox.entries, []);
  await bob.outbox.erase();
  assert.equal((await ada.storage.load(ADA)).length, 1);
});

test("logging out erases the outbox", async () => {
  const { outbox, storage, frames, go } = await makeOutbox({ online: false });
  await outbox.add(7, "one");
  await outbox.erase();
  go(true);
  assert.deepEqual(await storage.load(ADA), []);
  assert.deepEqual(frames, []);
});

test("a frame that the server cannot read fails the one message under way, and does not go round for ever", async () => {
  const { outbox, frames } = await makeOutbox();
  await outbox.add(7, "one");
  outbox.refused({ code: "bad_frame" });
  assert.equal(outbox.entries[0].state, "failed");
  assert.equal(frames.length, 1);
});

test("a client id is one the server takes, and made without crypto.randomUUID", () => {
  assert.match(makeClientId(), /^[A-Za-z0-9._:-]{1,64}$/);
  assert.notEqual(makeClientId(), makeClientId());
});

test("changes wait in order with messages, and each is said in its own frame", async () => {
  const { outbox, frames, go } = await makeOutbox();
  go(false);
  await outbox.add(7, "answer", { replyTo: { seq: 3, from: 2, content: "q", deleted: false, gone: false } });
  await outbox.add(7, "new text", { kind: "edit", seq: 4, base: 2 });
  await outbox.add(7, "", { kind: "react", seq: 3, emoji: "👍" });
  await outbox.add(7, "", { kind: "react", seq: 3, emoji: null });
  await outbox.add(7, "", { kind: "delete", seq: 4 });
  go(true);
  for (let count = 1; count <= 5; count += 1) {
    assert.equal(frames.length, count);
    outbox.stored(frames.at(-1).client_id);
  }
  assert.deepEqual(
    frames.map(({ client_id: _id, ...frame }) => frame),
    [
      { type: "send_message", chat_id: 7, message: "answer", reply_to_seq: 3 },
      { type: "edit_message", chat_id: 7, seq: 4, message: "new text", base: 2 },
      { type: "react", chat_id: 7, seq: 3, emoji: "👍" },
      { type: "react", chat_id: 7, seq: 3, emoji: null },
      { type: "delete_message", chat_id: 7, seq: 4 },
    ],
  );
});

test("an edit that is refused keeps its text, what was not written is dropped", async () => {
  const { outbox, frames } = await makeOutbox();
  await outbox.add(7, "new text", { kind: "edit", seq: 4, base: 0 });
  assert.equal(outbox.refused({ client_id: frames[0].client_id, code: "edit_conflict" }).text, "new text");
  assert.deepEqual([outbox.entries[0].state, outbox.entries[0].code], ["failed", "edit_conflict"]);
  await outbox.add(7, "", { kind: "delete", seq: 5 });
  assert.equal(outbox.refused({ client_id: frames[1].client_id, code: "no_such_message" }).kind, "delete");
  assert.equal(outbox.entries.length, 1);
});

test("a change that may have been made already waits, and is sent again under the same name", async () => {
  const { outbox, frames, clock } = await makeOutbox();
  await outbox.add(7, "", { kind: "react", seq: 4, emoji: "👍" });
  assert.equal(outbox.refused({ client_id: frames[0].client_id, code: "unavailable" }), null);
  clock.pass(1000);
  assert.equal(frames.length, 2);
  assert.deepEqual(frames[1], frames[0]);
});
