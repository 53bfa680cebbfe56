// What of a chat is in view, as items: the messages of the window, and below the newest one those that wait.
import { waitingOf } from "./list_order.js";
import { itemsOf } from "./message_items.js";
import { changedBy } from "./pending_changes.js";
import { runOf } from "./runs.js";

/**
 * @param {import("./chat.js").Chat} chat
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {import("./dates.js").Dates} parts.dates
 * @param {import("./message_window.js").MessageWindow} parts.window
 * @param {number} parts.unreadSeq the first new message, or 0
 * @param {boolean} parts.isEmpty whether its messages are still to come
 */
export function shownItems(chat, { store, dates, window, unreadSeq, isEmpty }) {
  const { messages, more } = runOf(chat);
  const { isFollowing } = window;
  const waiting = isFollowing ? waitingOf(store, chat) : [];
  const { begin, end } = window.rangeOf(chat);
  return itemsOf({
    messages: waiting.length ? messages.concat(waiting) : messages,
    begin,
    end: end + waiting.length,
    myId: store.myId,
    changed: changedBy(store.waiting, chat.id, store.myId),
    unreadSeq,
    dayLabel: (moment) => dates.day(moment),
    hasOlder: begin > 0 || more || isEmpty,
    isCut: chat.floor > 0,
    isFollowing,
    isTyping: chat.typing,
  });
}
