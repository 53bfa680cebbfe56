-- Everything received and read before this release was shown. A second run finds it done.
UPDATE chats SET
    user1_shown_delivered_seq = GREATEST(user1_shown_delivered_seq, user1_delivered_seq),
    user1_shown_read_seq = GREATEST(user1_shown_read_seq, user1_read_seq),
    user2_shown_delivered_seq = GREATEST(user2_shown_delivered_seq, user2_delivered_seq),
    user2_shown_read_seq = GREATEST(user2_shown_read_seq, user2_read_seq);
