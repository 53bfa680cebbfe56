import assert from "node:assert/strict";
import { test } from "node:test";
import { Refused } from "../../web/chat_web/static/js/api.js";
import { toMessage } from "../../web/chat_web/static/js/chat.js";
import { heldMedia, MediaPages } from "../../web/chat_web/static/js/media_pages.js";
import { monthsOf } from "../../web/chat_web/static/js/months.js";

const photo = (id, type = "image/png") => ({ id, name: `${id}`, type, size: 1 });
const found = (seq, id) => ({ seq, from: 1, at: seq, file: photo(id) });
const ids = (files) => files.map(({ file }) => file.id);

/** A server with one picture in each message. */
function makeServer(count) {
  const asked = [];
  const ask = async (_chatId, _kind, before) => {
    asked.push(before);
    const last = before ? before - 1 : count;
    const files = [last, last - 1].filter((seq) => seq > 0).map((seq) => found(seq, seq));
    return { files, more: last > 2 };
  };
  return { ask, asked };
}

test("pages go back from the newest file to the first one", async () => {
  const { ask, asked } = makeServer(5);
  const pages = new MediaPages({ chatId: 7, kind: "file", ask });
  while (pages.more) await pages.next();
  assert.deepEqual(ids(pages.files), [5, 4, 3, 2, 1]);
  assert.deepEqual(asked, [0, 4, 2]);
  await pages.next();
  assert.equal(asked.length, 3);
});

test("what is held comes first, and what the server has before that behind it", async () => {
  const { ask, asked } = makeServer(9);
  const pages = new MediaPages({ chatId: 7, kind: "media", ask }, { files: [found(9, 9), found(8, 8)], before: 6 });
  await pages.next();
  assert.deepEqual([ids(pages.files), asked], [[9, 8, 5, 4], [6]]);
  assert.deepEqual(ids(pages.inOrder), [4, 5, 8, 9]);
});

test("the files of one message stay in the order of their sender", () => {
  const pages = new MediaPages({ chatId: 7, kind: "media" }, { files: [found(9, 1), found(9, 2), found(8, 3)] });
  assert.deepEqual(ids(pages.inOrder), [3, 1, 2]);
});

test("a page that cannot be had is asked for again, and one that is under way is not", async () => {
  let isDown = true;
  const ask = async () => {
    if (isDown) throw new Refused("unreachable");
    return { files: [found(1, 1)], more: false };
  };
  const pages = new MediaPages({ chatId: 7, kind: "media", ask });
  await pages.next();
  assert.deepEqual([pages.state, pages.more], ["failed", true]);
  isDown = false;
  await Promise.all([pages.next(), pages.next()]);
  assert.deepEqual([pages.state, ids(pages.files), pages.more], ["idle", [1], false]);
});

test("of what is held, pictures and films of messages that are verified are there", () => {
  const raw = (seq, extra) => toMessage({ seq, sender_id: 1, content: "", sent_at: "2026-11-24T09:00:00Z", ...extra });
  const messages = [
    raw(1, { files: [photo(1)], problem: "not_verified" }),
    raw(2, { files: [photo(2), photo(3, "application/octet-stream"), photo(4, "video/mp4")] }),
    raw(3, { files: [photo(5)] }),
  ];
  assert.deepEqual(ids(heldMedia({ messages, part: null })), [5, 2, 4]);
});

test("files are grouped by the month in which they were sent", () => {
  const at = (month, day) => ({ at: new Date(2026, month, day, 12).getTime() });
  const months = monthsOf([at(10, 20), at(10, 1), at(9, 31)]);
  assert.deepEqual(
    months.map(({ month, files }) => [month, files.length]),
    [
      ["2026-11", 2],
      ["2026-10", 1],
    ],
  );
});
