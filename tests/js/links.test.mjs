import assert from "node:assert/strict";
import { test } from "node:test";
import { hrefOf, isEmojiOnly, partsOf } from "../../web/chat_web/static/js/links.js";

const linksIn = (text) => partsOf(text).filter((part) => part.href).map((part) => part.text);

test("addresses are found and nothing of the text is lost", () => {
  const text = "see https://example.org/a?b=1#c, (http://x.example/y_(z)) and www.example.com.";
  assert.deepEqual(linksIn(text), ["https://example.org/a?b=1#c", "http://x.example/y_(z)", "www.example.com"]);
  assert.equal(partsOf(text).map((part) => part.text).join(""), text);
});

test("a text without an address is one part", () => {
  assert.deepEqual(partsOf("hello"), [{ text: "hello" }]);
  assert.deepEqual(linksIn("mail me@www.example.com or a.https://x"), []);
});

test("only http and https open", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://", "http://javascript:alert(1)@"]) assert.deepEqual(linksIn(text), []);
});

test("an address with a name before an @ is a trap and stays text", () => {
  assert.equal(hrefOf("https://bank.example@evil.example/"), null);
});

test("characters that show nothing or turn the text around end an address", () => {
  assert.deepEqual(linksIn("https://a.example/\u202egpj.exe"), ["https://a.example/"]);
  assert.deepEqual(linksIn("https://a.example/\u200bb"), ["https://a.example/"]);
});

test("markup is text", () => {
  assert.deepEqual(linksIn('<a href="https://evil.example/">x</a>'), ["https://evil.example/"]);
  assert.equal(partsOf("<script>alert(1)</script>")[0].text, "<script>alert(1)</script>");
});

test("a long hostile text is read in time", () => {
  const begin = performance.now();
  for (const text of ["https://".repeat(1000), `https://a.example/${"(".repeat(7900)}`, `https://a.example/${".".repeat(7900)}`, "www.".repeat(2000), "😀".repeat(4000)]) {
    partsOf(text);
    isEmojiOnly(text);
  }
  assert.ok(performance.now() - begin < 1000);
});

test("emoji alone are told from text", () => {
  for (const text of ["🎉", "🎉🚲", "👍🏽", "👨‍👩‍👧‍👦", "❤️", "🇮🇹 🇬🇧", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🤷‍♂️"]) assert.ok(isEmojiOnly(text), text);
  for (const text of ["", " ", "1", "12", "#", "a🎉", "🎉!", "©", "❤", "🎉🎉🎉🎉🎉🎉🎉"]) assert.ok(!isEmojiOnly(text), text);
});
