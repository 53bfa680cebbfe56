import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf, tickOf, toMessage } from "../../web/chat_web/static/js/chat.js";
import { briefOf } from "../../web/chat_web/static/js/file_words.js";
import { countAllUnread, inOrder, waitingOf } from "../../web/chat_web/static/js/list_order.js";
import { heldSeq, isFetched, runOf } from "../../web/chat_web/static/js/runs.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { usedTime } from "./clock.mjs";
import { rawChat, rawMessage } from "./raw.mjs";

const ADA = 1;
const BOB = 2;

const raw = (seq, from = BOB, extra = {}) => rawMessage(seq, { sender_id: from, ...extra });

function makeStore(...chats) {
  const store = new Store();
  store.setMe({ id: ADA, username: "ada" });
  store.addChats(chats);
  return store;
}

test("messages are shown by seq, each once, whatever order they arrive in", () => {
  const store = makeStore(rawChat());
  assert.deepEqual(store.merge(7, [toMessage(raw(2))]), { added: [], hole: true });
  const { added, hole } = store.merge(7, [toMessage(raw(1))]);
  assert.deepEqual(
    added.map((one) => one.seq),
    [1, 2],
  );
  assert.equal(hole, false);
  assert.deepEqual(store.merge(7, [toMessage(raw(1)), toMessage(raw(2))]).added, []);
  assert.deepEqual(
    store.chats.get(7).messages.map((one) => one.seq),
    [1, 2],
  );
});

test("a message behind a hole is not shown until the hole is filled", () => {
  const store = makeStore(rawChat({ last_seq: 3, messages: [raw(1), raw(2), raw(3)] }));
  store.merge(7, [toMessage(raw(6))]);
  assert.equal(heldSeq(store.chats.get(7)), 3);
  store.merge(7, [toMessage(raw(4)), toMessage(raw(5))]);
  assert.equal(heldSeq(store.chats.get(7)), 6);
});

test("one's own message behind a hole still shows as waiting", () => {
  const store = makeStore(rawChat());
  store.merge(7, [toMessage(raw(2, ADA, { client_id: "c1" }))]);
  store.setWaiting([{ clientId: "c1", chatId: 7, text: "text 2", at: 1, state: "waiting" }]);
  const waiting = waitingOf(store, store.chats.get(7));
  assert.deepEqual(
    waiting.map((one) => [one.clientId, one.state]),
    [["c1", "stored"]],
  );
});

test("unread counts the other's messages after what was read", () => {
  const store = makeStore(rawChat({ last_seq: 3, unread: 2, read_seq: 1, messages: [raw(1), raw(2), raw(3)] }));
  const chat = store.chats.get(7);
  assert.equal(chat.unread, 2);
  store.merge(7, [toMessage(raw(4)), toMessage(raw(5, ADA))]);
  assert.equal(chat.unread, 3);
  store.receipt({ chat_id: 7, user_id: ADA, delivered_seq: 4, read_seq: 4 });
  assert.equal(chat.unread, 0);
  assert.equal(countAllUnread(store), 0);
});

test("where not all unread messages are held the server's number stands, and new ones add to it", () => {
  const store = makeStore(rawChat({ last_seq: 100, unread: 90, read_seq: 10, messages: [raw(100)], more: true }));
  assert.equal(store.chats.get(7).unread, 90);
  store.merge(7, [toMessage(raw(101))]);
  assert.equal(store.chats.get(7).unread, 91);
});

test("receipts only go forward", () => {
  const store = makeStore(rawChat({ last_seq: 2, messages: [raw(1, ADA), raw(2, ADA)] }));
  const chat = store.chats.get(7);
  assert.equal(tickOf(chat, chat.messages[1]), "sent");
  store.receipt({ chat_id: 7, user_id: BOB, delivered_seq: 2, read_seq: 1 });
  store.receipt({ chat_id: 7, user_id: BOB, delivered_seq: 1, read_seq: 0 });
  assert.deepEqual(
    chat.messages.map((one) => tickOf(chat, one)),
    ["read", "delivered"],
  );
});

test("older messages join only where they fit without a hole", () => {
  const store = makeStore(rawChat({ last_seq: 9, messages: [raw(8), raw(9)], more: true }));
  const chat = store.chats.get(7);
  store.prepend(7, [raw(4), raw(5)].map(toMessage), true);
  assert.equal(chat.messages[0].seq, 8);
  store.prepend(7, [raw(6), raw(7), raw(8)].map(toMessage), true);
  assert.deepEqual(
    chat.messages.map((one) => one.seq),
    [6, 7, 8, 9],
  );
});

