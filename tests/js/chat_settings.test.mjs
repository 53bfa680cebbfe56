import assert from "node:assert/strict";
import { test } from "node:test";
import { isArchived, isMuted } from "../../web/chat_web/static/js/chat_settings.js";
import { countAllUnread, inOrder } from "../../web/chat_web/static/js/list_order.js";
import { Store } from "../../web/chat_web/static/js/store.js";
import { rawChat as listed, rawMessage } from "./raw.mjs";

const ADA = 1;
const HOUR = 3_600_000;

const at = (moment) => new Date(moment).toISOString();
const raw = (chat, seq, moment = seq * 1000) =>
  rawMessage(seq, { chat_id: chat, sender_id: chat + 100, sent_at: at(moment) });
const rawChat = (id, extra = {}) => listed({ id, other_user: { id: id + 100, username: `user${id}` }, ...extra });

function makeStore(...chats) {
  const store = new Store();
  store.setMe({ id: ADA, username: "ada" });
  store.addChats(chats);
  return store;
}

test("what is set of a chat comes with the list, with sync_done and with chat_changed", () => {
  const store = makeStore(rawChat(7, { pinned_at: at(1000), muted_until: at(5000), keep_seconds: 3600 }));
  const chat = store.chats.get(7);
  assert.deepEqual([chat.pinnedAt, chat.mutedUntil, chat.archivedAt, chat.keepSeconds], [1000, 5000, 0, 3600]);
  store.settle([rawChat(7, { archived_at: at(2000) })]);
  assert.deepEqual([chat.pinnedAt, chat.mutedUntil, chat.archivedAt, chat.keepSeconds], [0, 0, 2000, null]);
  store.changeChat(rawChat(7, { pinned_at: at(3000) }));
  assert.deepEqual([chat.pinnedAt, chat.archivedAt], [3000, 0]);
});

test("a chat_changed of people leaves what is set as it was", () => {
  const store = makeStore(rawChat(7, { pinned_at: at(1000), muted_until: at(5000) }));
  store.changeChat({ id: 7, other_user: { id: 107, username: null } });
  const chat = store.chats.get(7);
  assert.deepEqual([chat.pinnedAt, chat.mutedUntil, chat.other.deleted], [1000, 5000, true]);
});

test("a chat that is cleared on another device lets go of its messages, and counts none of them", () => {
  const messages = [raw(7, 1), raw(7, 2), raw(7, 3)];
  const store = makeStore(rawChat(7, { last_seq: 3, unread: 3, messages }));
  store.changeChat(rawChat(7, { last_seq: 3, unread: 1, floor: 2 }));
  const chat = store.chats.get(7);
  assert.deepEqual(
    chat.messages.map((one) => one.seq),
    [3],
  );
  assert.equal(chat.unread, 1);
  store.changeChat(rawChat(7, { last_seq: 3, unread: 0, floor: 3 }));
  assert.deepEqual([chat.messages, chat.unread], [[], 0]);
});

test("messages that were purged are not unread any more", () => {
  const messages = [raw(7, 1), raw(7, 2), raw(7, 3)];
  const store = makeStore(rawChat(7, { last_seq: 3, unread: 3, messages }));
  const chat = store.chats.get(7);
  store.raiseFloor(7, 2);
  assert.equal(chat.unread, 1);
  store.raiseFloor(7, 3);
  assert.equal(chat.unread, 0);
});

test("what is set of a chat that the list has not got to yet is there when it does", () => {
  const store = new Store();
  store.setMe({ id: ADA, username: "ada" });
  store.addChats([rawChat(7)], { isLast: false });
  store.settle([rawChat(7), rawChat(8)]);
  store.changeChat(rawChat(8, { pinned_at: at(1000) }));
  assert.equal(store.bring(8).pinnedAt, 1000);
});

test("a chat is muted until its moment, without anything being told", () => {
  const { chats } = makeStore(rawChat(7, { muted_until: at(5000) }));
  assert.deepEqual(
    [4999, 5000].map((now) => isMuted(chats.get(7), now)),
    [true, false],
  );
});

test("a message that came since brings a chat back from the archive, unless it is muted", () => {
  const store = makeStore(
    rawChat(7, { last_seq: 1, messages: [raw(7, 1, 1000)], archived_at: at(2000) }),
    rawChat(8, { last_seq: 1, messages: [raw(8, 1, 1000)], archived_at: at(2000), muted_until: at(9 * HOUR) }),
  );
  const archived = (now = HOUR) => [7, 8].map((id) => isArchived(store.chats.get(id), now));
  assert.deepEqual(archived(), [true, true]);
  for (const id of [7, 8]) store.merge(id, [{ ...store.chats.get(id).messages[0], seq: 2, at: 3000 }]);
  assert.deepEqual(archived(), [false, true]);
  assert.deepEqual(archived(10 * HOUR), [false, false]);
});

test("pinned chats stand first, and within both the newest activity", () => {
  const store = makeStore(
    rawChat(1, { last_seq: 1, messages: [raw(1, 1, 4000)] }),
    rawChat(2, { last_seq: 1, messages: [raw(2, 1, 3000)], pinned_at: at(9000) }),
    rawChat(3, { last_seq: 1, messages: [raw(3, 1, 2000)], pinned_at: at(8000) }),
    rawChat(4, { last_seq: 1, messages: [raw(4, 1, 1000)] }),
  );
  const ids = () => inOrder(store).map((chat) => chat.id);
  assert.deepEqual(ids(), [2, 3, 1, 4]);
  store.merge(3, [{ ...store.chats.get(3).messages[0], seq: 2, at: 5000 }]);
  assert.deepEqual(ids(), [3, 2, 1, 4]);
});

test("what is muted or lies in the archive does not count", () => {
  const later = at(Date.now() + HOUR);
  const messages = (chat) => [raw(chat, 1)];
  const unread = (id, extra) => rawChat(id, { last_seq: 1, unread: 1, messages: messages(id), ...extra });
  const store = makeStore(unread(1), unread(2, { muted_until: later }), unread(3, { archived_at: later }));
  assert.equal(countAllUnread(store), 1);
});
