// What stands in the conversation, from top to bottom: messages in groups, day lines, the line of new ones.

/**
 * @typedef {import("./chat.js").Message} Message
 * @typedef {"older" | "beginning" | "day" | "unread-line" | "newer" | "typing"} LineKind
 * @typedef {{ key: string, kind: LineKind, label?: string }} Line
 * @typedef {{ key: string, kind: "message", message: Message, isMine: boolean, isFirst: boolean, isLast: boolean }} Item
 */

const GROUP = 5 * 60_000;

/** @param {number} moment */
const dayOf = (moment) => {
  const date = new Date(moment);
  return date.getFullYear() * 400 + date.getMonth() * 32 + date.getDate();
};

/**
 * The messages from `begin` to before `end`, each with whether it is the first or last of its group, and a line before
 * the first one of each day.
 * @param {object} parts
 * @param {Message[]} parts.messages
 * @param {number} parts.begin
 * @param {number} parts.end
 * @param {number} parts.myId
 * @param {number} parts.unreadSeq the first new message, or 0
 * @param {(moment: number) => string} parts.dayLabel
 */
export function itemsOf({ messages, begin, end, myId, unreadSeq, dayLabel }) {
  /**
   * @param {Message | undefined} a
   * @param {Message | undefined} b
   */
  const isJoined = (a, b) => {
    if (!a || !b || a.from !== b.from || b.at - a.at >= GROUP) return false;
    return dayOf(a.at) === dayOf(b.at) && (b.seq === 0 || b.seq !== unreadSeq);
  };
  /** @type {(Item | Line)[]} */
  const items = [];
  for (let index = begin; index < end; index += 1) {
    const message = messages[index];
    const before = messages[index - 1];
    const day = dayOf(message.at);
    if (!before || index === begin || day !== dayOf(before.at)) {
      items.push({ key: `day ${day}`, kind: "day", label: dayLabel(message.at) });
    }
    if (message.seq && message.seq === unreadSeq) items.push({ key: "line", kind: "unread-line" });
    const isMine = message.from === myId;
    const key = isMine && message.clientId ? `c ${message.clientId}` : `s ${message.seq}`;
    const [isFirst, isLast] = [!isJoined(before, message), !isJoined(message, messages[index + 1])];
    items.push({ key, kind: "message", message, isMine, isFirst, isLast });
  }
  return items;
}