test("a server that has gone back in time starts the chat anew", () => {
  const store = makeStore(rawChat({ last_seq: 3, messages: [raw(1), raw(2), raw(3)], other_read_seq: 3 }));
  store.restart(rawChat({ last_seq: 1 }), [toMessage(raw(1))], 0);
  const chat = store.chats.get(7);
  assert.deepEqual(
    chat.messages.map((one) => one.seq),
    [1],
  );
  assert.equal(chat.otherReadSeq, 0);
});

test("the list is in order of activity, what waits to be sent included", () => {
  const eve = rawChat({ id: 8, other_user: { id: 3, username: "eve" }, last_seq: 1, messages: [raw(1)] });
  const store = makeStore(rawChat({ last_seq: 5, messages: [raw(5)] }), eve);
  assert.deepEqual(
    inOrder(store).map((chat) => chat.id),
    [7, 8],
  );
  store.setWaiting([{ clientId: "x", chatId: 8, text: "hi", at: Date.now(), state: "waiting" }]);
  assert.deepEqual(
    inOrder(store).map((chat) => chat.id),
    [8, 7],
  );
  store.addChat({ id: 9, other_user: { id: 4, username: "dan" } }, Date.now() + 1000);
  assert.equal(inOrder(store)[0].id, 9);
});

test("empty chats keep the server's order among the others", () => {
  const empty = rawChat({ id: 8 });
  const store = makeStore(
    rawChat({ last_seq: 5, messages: [raw(5)] }),
    empty,
    rawChat({ id: 9, last_seq: 1, messages: [raw(1)] }),
  );
  assert.deepEqual(
    inOrder(store).map((chat) => chat.id),
    [7, 8, 9],
  );
});

test("sync_done knows all chats: one that is gone is taken out, one that is new comes in", () => {
  const store = makeStore(rawChat());
  store.settle([rawChat({ id: 8 })]);
  assert.deepEqual([...store.chats.keys()], [8]);
});

test("a hundred thousand messages are merged and counted without a pause", () => {
  const store = makeStore(rawChat({ last_seq: 1, messages: [raw(1)], more: false }));
  const begin = usedTime();
  for (let seq = 2; seq <= 100_000; seq += 100)
    store.merge(
      7,
      Array.from({ length: 100 }, (_, at) => toMessage(raw(seq + at, ADA))),
    );
  assert.equal(heldSeq(store.chats.get(7)), 100_001);
  assert.ok(usedTime() - begin < 2000);
});

test("a message with a problem is told by what is wrong with it, never by words in somebody's name", () => {
  assert.equal(briefOf(toMessage(raw(1))), "text 1");
  assert.equal(problemOf(toMessage(raw(1))), "");
  const forged = toMessage(raw(1, BOB, { problem: "not_verified" }));
  assert.equal(briefOf(forged), "This message could not be verified");
  const damaged = toMessage(raw(1, BOB, { content: "", problem: "damaged" }));
  assert.equal(briefOf(damaged), "This message is damaged");
});

const seqs = (messages) => messages.map((one) => one.seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => toMessage(raw(from + at)));

test("who left off long ago reads in a part that grows until it meets the newest messages", () => {
  const store = makeStore(rawChat({ last_seq: 20, unread: 15, read_seq: 5, messages: [raw(19), raw(20)], more: true }));
  const chat = store.chats.get(7);
  store.openPart(7, range(4, 8));
  assert.deepEqual(seqs(runOf(chat).messages), [4, 5, 6, 7, 8]);
  assert.equal(runOf(chat).more, true);
  assert.deepEqual(seqs(chat.messages), [19, 20]);
  store.merge(7, [toMessage(raw(21))]);
  assert.deepEqual([heldSeq(chat), chat.unread], [21, 16]);
  store.prepend(7, range(1, 3), false);
  store.appendPart(7, range(10, 12));
  assert.deepEqual(seqs(runOf(chat).messages), [1, 2, 3, 4, 5, 6, 7, 8]);
  store.appendPart(7, range(8, 18));
  assert.equal(chat.part, null);
  assert.deepEqual(seqs(chat.messages), seqs(range(1, 21)));
  assert.equal(chat.more, false);
  assert.equal(chat.unread, 16);
});

