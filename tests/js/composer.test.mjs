import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanText } from "../../web/chat_web/static/js/composer.js";

test("a message is cleaned as the server cleans it", () => {
  assert.equal(cleanText(" a b\n"), "a b");
  assert.equal(cleanText("\r\n one\r\n\ttwo \u0085"), "one\n\ttwo");
  assert.equal(cleanText("\u001b]0;title\u0007text\u009b31m"), "]0;titletext31m");
  assert.equal(cleanText("\u0000\u007f \u0001"), "");
  assert.equal(cleanText("half \ud800 of one"), "half \ufffd of one");
});
