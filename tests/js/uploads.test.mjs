import assert from "node:assert/strict";
import { test } from "node:test";
import { Tus } from "../../web/chat_web/static/js/tus.js";
import { Pace } from "../../web/chat_web/static/js/upload_pace.js";
import { Uploads } from "../../web/chat_web/static/js/uploads.js";
import { Clock, settle } from "./clock.mjs";
import { refusal, TusServer } from "./tus_server.mjs";

const KIB = 1024;

/** What is kept, as a database does: copies. */
class Kept {
  rows = new Map();
  load = async () => [...this.rows.values()].map((row) => ({ ...row }));
  add = async (row) => Boolean(this.rows.set(row.clientId, { ...row }));
  update = async (row) => void (this.rows.has(row.clientId) && this.rows.set(row.clientId, { ...row }));
  remove = async (clientId) => void this.rows.delete(clientId);
}

/** Let all that goes on without the clock go on. */
async function rest() {
  for (let turn = 0; turn < 60; turn += 1) await settle();
}

const bytesOf = (size) => Uint8Array.from({ length: size }, (_, at) => at % 251);
const fileOf = (clientId, size = 10, more = {}) => ({
  clientId,
  name: `${clientId}.bin`,
  type: "",
  blob: new Blob([bytesOf(size)]),
  ...more,
});

async function makeUploads({ server = new TusServer(), kept = new Kept(), leads = true, clock = new Clock() } = {}) {
  let changes = 0;
  const uploads = new Uploads({
    ...{ storage: kept, clock, tus: new Tus(server.fetch) },
    changed: () => {
      changes += 1;
    },
  });
  await uploads.open(1);
  await uploads.setLeads(leads);
  uploads.setConnected(true);
  return { uploads, server, kept, clock, changes: () => changes };
}

const stored = (server) => [...server.uploads.values()].map(({ bytes }) => bytes.length);

test("a file comes with what is known of it, and the message gets the server's id", async () => {
  const { uploads, server } = await makeUploads();
  const known = { width: 3, height: 2, duration: 1.5, peaks: [0, 31], thumbhash: "aGk=" };
  await uploads.add(7, [fileOf("a", 10, { ...known, name: "città.png", type: "image/png" })]);
  assert.deepEqual(uploads.stateOf(["a"]), { ids: null, code: null });
  await rest();
  assert.deepEqual(uploads.stateOf(["a"]), { ids: [101], code: null });
  assert.deepEqual(server.uploads.get(101).said, {
    ...{ name: "città.png", type: "image/png", chat_id: "7", client_id: "a", width: "3", height: "2" },
    ...{ duration: "1.5", peaks: "0,31", thumbhash: "aGk=" },
  });
  assert.deepEqual(server.uploads.get(101).bytes, [...bytesOf(10)]);
});

test("a large file comes in pieces, and what has come is told", async () => {
  const { uploads, server, changes } = await makeUploads();
  const before = changes();
  await uploads.add(7, [fileOf("a", 700 * KIB)]);
  await rest();
  assert.equal(server.count("PATCH"), 2);
  assert.ok(changes() >= before + 3);
  assert.deepEqual(Buffer.from(server.uploads.get(101).bytes), Buffer.from(bytesOf(700 * KIB)));
});

test("an empty file is complete at once", async () => {
  const { uploads, server } = await makeUploads();
  await uploads.add(7, [fileOf("a", 0)]);
  await rest();
  assert.deepEqual(uploads.stateOf(["a"]).ids, [101]);
  assert.equal(server.count("PATCH"), 0);
});

test("after a break it goes on where the server says, and never sends a byte twice", async () => {
  const { uploads, server, clock } = await makeUploads();
  let broken = 0;
  server.breaks = ({ method, id, bytes }) => {
    if (method !== "PATCH" || broken) return undefined;
    broken += 1;
    server.uploads.get(id).bytes.push(...bytes.slice(0, 1000));
    throw new TypeError("the connection broke");
  };
  await uploads.add(7, [fileOf("a", 3000)]);
  await rest();
  assert.deepEqual(stored(server), [1000]);
  clock.pass(1000);
  await rest();
  assert.deepEqual(server.uploads.get(101).bytes, [...bytesOf(3000)]);
  assert.equal(server.count("POST"), 1);
  assert.equal(server.requests.at(-1).headers["Upload-Offset"], "1000");
});