test("a part that already holds everything is no part; one that is closed leaves nothing", () => {
  const store = makeStore(rawChat({ last_seq: 9, messages: [raw(8), raw(9)], more: true }));
  const chat = store.chats.get(7);
  store.openPart(7, range(3, 9));
  assert.deepEqual([chat.part, seqs(chat.messages)], [null, [3, 4, 5, 6, 7, 8, 9]]);
  store.openPart(7, []);
  assert.equal(chat.part, null);
  const other = makeStore(rawChat({ last_seq: 9, messages: [raw(9)], more: true }));
  other.openPart(7, range(1, 3));
  other.closePart(other.chats.get(7));
  assert.deepEqual(seqs(runOf(other.chats.get(7)).messages), [9]);
  other.openPart(7, range(1, 3));
  other.restart(rawChat({ last_seq: 2 }), range(1, 2), 0);
  assert.deepEqual(seqs(runOf(other.chats.get(7)).messages), [1, 2]);
});

test("a chat that has changed elsewhere says who it is with and whether one has blocked them", () => {
  const store = makeStore(rawChat());
  store.setPresence([{ user_id: BOB, online: true, last_seen: null }]);
  store.setTyping(7, true);
  const chat = store.chats.get(7);
  store.changeChat({ id: 7, other_user: { id: BOB, username: "bob" }, blocked: true });
  assert.deepEqual(
    [chat.blocked, chat.other.username, chat.typing, store.people.has(BOB)],
    [true, "bob", false, false],
  );
  store.changeChat({ id: 7, other_user: { id: BOB, username: "bob" } });
  assert.equal(chat.blocked, false);
  store.changeChat({ id: 7, other_user: { id: BOB, username: null, deleted: true } });
  assert.deepEqual([chat.other.deleted, chat.other.username], [true, "Deleted account"]);
  store.changeChat({ id: 99, other_user: { id: BOB, username: "bob" } });
  assert.equal(store.chats.size, 1);
});

test("the list comes in pages, and each chat has its place in it", () => {
  const store = new Store();
  store.setMe({ id: ADA, username: "ada" });
  const empty = (id) => rawChat({ id });
  const used = (id, seq) => rawChat({ id, last_seq: seq, messages: [raw(seq)], more: seq > 1 });
  store.addChats([empty(10), used(9, 90), empty(8)], { isLast: false });
  assert.deepEqual([store.isLoaded, store.isComplete], [true, false]);
  store.addChats([used(7, 70), empty(6)], { isLast: true });
  assert.equal(store.isComplete, true);
  assert.deepEqual(
    inOrder(store).map((chat) => chat.id),
    [10, 9, 8, 7, 6],
  );
});

test("a chat that only sync has named so far comes into the list once all pages are here", () => {
  const store = new Store();
  store.setMe({ id: ADA, username: "ada" });
  store.addChats([rawChat()], { isLast: false });
  store.settle([rawChat(), rawChat({ id: 8, last_seq: 3 }), rawChat({ id: 9 })]);
  assert.deepEqual([...store.chats.keys()], [7]);
  store.addChats([rawChat({ id: 9 })], { isLast: true });
  assert.deepEqual([...store.chats.keys()].sort(), [7, 8, 9]);
  assert.equal(isFetched(store.chats.get(8)), false);
});

test("a message in a chat that is not listed yet brings the chat", () => {
  const store = new Store();
  store.setMe({ id: ADA, username: "ada" });
  store.addChats([rawChat()], { isLast: false });
  store.settle([rawChat(), rawChat({ id: 8, last_seq: 3, unread: 1 })]);
  assert.equal(store.bring(8).unread, 1);
  assert.equal(store.bring(8), null);
  store.merge(8, [toMessage(raw(4))]);
  assert.equal(heldSeq(store.chats.get(8)), 0);
  store.begin(8, [raw(2), raw(3)].map(toMessage), true);
  assert.deepEqual(
    store.chats.get(8).messages.map((one) => one.seq),
    [2, 3, 4],
  );
});

test("who is there is taken from a list as from single frames", () => {
  const store = makeStore(rawChat());
  store.setTyping(7, true);
  store.setPresence([
    { user_id: BOB, online: false, last_seen: "2026-01-01T00:00:00.000Z" },
    { user_id: 3, online: true, last_seen: null },
  ]);
  assert.deepEqual([store.isOnline(BOB), store.isOnline(3), store.chats.get(7).typing], [false, true, false]);
  assert.equal(store.people.get(BOB).lastSeen, Date.UTC(2026, 0, 1));
});

