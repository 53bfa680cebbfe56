import assert from "node:assert/strict";
import { mock, test } from "node:test";

globalThis.HTMLElement = class {};
const region = new globalThis.HTMLElement();
globalThis.document = { querySelector: () => region };
mock.timers.enable({ apis: ["setTimeout"] });
const { sayStatus } = await import("../../web/chat_web/static/js/status.js");

test("what was said does not stay in the page", () => {
  sayStatus("Copied");
  mock.timers.tick(9_000);
  sayStatus("Message deleted");
  mock.timers.tick(9_000);
  assert.equal(region.textContent, "Message deleted");
  mock.timers.tick(1_000);
  assert.equal(region.textContent, "");
});