test("two come at a time, in order", async () => {
  const { uploads, server } = await makeUploads();
  const waiting = [];
  server.breaks = ({ method }) => method === "PATCH" && new Promise((resolve) => waiting.push(resolve)).then(() => {});
  await uploads.add(
    7,
    ["a", "b", "c", "d"].map((name) => fileOf(name)),
  );
  await rest();
  assert.equal(server.count("POST"), 2);
  waiting.shift()();
  await rest();
  assert.equal(server.count("POST"), 3);
  assert.deepEqual(
    [...server.uploads.values()].map(({ said }) => said.client_id),
    ["a", "b", "c"],
  );
});

test("nothing goes out offline, and all of it as soon as there is a connection, without waiting", async () => {
  const { uploads, server } = await makeUploads();
  uploads.setConnected(false);
  await uploads.add(7, [fileOf("a")]);
  await rest();
  assert.equal(server.requests.length, 0);
  server.breaks = () => {
    throw new TypeError("offline");
  };
  uploads.setConnected(true);
  await rest();
  server.breaks = () => undefined;
  uploads.setConnected(true);
  await rest();
  assert.deepEqual(stored(server), [10]);
});

test("a reload goes on with the same upload, from the bytes that this browser has kept", async () => {
  const before = await makeUploads();
  before.server.breaks = ({ method }) => method === "PATCH" && new Promise(() => {});
  await before.uploads.add(7, [fileOf("a", 3000)]);
  await rest();
  before.server.uploads.get(101).bytes.push(...bytesOf(2000));
  before.server.breaks = () => undefined;
  const { uploads, server } = await makeUploads({ server: before.server, kept: before.kept });
  await rest();
  assert.deepEqual(uploads.stateOf(["a"]).ids, [101]);
  assert.equal(server.count("POST"), 1);
  assert.deepEqual(server.uploads.get(101).bytes, [...bytesOf(3000)]);
});

test("a creation that is repeated, because its answer was lost, finds the first one", async () => {
  const { uploads, server, clock } = await makeUploads();
  let lost = 0;
  server.breaks = (request) => {
    if (request.method !== "POST" || lost) return;
    lost += 1;
    server.answer(request);
    throw new TypeError("the answer is lost");
  };
  await uploads.add(7, [fileOf("a")]);
  await rest();
  clock.pass(1000);
  await rest();
  assert.equal(server.count("POST"), 2);
  assert.deepEqual(stored(server), [10]);
});

for (const [status, code] of [
  [404, "no_such_upload"],
  [410, "upload_gone"],
]) {
  test(`what the server has lost (${status}) is sent again under another name`, async () => {
    const { uploads, server, clock } = await makeUploads();
    let lost = 0;
    server.breaks = ({ method }) => {
      if (method !== "HEAD" || lost) return undefined;
      lost += 1;
      return refusal(status, code, "HEAD");
    };
    await uploads.add(7, [fileOf("a")]);
    await rest();
    clock.pass(1000);
    await rest();
    assert.deepEqual(uploads.stateOf(["a"]).ids, [102]);
    assert.notEqual(server.uploads.get(102).said.client_id, "a");
  });
}

test("what is lost again and again fails in the end", async () => {
  const { uploads, server, clock } = await makeUploads();
  server.breaks = ({ method }) => (method === "HEAD" ? refusal(410, "upload_gone", "HEAD") : undefined);
  await uploads.add(7, [fileOf("a")]);
  for (let turn = 0; turn < 6; turn += 1) {
    await rest();
    clock.pass(30_000);
  }
  assert.deepEqual(uploads.stateOf(["a"]), { ids: null, code: "upload_gone" });
});

for (const [status, code] of [
  [409, "wrong_offset"],
  [423, "upload_busy"],
  [429, "rate_limited"],
]) {
  test(`${status} waits, asks how far it is, and goes on`, async () => {
    const { uploads, server, clock } = await makeUploads();
    let told = 0;
    server.breaks = ({ method }) => {
      if (method !== "PATCH" || told) return undefined;
      told += 1;
      return refusal(status, code, "PATCH", { "Retry-After": "2" });
    };
    await uploads.add(7, [fileOf("a")]);
    await rest();
    clock.pass(1900);
    await rest();
    assert.equal(server.count("PATCH"), 1);
    clock.pass(200);
    await rest();
    assert.equal(server.count("HEAD"), 2);
    assert.deepEqual(stored(server), [10]);
  });
}

