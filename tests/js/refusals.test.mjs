// Who is told of a refusal? It says which message or chat it is about, and nothing else is taken for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Frames } from "../../web/chat_web/static/js/frames.js";
import { SettingsSender } from "../../web/chat_web/static/js/settings_sender.js";
import { Sync } from "../../web/chat_web/static/js/sync.js";
import { Clock } from "./clock.mjs";

/** A page that has asked for what is missing, for somebody to write to, and for chat 7 to be pinned. */
function make() {
  const sent = [];
  const told = [];
  const clock = new Clock();
  const send = (frame) => sent.push(frame.type) > 0;
  const store = { chats: new Map() };
  const sync = new Sync({ store, clock, send });
  const settings = new SettingsSender({ store, clock, send });
  const frames = new Frames({
    store,
    sync,
    settings: () => settings,
    outbox: { refused: () => told.push("outbox") && null },
    health: { hear: () => {} },
    receipts: { soon: () => {} },
    newChat: { refused: () => told.push("newChat") > 0 },
  });
  sync.ask();
  settings.setChat(7, { pinned: true }).catch(() => {});
  sent.length = 0;
  const refuse = (raw) => frames.receive({ type: "error", message: "no", code: "unavailable", retry_after: 2, ...raw });
  return { refuse, sent, told, clock };
}

test("what is set for a chat is said again when its refusal names the chat, and nothing is asked anew", () => {
  const { refuse, sent, told, clock } = make();
  refuse({ chat_id: 7 });
  clock.pass(2000);
  assert.deepEqual([sent, told], [["set_chat"], []]);
});

test("a refusal that names nothing is that of a question, and what is set for a chat is not said again", () => {
  const { refuse, sent, clock } = make();
  refuse({});
  clock.pass(2000);
  assert.deepEqual(sent, ["sync"]);
});

test("a refusal that names another chat is neither that of a question nor of a search for somebody", () => {
  const { refuse, sent, told, clock } = make();
  refuse({ chat_id: 8 });
  clock.pass(2000);
  assert.deepEqual([sent, told], [[], ["outbox"]]);
});
