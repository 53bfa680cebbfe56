import assert from "node:assert/strict";
import { test } from "node:test";
import { toMessage } from "../../web/chat_web/static/js/chat.js";
import {
  briefOf,
  clockWords,
  filesWords,
  shownName,
  sizeWords,
  splitName,
  typesWords,
} from "../../web/chat_web/static/js/file_words.js";
import { keptOf } from "../../web/chat_web/static/js/kept.js";
import { quoteOf, withoutGone } from "../../web/chat_web/static/js/message_changes.js";
import { groupsOf } from "../../web/chat_web/static/js/message_files.js";
import { changedBy } from "../../web/chat_web/static/js/pending_changes.js";
import { kindOf, ratioOf, toFiles } from "../../web/chat_web/static/js/shared_files.js";
import { wavePaths } from "../../web/chat_web/static/js/waveform.js";

const file = (type, extra = {}) => toFiles([{ id: 1, name: "a.bin", type, size: 3, ...extra }])[0];
const PHOTO = file("image/png");
const FILM = file("video/mp4");
const VOICE = file("audio/webm", { peaks: [1], duration: 2 });
const PDF = file("application/octet-stream", { name: "Rental agreement.pdf" });
const MUSIC = file("audio/mpeg", { name: "song.mp3" });
const raw = (extra) => ({ seq: 2, sender_id: 1, content: "", sent_at: "2026-11-24T09:00:00Z", ...extra });

test("a message has the files that are listed with it, one without has none", () => {
  assert.deepEqual(toMessage(raw()).files, []);
  const [listed] = toMessage(raw({ files: [{ id: 4, name: "a", type: "image/png", size: 1, width: 9 }] })).files;
  assert.deepEqual([listed.id, listed.width, listed.height, listed.thumbnail], [4, 9, null, null]);
});

test("what a file is follows from its type; a sound is a voice message where it was recorded", () => {
  assert.deepEqual(
    ["image/webp", "video/webm", "audio/webm", "audio/mpeg", "application/octet-stream"].map((type) => kindOf(type)),
    ["picture", "film", "voice", "sound", "file"],
  );
  assert.equal(kindOf("audio/webm", { peaks: null }), "sound");
});

test("a picture's shape is believed within bounds", () => {
  const shapes = [
    [600, 400],
    [100, 9000],
    [9000, 1],
    [null, 5],
    [0, 0],
  ];
  const ratios = shapes.map(([width, height]) => ratioOf({ width, height }));
  assert.deepEqual(ratios, [1.5, 1 / 3, 3, 1, 1]);
});

test("files are named by what they are, a single file or song by its name", () => {
  const of = (...files) => filesWords(files);
  assert.deepEqual(
    [of(), of(PHOTO), of(PHOTO, PHOTO, PHOTO), of(FILM), of(VOICE), of(PDF), of(MUSIC), of(PHOTO, PDF)],
    ["", "Photo", "3 photos", "Film", "Voice message", "Rental agreement.pdf", "song.mp3", "2 files"],
  );
  assert.deepEqual(
    [typesWords([]), typesWords(["image/png"]), typesWords(["audio/webm"])],
    ["", "Photo", "Voice message"],
  );
});

test("one line of a message names its files and has its text", () => {
  const brief = (extra) => briefOf(toMessage(raw(extra)));
  const files = [{ id: 1, name: "a.png", type: "image/png", size: 1 }];
  assert.equal(brief({ files }), "Photo");
  assert.equal(brief({ files, content: "The lake" }), "Photo: The lake");
  assert.equal(brief({ content: "The lake" }), "The lake");
});

test("an answer knows the types of the files that it answers, one to what is gone knows none", () => {
  const quote = quoteOf(toMessage(raw({ files: [{ id: 1, name: "a", type: "image/png", size: 1 }] })));
  assert.deepEqual(quote.files, ["image/png"]);
  const answer = toMessage(raw({ seq: 3, reply_to: { seq: 2, sender_id: 1, files: ["image/png"] } }));
  assert.deepEqual(answer.replyTo.files, ["image/png"]);
  assert.deepEqual(withoutGone({ floor: 2 }, answer).replyTo.files, []);
});

test("a deletion that waits takes the files away", () => {
  const message = toMessage(raw({ files: [{ id: 1, name: "a", type: "image/png", size: 1 }] }));
  const waiting = [{ kind: "delete", seq: 2, chatId: 7, text: "", state: "waiting" }];
  assert.deepEqual(changedBy(waiting, 7, 1)(message).files, []);
});

test("what is kept on the device names the files of a message", () => {
  const message = toMessage(raw({ files: [{ id: 1, name: "a", type: "image/png", size: 1 }] }));
  const kept = keptOf({ id: 7, messages: [message], more: false });
  assert.deepEqual(structuredClone(kept).messages[0].files, message.files);
});

test("the ending of a name stays whole, and nothing in a name hides it", () => {
  assert.deepEqual(splitName("Rental agreement.pdf"), ["Rental agreement", ".pdf"]);
  for (const name of ["Makefile", ".profile", "a.much longer than endings are", "1. The end"])
    assert.deepEqual(splitName(name), [name, ""]);
  assert.equal(shownName("photo\u202egpj.exe"), "photogpj.exe");
  assert.deepEqual(splitName("a\n\u2066.exe\u2069"), ["a", ".exe"]);
  assert.equal(shownName("\u202e"), "File");
});

test("a size is said in the reader's words", () => {
  const sizes = [0, 1, 999, 38_400, 999_700, 2_430_000, 104_857_600, 5_368_709_120];
  assert.deepEqual(
    sizes.map((size) => sizeWords(size, "en-GB")),
    ["0 bytes", "1 byte", "999 bytes", "38 kB", "1 MB", "2.4 MB", "105 MB", "5.4 GB"],
  );
  assert.equal(sizeWords(2_430_000, "it"), "2,4 MB");
});

test("a duration is said as players say it", () => {
  assert.deepEqual([0, 9.99, 42, 60, 3600 + 62].map(clockWords), ["0:00", "0:09", "0:42", "1:00", "1:01:02"]);
});

test("pictures and films that follow each other are one album", () => {
  const shape = (...files) => groupsOf(files).map((group) => group.length);
  assert.deepEqual(shape(PHOTO, FILM, PHOTO, PDF, PDF, PHOTO), [3, 1, 1, 1]);
});

test("a waveform has a bar for each peak, those that were played first", () => {
  const bars = (path) => path.split("M").length - 1;
  const at = (share) => wavePaths(Array(64).fill(31), share).map(bars);
  assert.deepEqual(
    [at(0), at(0.5), at(1), at(7)],
    [
      [0, 64],
      [32, 32],
      [64, 0],
      [64, 0],
    ],
  );
  assert.deepEqual(wavePaths(null, 0).map(bars), [0, 64]);
  for (const number of wavePaths([999, -5], 0)[1].matchAll(/v([\d.]+)/g)) assert.ok(number[1] <= 24 && number[1] >= 3);
});
