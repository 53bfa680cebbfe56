// What stands in the conversation, from top to bottom: messages in groups, day lines, the line of new ones.

/**
 * @typedef {import("./chat.js").Message} Message
 * @typedef {"older" | "beginning" | "gone" | "day" | "unread-line" | "newer" | "typing"} LineKind
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
 * Whether two messages that follow each other are of one group.
 * @param {Message | undefined} a
 * @param {Message | undefined} b
 * @param {number} unreadSeq
 */
function isJoined(a, b, unreadSeq) {
  if (!a || !b || a.from !== b.from || b.at - a.at >= GROUP || a.notice || b.notice) return false;
  // One that was not sent says so in the place of a time, which those before it need.
  if ((a.state === "failed") !== (b.state === "failed")) return false;
  return dayOf(a.at) === dayOf(b.at) && (b.seq === 0 || b.seq !== unreadSeq);
}

/**
 * @param {LineKind} kind
 * @returns {Line}
 */
const lineOf = (kind) => ({ key: kind, kind });

/** @param {Message} message */
const same = (message) => message;

/**
 * The messages from `begin` to before `end`, each with whether it is the first or last of its group, and a line before
 * the first one of each day. The lines above and below them stay the same while more arrives: what is in view has nothing
 * to move for.
 * @param {object} parts
 * @param {Message[]} parts.messages
 * @param {number} parts.begin
 * @param {number} parts.end
 * @param {number} parts.myId
 * @param {(message: Message) => Message} [parts.changed] a message with the changes of it that wait
 * @param {number} parts.unreadSeq the first new message, or 0
 * @param {(moment: number) => string} parts.dayLabel
 * @param {boolean} parts.hasOlder
 * @param {boolean} [parts.isCut] whether there were older ones, which are gone
 * @param {boolean} parts.isFollowing whether they end with the newest one
 * @param {boolean} parts.isTyping
 */
export function itemsOf({
  messages,
  begin,
  end,
  myId,
  changed = same,
  unreadSeq,
  dayLabel,
  hasOlder,
  isCut = false,
  isFollowing,
  isTyping,
}) {
  /** @type {(Item | Line)[]} */
  const items = [hasOlder ? lineOf("older") : lineOf(isCut ? "gone" : "beginning")];
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
    const [isFirst, isLast] = [
      !isJoined(before, message, unreadSeq),
      !isJoined(message, messages[index + 1], unreadSeq),
    ];
    items.push({ key, kind: "message", message: changed(message), isMine, isFirst, isLast });
  }
  if (!isFollowing) items.push(lineOf("newer"));
  else if (isTyping) items.push(lineOf("typing"));
  return items;
}