test("a message that comes before sync has named its chat brings the chat as soon as it has", () => {
  const store = new Store();
  store.setMe({ id: ADA, username: "ada" });
  store.addChats([rawChat()], { isLast: false });
  assert.equal(store.bring(8), null);
  const brought = store.settle([rawChat(), rawChat({ id: 8, last_seq: 3 }), rawChat({ id: 9, last_seq: 1 })]);
  assert.deepEqual(
    brought.map((chat) => chat.id),
    [8],
  );
  assert.deepEqual([...store.chats.keys()], [7, 8]);
});

test("a chat that was made while nobody was connected comes with sync, to be fetched", () => {
  const store = makeStore(rawChat());
  const [chat] = store.settle([rawChat(), rawChat({ id: 8, last_seq: 3 })]);
  assert.deepEqual([chat.id, isFetched(chat)], [8, false]);
});

const edited = (seq, changeSeq, extra = {}) =>
  toMessage(
    raw(seq, BOB, {
      content: `change ${changeSeq}`,
      edited_at: "2026-01-01T00:00:00.000Z",
      change_seq: changeSeq,
      text_seq: changeSeq,
      ...extra,
    }),
  );
const contents = (store) => store.chats.get(7).messages.map((one) => one.content);

test("a change takes the place of its message, and an earlier one that comes later does not", () => {
  const store = makeStore(rawChat({ last_seq: 2, messages: [raw(1), raw(2)] }));
  assert.equal(store.change(7, edited(1, 1)).hole, false);
  assert.equal(store.change(7, edited(1, 2)).hole, false);
  assert.equal(store.change(7, edited(1, 1)).hole, false);
  assert.deepEqual([contents(store), store.chats.get(7).heldChange], [["change 2", "text 2"], 2]);
});

test("a change beyond the next one is a hole: it counts as held once those between are", () => {
  const store = makeStore(rawChat({ last_seq: 2, messages: [raw(1), raw(2)], change_seq: 4 }));
  const chat = store.chats.get(7);
  assert.equal(store.change(7, edited(2, 6)).hole, true);
  assert.equal(chat.heldChange, 4);
  assert.equal(store.change(7, edited(1, 5)).hole, false);
  assert.equal(chat.heldChange, 6);
});

test("a change of a message that is not here yet is that message, in its place", () => {
  const store = makeStore(rawChat({ last_seq: 1, messages: [raw(1)] }));
  assert.equal(store.change(7, edited(3, 1)).hole, true);
  const { added } = store.merge(7, [raw(2), raw(3)].map(toMessage));
  assert.deepEqual(
    added.map((one) => one.content),
    ["text 2", "change 1"],
  );
});

test("a change that came before the first page of its chat is in it", () => {
  const store = makeStore(rawChat({ last_seq: 30, messages: [], more: true }));
  const chat = store.chats.get(7);
  store.change(7, edited(29, 1));
  store.begin(7, [raw(29), raw(30)].map(toMessage), true, 0);
  assert.deepEqual([contents(store), chat.heldChange], [["change 1", "text 30"], 0]);
  store.change(7, edited(30, 2));
  store.holdChanges(7, 1);
  assert.equal(chat.heldChange, 2);
});

test("a part that is read changes too, and keeps its changes when it joins the newest messages", () => {
  const store = makeStore(rawChat({ last_seq: 9, messages: [raw(8), raw(9)], more: true }));
  store.openPart(7, range(3, 5));
  store.change(7, edited(4, 1));
  assert.equal(runOf(store.chats.get(7)).messages[1].content, "change 1");
  store.appendPart(7, range(6, 7));
  assert.deepEqual(contents(store), ["text 3", "change 1", "text 5", "text 6", "text 7", "text 8", "text 9"]);
});

test("an answer shows what it answers as that is now", () => {
  const replyTo = { seq: 1, sender_id: BOB, content: "text 1" };
  const store = makeStore(rawChat({ last_seq: 3, messages: [raw(2), raw(3, ADA, { reply_to: replyTo })], more: true }));
  const quote = () => store.chats.get(7).messages[1].replyTo;
  assert.deepEqual(quote(), { seq: 1, from: BOB, content: "text 1", files: [], deleted: false, gone: false });
  store.change(7, edited(1, 1, { content: "x".repeat(300) }));
  assert.equal(quote().content, "x".repeat(200));
  store.change(7, edited(1, 2, { content: "", deleted_at: "2026-01-01T00:00:00.000Z" }));
  assert.deepEqual([quote().content, quote().deleted], ["", true]);
});

