// What the page says about a field before it is sent is what the server would say.
import assert from "node:assert/strict";
import test from "node:test";
import { problemOf } from "../../web/chat_web/static/js/field_checks.js";

const field = (value, more = {}) => ({ name: "username", type: "text", minLength: -1, value, ...more });
const password = (value) => field(value, { name: "password", type: "password", minLength: 8 });

test("a username that the server takes is no problem", () => {
  for (const name of ["ada", " ada ", "Zoë", "अनिता", "a.b_c-9", "ａｄａ", "W".repeat(50)]) {
    assert.equal(problemOf(field(name)), "", name);
  }
});

test("a username with anything else, or too long, is one", () => {
  for (const name of ["a b", "ada!", "@ada", "W".repeat(51), "🙂"]) {
    assert.equal(problemOf(field(name)), "bad_username", name);
  }
});

test("nothing, or blanks alone, is missing", () => {
  assert.equal(problemOf(field("")), "missing");
  assert.equal(problemOf(field("  ")), "missing");
  assert.equal(problemOf(password("")), "missing");
});

test("a password counts characters and keeps its blanks, shown or hidden", () => {
  assert.equal(problemOf(password("1234567")), "bad_password");
  assert.equal(problemOf(password("🙂🙂🙂🙂")), "bad_password");
  assert.equal(problemOf(password("        ")), "");
  assert.equal(problemOf({ ...password("x"), type: "text" }), "bad_password");
  assert.equal(problemOf(field("x", { name: "old_password", type: "password" })), "");
});