test("a refusal that waiting does not help is the end, and can be tried again", async () => {
  const { uploads, server } = await makeUploads();
  server.breaks = ({ method }) => (method === "POST" ? refusal(413, "quota_full") : undefined);
  await uploads.add(7, [fileOf("a")]);
  await rest();
  assert.deepEqual(uploads.stateOf(["a"]), { ids: null, code: "quota_full" });
  server.breaks = () => undefined;
  uploads.again(["a"], 7);
  await rest();
  assert.deepEqual(uploads.stateOf(["a"]).ids, [101]);
});

test("a small version comes behind its file, names it, and is waited for", async () => {
  const { uploads, server } = await makeUploads();
  await uploads.add(7, [fileOf("a", 10, { thumbnail: { ...fileOf("x", 5), clientId: undefined } })]);
  await rest();
  assert.deepEqual(uploads.stateOf(["a"]).ids, [101]);
  assert.equal(server.uploads.get(102).said.thumbnail_of, "101");
  assert.deepEqual(stored(server), [10, 5]);
});

test("a small version that the server refuses keeps nobody from sending the file", async () => {
  const { uploads, server } = await makeUploads();
  server.breaks = ({ headers }) =>
    /thumbnail_of/.test(headers["Upload-Metadata"]) ? refusal(400, "bad_thumbnail") : undefined;
  await uploads.add(7, [fileOf("a", 10, { thumbnail: { ...fileOf("x", 5), clientId: undefined } })]);
  await rest();
  assert.deepEqual(uploads.stateOf(["a"]), { ids: [101], code: null });
});

test("what is stopped ends here, in what is kept, and at the server", async () => {
  const { uploads, server, kept } = await makeUploads();
  server.breaks = ({ method }, signal) =>
    method === "PATCH" && new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  await uploads.add(7, [fileOf("a")]);
  await rest();
  uploads.forget(["a"], { end: true });
  await rest();
  assert.equal(kept.rows.size, 0);
  assert.equal(server.uploads.size, 0);
  assert.equal(uploads.find("a"), null);
  assert.equal(uploads.stateOf(["a"]).code, "file_lost");
});

test("a tab that does not send brings nothing, and goes on with what the other one has begun", async () => {
  const first = await makeUploads();
  first.server.breaks = ({ method }, signal) =>
    method === "PATCH" && new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  await first.uploads.add(7, [fileOf("a")]);
  const second = await makeUploads({ server: first.server, kept: first.kept, leads: false });
  await rest();
  assert.equal(first.server.count("PATCH"), 1);
  first.server.breaks = () => undefined;
  await first.uploads.setLeads(false);
  await second.uploads.setLeads(true);
  await rest();
  assert.equal(first.server.count("POST"), 1);
  assert.deepEqual(stored(first.server), [10]);
  assert.deepEqual(second.uploads.stateOf(["a"]).ids, [101]);
  await first.uploads.load();
  assert.deepEqual(first.uploads.stateOf(["a"]).ids, [101]);
  second.uploads.forget(["a"]);
  await rest();
  await first.uploads.load();
  assert.equal(first.uploads.find("a"), null);
});

test("what belongs to no message goes after a while, and not before", async () => {
  const { uploads, server, clock } = await makeUploads();
  await uploads.add(7, [fileOf("a"), fileOf("b")]);
  await rest();
  uploads.forgetOthers(["b"]);
  assert.ok(uploads.find("a"));
  clock.pass(61_000);
  uploads.forgetOthers(["b"]);
  await rest();
  assert.equal(uploads.find("a"), null);
  assert.ok(uploads.find("b"));
  assert.equal(server.uploads.size, 1);
});

test("a piece is as large as comes in about five seconds", () => {
  const pace = new Pace();
  assert.equal(pace.size, 512 * KIB);
  pace.came(512 * KIB, 1);
  assert.equal(pace.size, 2048 * KIB);
  for (let turn = 0; turn < 5; turn += 1) pace.came(pace.size, 1);
  assert.equal(pace.size, 16 * 1024 * KIB);
  pace.came(1, 1);
  assert.equal(pace.size, 16 * 1024 * KIB, "a last piece says nothing");
  pace.came(pace.size, 20_000);
  assert.equal(pace.size, 4 * 1024 * KIB);
  for (let turn = 0; turn < 9; turn += 1) pace.broke();
  assert.equal(pace.size, 64 * KIB);
});
