// What the server lists: messages and chats of Ada (1) with Bob (2), in chat 7.

/** A message of Bob. */
export const rawMessage = (seq, extra = {}) => ({
  id: seq,
  chat_id: 7,
  seq,
  sender_id: 2,
  content: `text ${seq}`,
  sent_at: new Date(seq * 1000).toISOString(),
  ...extra,
});

/** A chat without messages. */
export const rawChat = (extra = {}) => ({
  id: 7,
  other_user: { id: 2, username: "bob" },
  last_seq: 0,
  unread: 0,
  delivered_seq: 0,
  read_seq: 0,
  other_delivered_seq: 0,
  other_read_seq: 0,
  messages: [],
  more: false,
  ...extra,
});
