import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanFilm } from "../../web/chat_web/static/js/clean_film.js";
import { cleanMoving } from "../../web/chat_web/static/js/clean_pictures.js";
import { kindOfBytes } from "../../web/chat_web/static/js/file_bytes.js";
import { cleanName, kindWord, withEnding } from "../../web/chat_web/static/js/file_name.js";

const PLACE = "+45.4642+009.1900/";

const ascii = (text) => Buffer.from(text, "latin1");
const bytes = (...parts) => Uint8Array.from(Buffer.concat(parts.map((part) => Buffer.from(part))));
const u32 = (number) => [number >>> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255];
const holds = (data, text) => Buffer.from(data).includes(ascii(text));

// -- WebP

const riff = (...chunks) => {
  const body = bytes(ascii("WEBP"), ...chunks);
  return bytes(ascii("RIFF"), u32(body.length).reverse(), body);
};
const chunk = (name, body) => bytes(ascii(name), u32(body.length).reverse(), body, body.length % 2 ? [0] : []);
const movingWebp = riff(
  chunk("VP8X", [0x02 | 0x08 | 0x04 | 0x10, 0, 0, 0, 2, 0, 0, 1, 0, 0]),
  chunk("ANIM", [0, 0, 0, 0, 0, 0]),
  chunk("ANMF", ascii("a frame that is kept")),
  chunk("EXIF", ascii(`${PLACE}!`)),
  chunk("XMP ", ascii(PLACE)),
);

test("a WebP that moves keeps its frames and loses place and camera", () => {
  const clean = cleanMoving(movingWebp);
  assert.equal(clean.length, movingWebp.length);
  assert.ok(holds(movingWebp, PLACE));
  assert.ok(!holds(clean, PLACE));
  assert.ok(holds(clean, "a frame that is kept"));
  assert.equal(clean[20], 0x12, "no notes are announced, but motion and opacity are");
});

// -- GIF

const gif = (...blocks) => bytes(ascii("GIF89a"), [3, 0, 2, 0, 0x80, 0, 0], [255, 0, 0, 0, 0, 255], ...blocks, [0x3b]);
const frame = bytes([0x2c, 0, 0, 0, 0, 3, 0, 2, 0, 0x80], [1, 2, 3, 4, 5, 6], [2, 3, 0x84, 0x51, 0, 0]);
const control = [0x21, 0xf9, 4, 0, 10, 0, 0, 0];
const loop = bytes([0x21, 0xff, 11], ascii("NETSCAPE2.0"), [3, 1, 0, 0, 0]);
const comment = bytes([0x21, 0xfe, PLACE.length], ascii(PLACE), [0]);
const xmp = bytes([0x21, 0xff, 11], ascii("XMP DataXMP"), [PLACE.length], ascii(PLACE), [0]);

test("a GIF loses comments and XMP, and nothing else", () => {
  assert.deepEqual(
    cleanMoving(gif(loop, comment, control, frame, xmp, control, frame)),
    gif(loop, control, frame, control, frame),
  );
});

test("a GIF that is cut off, or goes on behind its end, stays as it is", () => {
  const cut = gif(control, frame).slice(0, -4);
  assert.deepEqual(cleanMoving(cut), cut);
  const more = bytes(gif(control, frame), ascii("more"));
  assert.deepEqual(cleanMoving(more), more);
});

// -- PNG

const part = (name, body) => bytes(u32(body.length), ascii(name), body, [1, 2, 3, 4]);
const png = (...parts) => bytes([0x89], ascii("PNG\r\n\x1a\n"), ...parts);

test("a PNG that moves loses its notes", () => {
  const kept = [part("IHDR", Buffer.alloc(13)), part("acTL", Buffer.alloc(8)), part("IDAT", ascii("picture"))];
  const notes = ["eXIf", "tEXt", "zTXt", "iTXt", "tIME"].map((name) => part(name, ascii(PLACE)));
  const whole = png(kept[0], ...notes, kept[1], kept[2], part("IEND", []));
  assert.deepEqual(cleanMoving(whole), png(...kept, part("IEND", [])));
});

