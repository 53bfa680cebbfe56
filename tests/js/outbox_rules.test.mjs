import assert from "node:assert/strict";
import { test } from "node:test";
import { toMessage } from "../../web/chat_web/static/js/chat.js";
import { Outbox } from "../../web/chat_web/static/js/outbox.js";
import { factsOf } from "../../web/chat_web/static/js/outbox_rules.js";
import { MemoryStorage } from "../../web/chat_web/static/js/storage.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { Clock, settle } from "./clock.mjs";
import { rawChat as listed, rawMessage } from "./raw.mjs";

const ADA = 1;
const BOB = 2;

const raw = (seq, extra = {}) => rawMessage(seq, { sender_id: ADA, ...extra });
const edited = (seq, changeSeq, content) => raw(seq, { content, change_seq: changeSeq, text_seq: changeSeq });
const rawChat = (id, name, extra = {}) =>
  listed({ id, other_user: { id: id * 10, username: name }, last_seq: 2, messages: [raw(1), raw(2)], ...extra });

function makeStore(...chats) {
  const store = new Store();
  store.setMe({ id: ADA, username: "ada" });
  store.addChats(chats);
  return store;
}

async function makeTab({
  storage = new MemoryStorage(),
  store = makeStore(rawChat(7, "bob"), rawChat(8, "eve")),
  clock = new Clock(),
  online = true,
} = {}) {
  const frames = [];
  let ids = 0;
  const where = { epoch: "before" };
  const outbox = new Outbox({
    clock,
    changed: (entries) => store.setWaiting(entries),
    makeId: () => `id-${++ids}-${Math.random()}`,
    send: (frame) => frames.push(frame) > 0,
    facts: factsOf(store, () => where.epoch),
  });
  await outbox.open(ADA, storage);
  outbox.setLeads(true);
  outbox.setConnected(online);
  await settle();
  const said = () => frames.map(({ client_id: _id, ...frame }) => frame);
  return { outbox, storage, store, clock, frames, said, where };
}

const EDIT = { kind: "edit", seq: 1 };

test("an edit upon one that waits is made upon its text, and not upon another one's in its place", async () => {
  for (const [made, base] of [
    ["first", 1],
    ["elsewhere", 0],
  ]) {
    const { outbox, store, frames } = await makeTab();
    await outbox.add(7, "first", { ...EDIT, base: 0 });
    await outbox.add(7, "second", { ...EDIT, base: 0, was: "first" });
    store.change(7, toMessage(edited(1, 1, made)));
    outbox.stored(frames[0].client_id);
    assert.deepEqual([frames.length, frames[1].message, frames[1].base], [2, "second", base]);
  }
});

test("an edit that was begun upon one that waited, and is made after its answer, knows its text", async () => {
  const { outbox, store, frames } = await makeTab();
  await outbox.add(7, "first", { ...EDIT, base: 0 });
  store.change(7, toMessage(edited(1, 5, "first")));
  outbox.stored(frames[0].client_id);
  await outbox.add(7, "second", { ...EDIT, base: 0, was: "first" });
  assert.equal(frames[1].base, 5);
});

test("an edit that is sent again is the same one, whatever has become of the text meanwhile", async () => {
  const { outbox, store, frames, clock } = await makeTab();
  await outbox.add(7, "second", { ...EDIT, base: 0, was: "text 1" });
  store.change(7, toMessage(edited(1, 5, "text 1")));
  clock.pass(20_000);
  assert.equal(frames.length, 2);
  assert.deepEqual(frames[1], frames[0]);
});

test("changes made offline survive a reload, and are sent once, in order with the messages", async () => {
  const before = await makeTab({ online: false });
  await before.outbox.add(7, "new text", { ...EDIT, base: 0 });
  await before.outbox.add(7, "a message");
  await before.outbox.add(7, "", { kind: "react", seq: 2, emoji: "👍" });
  await before.outbox.add(7, "", { kind: "delete", seq: 1 });
  const after = await makeTab({ storage: before.storage });
  for (let count = 1; count <= 4; count += 1) {
    assert.equal(after.frames.length, count);
    after.outbox.stored(after.frames.at(-1).client_id);
    await settle();
  }
  assert.deepEqual(after.said(), [
    { type: "edit_message", chat_id: 7, seq: 1, message: "new text", base: 0 },
    { type: "send_message", chat_id: 7, message: "a message" },
    { type: "react", chat_id: 7, seq: 2, emoji: "👍" },
    { type: "delete_message", chat_id: 7, seq: 1 },
  ]);
  assert.deepEqual(await before.storage.load(ADA), []);
});