test("a text that is not verified is quoted by nobody's words", () => {
  const replyTo = { seq: 1, sender_id: BOB };
  const store = makeStore(rawChat({ last_seq: 3, messages: [raw(2), raw(3, ADA, { reply_to: replyTo })], more: true }));
  store.change(7, edited(1, 1, { problem: "not_verified" }));
  assert.equal(store.chats.get(7).messages[1].replyTo.content, "");
});

test("messages up to the floor are let go of, and the rest is whole", () => {
  const store = makeStore(rawChat({ last_seq: 5, messages: [3, 4, 5].map((seq) => raw(seq)), more: true }));
  const chat = store.chats.get(7);
  store.raiseFloor(7, 4);
  assert.deepEqual([contents(store), chat.more], [["text 5"], false]);
  store.raiseFloor(7, 2);
  store.raiseFloor(7, 5);
  assert.deepEqual([contents(store), heldSeq(chat), isFetched(chat)], [[], 5, true]);
  assert.equal(store.merge(7, [toMessage(raw(6))]).added.length, 1);
});

test("deleted messages and notices are not unread", () => {
  const gone = { content: "", deleted_at: "2026-01-01T00:00:00.000Z", change_seq: 1, text_seq: 1 };
  const messages = [raw(1), raw(2, BOB, gone), raw(3, BOB, { kind: "notice" })];
  const store = makeStore(rawChat({ last_seq: 3, unread: 1, messages, change_seq: 1 }));
  assert.equal(store.chats.get(7).unread, 1);
  store.change(7, edited(1, 2, { deleted_at: "2026-01-01T00:00:00.000Z" }));
  assert.equal(store.chats.get(7).unread, 0);
});

test("what was told live of a chat that the list had not got to is there when it has", () => {
  const store = new Store();
  store.setMe({ id: ADA, username: "ada" });
  store.addChats([rawChat({ id: 9 })], { isLast: false });
  assert.equal(store.merge(7, [toMessage(raw(3))]).hole, true);
  store.change(7, edited(2, 1));
  store.raiseFloor(7, 1);
  store.addChats([rawChat({ last_seq: 2, messages: [raw(1), raw(2)], more: false })]);
  assert.deepEqual(contents(store), ["change 1", "text 3"]);
  assert.equal(heldSeq(store.chats.get(7)), 3);
});

test("the words of what has gone go from the answers to it, and do not come back", () => {
  const answer = (seq, to) => raw(seq, ADA, { reply_to: { seq: to, sender_id: BOB, content: `text ${to}` } });
  const store = makeStore(rawChat({ last_seq: 5, messages: [raw(4), answer(5, 1)], more: true }));
  const chat = store.chats.get(7);
  store.raiseFloor(7, 3);
  const gone = { seq: 1, from: 0, content: "", files: [], deleted: false, gone: true };
  assert.deepEqual(chat.messages[1].replyTo, gone);
  store.change(7, edited(1, 1));
  assert.deepEqual(chat.messages[1].replyTo, gone);
  store.merge(7, [toMessage(answer(6, 2))]);
  assert.deepEqual(chat.messages[2].replyTo, { ...gone, seq: 2 });
});

test("an answer that comes behind a change of what it answers shows that", () => {
  const replyTo = (seq) => ({ reply_to: { seq, sender_id: BOB, content: `text ${seq}` } });
  const store = makeStore(rawChat({ last_seq: 4, messages: [raw(3), raw(4)], more: true }));
  store.change(7, edited(3, 1));
  store.change(7, edited(1, 2, { content: "", deleted_at: "2026-01-01T00:00:00.000Z" }));
  store.merge(7, [toMessage(raw(5, ADA, replyTo(3))), toMessage(raw(6, ADA, replyTo(1)))]);
  const quotes = store.chats
    .get(7)
    .messages.slice(2)
    .map((one) => one.replyTo);
  assert.deepEqual([quotes[0].content, quotes[1].content, quotes[1].deleted], ["change 1", "", true]);
});
