import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../web/chat_web/static/js/outbox.js";
import { MemoryStorage } from "../../web/chat_web/static/js/storage.js";
import { Clock, settle } from "./clock.mjs";

const sent = (clientId) => ({ clientId, name: `${clientId}.bin`, type: "", size: 3 });

/** Uploads of which a test says what has become of them. */
class Files {
  states = new Map();
  calls = [];
  stateOf = (ids) => this.states.get(ids[0]) ?? { ids: null, code: null };
  again = (ids, chatId) => {
    this.calls.push(["again", ...ids, chatId]);
    this.states.delete(ids[0]);
  };
  forget = (ids, { end = false } = {}) => void this.calls.push([end ? "end" : "forget", ...ids]);
}

async function makeOutbox({ storage = new MemoryStorage(), files = new Files() } = {}) {
  const frames = [];
  const outbox = new Outbox({ clock: new Clock(), changed: () => {}, send: (frame) => frames.push(frame) > 0, files });
  await outbox.open(1, storage);
  outbox.setLeads(true);
  outbox.setConnected(true);
  await settle();
  return { outbox, files, frames, storage };
}

test("a message waits for its files, those behind it wait in order, and other chats do not", async () => {
  const { outbox, files, frames } = await makeOutbox();
  await outbox.add(7, "look", { files: [sent("a"), sent("b")] });
  await outbox.add(7, "behind");
  await outbox.add(8, "other");
  assert.deepEqual(
    frames.map((frame) => frame.message),
    ["other"],
  );
  files.states.set("a", { ids: [101, 102], code: null });
  outbox.pump();
  assert.deepEqual(frames[1].files, [101, 102]);
  assert.equal(frames[1].message, "look");
  outbox.stored(frames[1].client_id);
  assert.equal(frames[2].message, "behind");
  assert.ok(!("files" in frames[2]));
  assert.deepEqual(files.calls, [["forget", "a", "b"]]);
});

test("it is kept behind its files, so that no message is found without them", async () => {
  const { outbox, storage } = await makeOutbox();
  let kept = () => {};
  const files = new Promise((resolve) => {
    kept = resolve;
  });
  const adding = outbox.add(7, "look", { files: [sent("a")] }, files);
  assert.equal(outbox.entries.length, 1, "shown at once");
  await settle();
  assert.deepEqual(await storage.load(1), []);
  kept();
  await adding;
  assert.equal((await storage.load(1))[0].files[0].clientId, "a");
});

test("one that is taken back while its files are being kept is not kept, and its uploads end", async () => {
  const { outbox, storage, files } = await makeOutbox();
  let kept = () => {};
  const adding = outbox.add(
    7,
    "",
    { files: [sent("a")] },
    new Promise((resolve) => {
      kept = resolve;
    }),
  );
  outbox.cancel(outbox.entries[0].clientId);
  kept();
  await adding;
  assert.deepEqual(await storage.load(1), []);
  assert.deepEqual(files.calls, [["end", "a"]]);
});

test("an upload that has failed fails its message; trying again brings the files once more", async () => {
  const { outbox, files, frames } = await makeOutbox();
  await outbox.add(7, "look", { files: [sent("a")] });
  files.states.set("a", { ids: null, code: "quota_full" });
  outbox.pump();
  const [entry] = outbox.entries;
  assert.deepEqual([entry.state, entry.code], ["failed", "quota_full"]);
  await outbox.retry(entry.clientId);
  assert.deepEqual(files.calls, [["again", "a", 7]]);
  files.states.set("a", { ids: [103], code: null });
  outbox.pump();
  assert.deepEqual(frames.at(-1).files, [103]);
});

test("files that the server has no more are brought once more, and then it has failed", async () => {
  const { outbox, files, frames } = await makeOutbox();
  files.states.set("a", { ids: [101], code: null });
  await outbox.add(7, "look", { files: [sent("a")] });
  outbox.refused({ client_id: frames[0].client_id, code: "no_such_file" });
  assert.deepEqual(files.calls, [["again", "a", 7]]);
  assert.equal(outbox.entries[0].state, "waiting");
  files.states.set("a", { ids: [102], code: null });
  outbox.pump();
  assert.deepEqual(frames[1].files, [102]);
  assert.equal(frames[1].client_id, frames[0].client_id);
  outbox.refused({ client_id: frames[1].client_id, code: "no_such_file" });
  assert.deepEqual([outbox.entries[0].state, outbox.entries[0].code], ["failed", "no_such_file"]);
});

test("what waited before a backup was restored brings its files anew", async () => {
  const { outbox, files } = await makeOutbox();
  await outbox.add(7, "look", { files: [sent("a")] });
  outbox.beginAnew("another epoch");
  assert.deepEqual(files.calls, [["again", "a", 7]]);
});
