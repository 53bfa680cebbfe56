import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingsSender } from "../../web/chat_web/static/js/settings_sender.js";
import { Clock, settle } from "./clock.mjs";

function make() {
  const sent = [];
  const chat = { id: 7, pinnedAt: 0, archivedAt: 0, mutedUntil: 0, floor: 0 };
  const parts = { isOpen: true, sent, chat, clock: new Clock() };
  const send = (frame) => parts.isOpen && sent.push(frame) > 0;
  parts.sender = new SettingsSender({ store: { chats: new Map([[7, chat]]) }, send, clock: parts.clock });
  return parts;
}

/** How a promise stands when all that waits has gone on. */
const settled = (promise) =>
  Promise.race([
    promise.then(
      () => "done",
      (refusal) => refusal.code,
    ),
    settle().then(() => "open"),
  ]);

test("without a connection nothing is set, and who asks is told so", async () => {
  const { sender, sent, ...parts } = make();
  const offline = new SettingsSender({ ...parts, store: { chats: new Map() }, send: () => false });
  for (const asked of [offline.setChat(7, { pinned: true }), offline.clear(7, 3), offline.keep(7, 3600)]) {
    await assert.rejects(asked, { code: "offline" });
  }
  offline.again();
  assert.deepEqual(sent, []);
});

test("something is set when the chat says so", async () => {
  const { sender, sent, chat } = make();
  const pinned = sender.setChat(7, { pinned: true });
  assert.deepEqual(sent, [{ type: "set_chat", chat_id: 7, pinned: true }]);
  sender.heard(7);
  assert.equal(await settled(pinned), "open");
  chat.pinnedAt = 1000;
  sender.heard(7);
  assert.equal(await settled(pinned), "done");
  const cleared = sender.clear(7, 3);
  chat.floor = 3;
  sender.heard(7);
  assert.equal(await settled(cleared), "done");
});

test("a choice of how long to keep is answered by its own name only", async () => {
  const { sender, sent } = make();
  const kept = sender.keep(7, 3600);
  sender.heard(7);
  sender.heard(7, "another");
  assert.equal(await settled(kept), "open");
  sender.heard(7, sent[0].client_id);
  assert.equal(await settled(kept), "done");
});

test("what the last connection has not answered is said again on the next one, under the same name", async () => {
  const { sender, sent, chat } = make();
  const [kept, pinned, archived] = [
    sender.keep(7, 3600),
    sender.setChat(7, { pinned: true }),
    sender.setChat(7, { archived: true }),
  ];
  chat.pinnedAt = 1000; // it was set, and the answer was lost
  sender.again();
  assert.equal(await settled(pinned), "done");
  assert.deepEqual(sent.slice(3), [sent[0], sent[2]]);
  sender.heard(7, sent[0].client_id);
  chat.archivedAt = 1000;
  sender.heard(7);
  assert.deepEqual([await settled(kept), await settled(archived)], ["done", "done"]);
  sender.again();
  assert.equal(sent.length, 5);
});

test("a refusal is told to who asked, and to nobody else", async () => {
  const { sender, sent } = make();
  const [kept, pinned] = [sender.keep(7, 3600), sender.setChat(7, { pinned: true })];
  assert.equal(sender.refused({ code: "not_delivered", client_id: "a message" }), false);
  assert.equal(sender.refused({ code: "no_such_chat", chat_id: 8 }), false);
  assert.equal(sender.refused({ code: "not_delivered", client_id: sent[0].client_id, chat_id: 7 }), true);
  assert.deepEqual([await settled(kept), await settled(pinned)], ["not_delivered", "open"]);
  assert.equal(sender.refused({ code: "no_such_chat", chat_id: 7 }), true);
  assert.equal(await settled(pinned), "no_such_chat");
});

test("where waiting helps, it is said again, and given up after a while", async () => {
  const { sender, sent, clock } = make();
  const kept = sender.keep(7, 3600);
  sender.refused({ code: "rate_limited", client_id: sent[0].client_id, retry_after: 3 });
  clock.pass(2999);
  assert.equal(sent.length, 1);
  clock.pass(1);
  assert.deepEqual(sent[1], sent[0]);
  assert.equal(await settled(kept), "open");
  clock.pass(17_000);
  assert.equal(await settled(kept), "unavailable");
});
