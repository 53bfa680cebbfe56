import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection } from "../../web/chat_web/static/js/connection.js";
import { Clock, settle } from "./clock.mjs";

const SESSION = { user_id: 1, token: "t", ws_url: "ws://chat.example:8080" };

function make({ random = () => 1, renew = async () => SESSION, attended = () => false } = {}) {
  const sockets = [];
  class Socket {
    readyState = 0;
    sent = [];
    constructor(url) {
      this.url = url;
      sockets.push(this);
    }
    send(text) {
      this.sent.push(JSON.parse(text));
    }
    close() {
      this.closed = true;
    }
    open() {
      this.readyState = 1;
      this.onopen();
      this.say({ type: "auth", status: "success" });
    }
    say(frame) {
      this.onmessage({ data: JSON.stringify(frame) });
    }
    end(code) {
      this.readyState = 3;
      this.onclose?.({ code });
    }
  }
  const clock = new Clock();
  const states = [];
  const frames = [];
  const connection = new Connection({
    Socket,
    clock,
    random,
    renew,
    attended,
    change: (state) => states.push(state),
    receive: (frame) => frames.push(frame),
  });
  connection.start(SESSION);
  return { connection, sockets, clock, states, frames, last: () => sockets.at(-1) };
}

test("it logs in first, and passes frames on only after that", () => {
  const { last, frames, connection } = make();
  assert.equal(connection.send({ type: "ping" }), false);
  last().open();
  assert.deepEqual(last().sent, [{ type: "auth", user_id: 1, token: "t", features: ["presence_list", "changes"] }]);
  last().say({ type: "message" });
  last().say({ type: "pong" });
  assert.deepEqual(frames, [{ type: "message" }]);
});

/** How long it waits before each of `rounds` tries, in milliseconds, where every one of them is refused. */
function waitsOf({ last, sockets, clock }, rounds, fail = () => last().end(1006)) {
  const waits = [];
  for (let round = 0; round < rounds; round += 1) {
    const count = sockets.length;
    fail();
    let waited = 0;
    while (sockets.length === count) {
      clock.pass(100);
      waited += 100;
    }
    waits.push(waited);
  }
  return waits;
}

test("in the background it comes back after a loss, later each time, never later than 30 s", () => {
  assert.deepEqual(waitsOf(make(), 8), [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("before the eyes of its reader it tries again within 5 s, however often it has failed", () => {
  const made = make({ attended: () => true });
  assert.deepEqual(waitsOf(made, 8), [1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000]);
  assert.ok(waitsOf(make({ attended: () => true, random: () => 0 }), 8).every((wait) => wait >= 500 && wait <= 2500));
});

test("a server that takes the connection and does not shake hands is asked again after 5 s, and not in a hurry", () => {
  const waits = waitsOf(make({ attended: () => true }), 6, () => {});
  assert.ok(
    waits.every((wait) => wait > 5000 && wait <= 6000),
    String(waits),
  );
});

test("one that shakes hands has 10 s for the login", () => {
  const { last, sockets, clock } = make({ attended: () => true });
  last().readyState = 1;
  last().onopen();
  clock.pass(9900);
  assert.equal(sockets.length, 1);
  clock.pass(1200);
  assert.equal(sockets.length, 2);
});

test("a reader who comes back to the page does not wait for what was planned without them", () => {
  let attended = false;
  const made = make({ attended: () => attended });
  waitsOf(made, 6);
  made.last().end(1006);
  attended = true;
  made.connection.wake();
  assert.equal(made.sockets.length, 8);
});

test("a click or the focus tries again at once, but many of them do not make a storm", () => {
  const { connection, last, sockets, clock } = make({ attended: () => true });
  for (let click = 0; click < 50; click += 1) {
    connection.nudge();
    last().end(1006);
    clock.pass(20);
  }
  assert.ok(sockets.length <= 3, String(sockets.length));
  clock.pass(1000);
  last().end(1006);
  const count = sockets.length;
  clock.pass(1000);
  connection.nudge();
  assert.equal(sockets.length, count + 1);
  last().open();
  connection.nudge();
  assert.equal(last().sent.length, 1);
});

test("waits are not the same for everybody", () => {
  const { last, sockets, clock } = make({ random: () => 0 });
  last().end(1006);
  clock.pass(500);
  assert.equal(sockets.length, 2);
});

test("a restarting server is asked again within a second", () => {
  const { last, sockets, clock } = make({ random: () => 0.3 });
  last().open();
  last().end(1012);
  clock.pass(300);
  assert.equal(sockets.length, 2);
});

test("a refused token is renewed; a session that is over stops it", async () => {
  const sessions = [{ ...SESSION, token: "new" }, null];
  const { last, sockets, clock } = make({ renew: async () => sessions.shift() });
  last().end(4401);
  await settle();
  last().open();
  assert.equal(last().sent[0].token, "new");
  last().end(4401);
  await settle();
  clock.pass(60_000);
  assert.equal(sockets.length, 2);
});

test("tokens that are refused again and again do not make a storm", async () => {
  const { last, sockets, clock } = make();
  for (let round = 0; round < 3; round += 1) {
    last().end(4401);
    await settle();
  }
  assert.equal(sockets.length, 3);
  clock.pass(1000);
  assert.equal(sockets.length, 4);
});

test("an open socket that does not answer a probe is given up at once", () => {
  const { connection, last, sockets, clock, states } = make();
  last().open();
  connection.wake();
  assert.equal(last().sent.at(-1).type, "ping");
  clock.pass(3000);
  assert.ok(sockets[0].closed);
  assert.deepEqual(states, ["open", "waiting", "connecting"]);
  assert.equal(sockets.length, 2);
});

test("an answer of any kind saves the socket", () => {
  const { connection, last, sockets, clock } = make();
  last().open();
  connection.wake();
  last().say({ type: "presence" });
  clock.pass(3000);
  assert.equal(sockets.length, 1);
});

test("quiet for long makes it ask by itself", () => {
  const { last, clock, sockets } = make();
  last().open();
  clock.pass(31_000);
  assert.equal(last().sent.at(-1).type, "ping");
  clock.pass(9000);
  assert.equal(sockets.length, 2);
});

test("waking while it waits connects at once", () => {
  const { connection, last, sockets, clock } = make();
  last().end(1006);
  connection.wake();
  assert.equal(sockets.length, 2);
  clock.pass(500);
  assert.equal(sockets.length, 2);
});

test("a server that takes the connection and says nothing is given up", () => {
  const { clock, sockets } = make();
  clock.pass(11_000);
  assert.equal(sockets.length, 2);
});

test("a server that is not available is asked less and less often", () => {
  const { last, sockets, clock } = make();
  for (let round = 0; round < 3; round += 1) {
    last().end(1013);
    clock.pass(1000 * 2 ** round);
  }
  assert.equal(sockets.length, 4);
});