// -- films

const box = (name, ...parts) => {
  const body = bytes(...parts);
  return bytes(u32(body.length + 8), ascii(name), body);
};
const longBox = (name, body) => bytes(u32(1), ascii(name), u32(0), u32(body.length + 16), body);
const cleaned = async (film) => {
  const clean = await cleanFilm(new Blob([film]));
  return clean && new Uint8Array(await clean.arrayBuffer());
};

test("a film keeps its size, its picture and its sound, and loses what it says of the place", async () => {
  const track = box("trak", box("tkhd", ascii("track")), box("udta", ascii(PLACE)), box("meta", ascii(PLACE)));
  const head = [box("ftyp", ascii("isommp42")), box("uuid", ascii(PLACE))];
  const film = bytes(
    ...head,
    box("moov", box("mvhd", ascii("movie")), track, box("udta", box("©xyz", ascii(PLACE)))),
    longBox("mdat", ascii("picture and sound")),
    box("meta", ascii(PLACE)),
  );
  const clean = await cleaned(film);
  assert.equal(clean.length, film.length);
  assert.ok(!holds(clean, PLACE));
  for (const kept of ["ftyp", "movie", "track", "picture and sound"]) assert.ok(holds(clean, kept), kept);
  assert.equal(Buffer.from(clean).toString("latin1").split("free").length - 1, 5);
});

test("the last box may go to the end of the file", async () => {
  const film = bytes(box("ftyp", ascii("isom")), u32(0), ascii("mdat"), ascii("all the rest"));
  assert.deepEqual(await cleaned(film), film);
});

test("what is no film inside is not said to be clean", async () => {
  assert.equal(await cleaned(bytes(box("ftyp", ascii("isom")), ascii("nonsense, and more of it"))), null);
  assert.equal(await cleaned(box("moov", ascii("no boxes in here"))), null);
  assert.equal(await cleaned(bytes(box("ftyp", ascii("isom")), [0, 0])), null);
});

// -- what it is

test("the first bytes say what is drawn anew, what moves, and what is sent as it is", () => {
  const kinds = {
    picture: [
      png(part("IHDR", Buffer.alloc(13))),
      bytes([0xff, 0xd8, 0xff, 0xe0]),
      riff(chunk("VP8 ", ascii("still"))),
      box("ftyp", ascii("heic")),
      box("ftyp", ascii("avif")),
    ],
    moving: [gif(frame), movingWebp, png(part("IHDR", Buffer.alloc(13)), part("acTL", Buffer.alloc(8)))],
    film: [box("ftyp", ascii("isom")), box("ftyp", ascii("qt  ")), bytes([0x1a, 0x45, 0xdf, 0xa3])],
    other: [ascii("%PDF-1.7"), ascii("<svg>"), box("ftyp", ascii("M4A ")), ascii("ID3"), bytes([])],
  };
  for (const [kind, files] of Object.entries(kinds)) {
    for (const file of files) assert.equal(kindOfBytes(Uint8Array.from(file)), kind);
  }
});

// -- names

test("a name is one that every disk takes", () => {
  assert.equal(cleanName("Città più bella.JPG"), "Città più bella.JPG");
  assert.equal(cleanName("a/b\\c\u202egpj.exe\n"), "a_b_cgpj.exe");
  assert.equal(cleanName(" .. "), "file");
  assert.equal(cleanName("", "photo.jpg"), "photo.jpg");
  const long = cleanName(`${"😀".repeat(200)}.tar.gz`);
  assert.ok(Buffer.byteLength(long) <= 200);
  assert.ok(long.startsWith("😀😀") && long.endsWith(".gz"));
  assert.equal(withEnding("IMG_1.HEIC", "webp"), "IMG_1.webp");
  assert.equal(withEnding(".png", "webp"), "picture.webp");
  assert.deepEqual(["a.tar.gz", "notes", "a.sqlite3"].map(kindWord), ["GZ", "…", "…"]);
});
