import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Steps } from "./steps.mjs";

let isNarrow = true;
globalThis.matchMedia = () => ({ matches: isNarrow });
globalThis.addEventListener = (_name, listener) => globalThis.history.listeners.push(listener);
const { BackStep, takeStep } = await import("../../web/chat_web/static/js/back_step.js");

beforeEach(() => {
  isNarrow = true;
  globalThis.history = new Steps();
});

/** Something that can be open, and how often Back has closed it. */
function setUp(name = "search") {
  const layer = { closed: 0, step: new BackStep(name, () => (layer.closed += 1)) };
  return layer;
}

test("Back closes what is open, and then leads on", () => {
  takeStep({ list: true });
  const search = setUp();
  search.step.begin();
  search.step.begin();
  assert.deepEqual([history.at, history.state.list], [2, true]);
  history.back();
  assert.deepEqual([history.at, search.closed], [1, 1]);
});

test("what is closed otherwise leaves no step", () => {
  const search = setUp();
  search.step.begin();
  search.step.end();
  assert.deepEqual([history.at, search.closed], [0, 0]);
  search.step.end();
  assert.equal(history.at, 0);
});

test("a chat that is opened from the finds leads back to them; a step whose layer is closed is passed over", () => {
  const finding = setUp("finding");
  finding.step.begin();
  takeStep({ list: true });
  history.back();
  assert.deepEqual([history.at, finding.closed], [1, 0]);
  takeStep({ list: true });
  finding.step.end();
  assert.equal(history.at, 2);
  history.back();
  assert.deepEqual([history.at, finding.closed], [0, 0]);
});

test("of two that are open Back closes the upper one first", () => {
  const [search, selection] = [setUp("search"), setUp("selection")];
  search.step.begin();
  selection.step.begin();
  history.back();
  assert.deepEqual([search.closed, selection.closed], [0, 1]);
  history.back();
  assert.deepEqual([search.closed, selection.closed], [1, 1]);
});

test("on a wide screen nothing is a step", () => {
  isNarrow = false;
  const search = setUp();
  search.step.begin();
  search.step.end();
  assert.equal(history.entries.length, 1);
});
