import assert from "node:assert/strict";
import { test } from "node:test";
import { isEmojiOnly } from "../../web/chat_web/static/js/emoji.js";
import { partsOf } from "../../web/chat_web/static/js/links.js";

const linksIn = (text) =>
  partsOf(text)
    .filter((part) => part.href)
    .map((part) => part.text);

test("addresses are found and nothing of the text is lost", () => {
  const text = "see https://example.org/a?b=1#c, (http://x.example/y_(z)) and www.example.com.";
  assert.deepEqual(linksIn(text), ["https://example.org/a?b=1#c", "http://x.example/y_(z)", "www.example.com"]);
  assert.equal(
    partsOf(text)
      .map((part) => part.text)
      .join(""),
    text,
  );
});

test("a text without an address is one part", () => {
  assert.deepEqual(partsOf("hello"), [{ text: "hello" }]);
  assert.deepEqual(linksIn("a.https://x or awww.example.com"), []);
});

test("only http and https open", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "https://",
    "http://javascript:alert(1)@",
  ])
    assert.deepEqual(linksIn(text), []);
});

test("an address with a name before an @ is a trap and stays text", () => {
  assert.deepEqual(linksIn("https://bank.example@evil.example/"), []);
});

test("characters that show nothing or turn the text around end an address", () => {
  assert.deepEqual(linksIn("https://a.example/\u202egpj.exe"), ["https://a.example/"]);
  assert.deepEqual(linksIn("https://a.example/\u200bb"), ["https://a.example/"]);
});

test("markup is text", () => {
  assert.deepEqual(linksIn('<a href="https://evil.example/">x</a>'), ["https://evil.example/"]);
  assert.equal(partsOf("<script>alert(1)</script>")[0].text, "<script>alert(1)</script>");
});

test("after a hundred links the rest is text", () => {
  for (const text of ["https://a.example ".repeat(300), "a@b.example,".repeat(300)]) {
    assert.equal(linksIn(text).length, 100);
    assert.equal(
      partsOf(text)
        .map((part) => part.text)
        .join(""),
      text,
    );
  }
});

const mailsIn = (text) =>
  partsOf(text)
    .filter((part) => part.href?.startsWith("mailto:"))
    .map((part) => part.text);

test("mail addresses are links", () => {
  assert.deepEqual(partsOf("to ada@example.org."), [
    { text: "to " },
    { text: "ada@example.org", href: "mailto:ada@example.org" },
    { text: "." },
  ]);
  assert.deepEqual(mailsIn("(a.b+c@mail.example.co.uk), mailto:x_y@example.org;z@example.org me@www.example.com"), [
    "a.b+c@mail.example.co.uk",
    "x_y@example.org",
    "z@example.org",
    "me@www.example.com",
  ]);
  assert.equal(partsOf("a%b&c@example.org").find((part) => part.href).href, "mailto:a%25b%26c@example.org");
});

test("what only resembles a mail address stays text", () => {
  for (const text of [
    "a@b",
    "@ada",
    "a@b@example.org",
    "a@example.org@b",
    "a@example.1",
    "a@-.org",
    "a@.org",
    ".@",
    "https://a@example.org/",
    "//a@example.org",
    "x@example.org/y@",
  ])
    assert.deepEqual(
      mailsIn(text).filter((one) => one !== "x@example.org"),
      [],
      text,
    );
  // Part of a longer word: the address would be another one than the one that is read.
  for (const text of ["аda@example.org", "ada@example.orgа", "ada@exаmple.org", "a\u0301da@example.org\u0301"])
    assert.deepEqual(mailsIn(text), [], text);
});

const shownIn = (text) =>
  partsOf(text)
    .filter((part) => part.href)
    .map((part) => part.shown ?? part.text);

test("a link shows the host that it opens, where what was typed could be read as another one", () => {
  assert.deepEqual(shownIn("https://аррӏе.com/login?a=1#b"), ["https://xn--80ak6aa92e.com/login?a=1#b"]);
  assert.deepEqual(shownIn("www.bücher.example/é"), ["www.xn--bcher-kva.example/é"]);
  assert.deepEqual(shownIn("https://אב.example/ab HTTP://ＥＸＡＭＰＬＥ.org:81/"), [
    "https://xn--4dbc.example/ab",
    "HTTP://example.org:81/",
  ]);
  assert.deepEqual(shownIn("https://e%78ample.org/ http://2130706433/ https://exa\u00admple.org"), [
    "https://example.org/",
    "http://127.0.0.1/",
    "https://exa",
  ]);
  assert.deepEqual(shownIn("https://Example.ORG/A https://example.org"), [
    "https://Example.ORG/A",
    "https://example.org",
  ]);
  const text = "see https://bücher.example, then";
  assert.equal(
    partsOf(text)
      .map((part) => part.text)
      .join(""),
    text,
  );
});

test("emoji alone are told from text", () => {
  for (const text of ["🎉", "🎉🚲", "👍🏽", "👨‍👩‍👧‍👦", "❤️", "🇮🇹 🇬🇧", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🤷‍♂️"])
    assert.ok(isEmojiOnly(text), text);
  for (const text of [
    "",
    " ",
    "1",
    "12",
    "#",
    "a🎉",
    "🎉!",
    "©",
    "❤",
    "🎉🎉🎉🎉🎉🎉🎉",
    "\u200d🎉",
    "🎉\u200d",
    "🎉\u200dx",
  ])
    assert.ok(!isEmojiOnly(text), text);
});
