import assert from "node:assert/strict";
import { mock, test } from "node:test";

test("the other tabs hear of a logout before anything is waited for", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.document = { querySelector: () => null };
  // A database that another tab has open.
  globalThis.indexedDB = { databases: () => new Promise(() => {}), deleteDatabase: () => ({}) };
  const heard = new Promise((hear) => {
    globalThis.BroadcastChannel = class {
      postMessage = hear;
    };
  });
  import("../../web/chat_web/static/js/leave.js");
  assert.equal(await heard, "left");
});