test("a change that is taken back before it was sent is never sent, and those behind it are", async () => {
  const { outbox, frames, said } = await makeTab({ online: false });
  const edit = await outbox.add(7, "new text", { ...EDIT, base: 0 });
  await outbox.add(7, "", { kind: "react", seq: 2, emoji: "👍" });
  assert.equal(outbox.cancel(edit.clientId), false);
  outbox.setConnected(true);
  outbox.stored(frames[0].client_id);
  assert.deepEqual(said(), [{ type: "react", chat_id: 7, seq: 2, emoji: "👍" }]);
});

test("two tabs send a change once, and the one that takes over sends none that was answered", async () => {
  const one = await makeTab();
  const two = await makeTab({ storage: one.storage });
  two.outbox.setLeads(false);
  await one.outbox.add(7, "", { kind: "react", seq: 1, emoji: "👍" });
  await one.outbox.add(7, "new text", { ...EDIT, base: 0 });
  await two.outbox.load();
  one.outbox.stored(one.frames[0].client_id);
  await settle();
  await two.outbox.load();
  one.outbox.setLeads(false);
  two.outbox.setLeads(true);
  await settle();
  assert.deepEqual([one.frames.length, two.frames.length], [2, 1]);
  // The same under the same name: the server makes it once.
  assert.deepEqual(two.frames[0], one.frames[1]);
});

test("what another tab has taken out does not come back by being sent here", async () => {
  const one = await makeTab({ online: false });
  const entry = await one.outbox.add(7, "taken back");
  await one.storage.remove(entry);
  one.outbox.setConnected(true);
  await settle();
  assert.deepEqual(await one.storage.load(ADA), []);
});

test("a message that was sent, and is older than its chat keeps messages, waits for who wrote it", async () => {
  const clock = new Clock();
  const store = makeStore(rawChat(7, "bob", { keep_seconds: 3600 }), rawChat(8, "eve"));
  const before = await makeTab({ clock, store });
  await before.outbox.add(7, "may be gone");
  await before.outbox.add(8, "is kept");
  before.outbox.setConnected(false);
  await before.outbox.add(7, "never sent");
  clock.pass(3_600_000);
  // Over a reload, too.
  const after = await makeTab({ clock, store, storage: before.storage });
  assert.deepEqual(
    after.frames.map((frame) => frame.message),
    ["is kept", "never sent"],
  );
  const [gone] = after.outbox.entries;
  assert.deepEqual([gone.text, gone.state, gone.code], ["may be gone", "failed", "too_old"]);
  await after.outbox.retry(gone.clientId);
  after.outbox.stored(after.frames[1].client_id);
  assert.equal(after.frames[2].message, "may be gone");
});

test("after a restore a message goes to whom it was written, whatever their chat is called now", async () => {
  const { outbox, store, frames, said, where } = await makeTab();
  await outbox.add(7, "for bob", { replyTo: { seq: 2, from: BOB, content: "q", deleted: false, gone: false } });
  await outbox.add(8, "for eve");
  await outbox.add(8, "for eve, too");
  outbox.setConnected(false);
  const [bobs] = frames;
  frames.length = 0;
  store.forget();
  store.addChats([rawChat(7, "bob"), rawChat(8, "mallory"), rawChat(9, "eve")]);
  where.epoch = "after";
  outbox.beginAnew("after");
  outbox.setConnected(true);
  outbox.stored(frames[1].client_id);
  // The same client id: it may be in the backup. What it answers may be another message now.
  assert.equal(frames[0].client_id, bobs.client_id);
  assert.deepEqual(said(), [
    { type: "send_message", chat_id: 7, message: "for bob" },
    { type: "send_message", chat_id: 9, message: "for eve" },
    { type: "send_message", chat_id: 9, message: "for eve, too" },
  ]);
});

test("after a restore no change is made of a message that may be another one, and no text is lost", async () => {
  const { outbox, store, storage, frames, where } = await makeTab({ online: false });
  await outbox.add(7, "new text", { ...EDIT, base: 0 });
  await outbox.add(7, "", { kind: "delete", seq: 2 });
  await outbox.add(7, "", { kind: "react", seq: 2, emoji: "👍" });
  await outbox.add(8, "for eve");
  store.forget();
  store.addChats([rawChat(7, "bob"), rawChat(8, "mallory")]);
  where.epoch = "after";
  outbox.beginAnew("after");
  outbox.setConnected(true);
  await outbox.load();
  assert.deepEqual(frames, []);
  const told = ({ kind, text, state, code }) => [kind, text, state, code];
  const left = [
    [undefined, "new text", "failed", "restored"],
    [undefined, "for eve", "failed", "restored"],
  ];
  assert.deepEqual(outbox.entries.map(told), left);
  assert.deepEqual((await storage.load(ADA)).map(told), left);
  // What is written from now on is made.
  await outbox.add(7, "", { kind: "react", seq: 2, emoji: "👍" });
  outbox.beginAnew("after");
  assert.equal(frames.length, 1);
});
