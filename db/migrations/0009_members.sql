-- What each of the two has for itself in a chat leaves `chats` (0010 takes the old columns away). A receipt is then an
-- UPDATE of a row that the journal's INSERT does not lock.
CREATE TABLE IF NOT EXISTS members (
    chat_id INT UNSIGNED NOT NULL,
    user_id INT UNSIGNED NOT NULL,
    delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    read_seq INT UNSIGNED NOT NULL DEFAULT 0,
    shown_delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    shown_read_seq INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (chat_id, user_id),
    KEY members_user (user_id, chat_id),
    CONSTRAINT members_chat_exists FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT members_user_exists FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- A second run takes over what an earlier release has written since the first one.
INSERT INTO members (chat_id, user_id, delivered_seq, read_seq, shown_delivered_seq, shown_read_seq)
SELECT id, user1_id, user1_delivered_seq, user1_read_seq, user1_shown_delivered_seq, user1_shown_read_seq FROM chats
ON DUPLICATE KEY UPDATE
    delivered_seq = GREATEST(members.delivered_seq, VALUES(delivered_seq)),
    read_seq = GREATEST(members.read_seq, VALUES(read_seq)),
    shown_delivered_seq = GREATEST(members.shown_delivered_seq, VALUES(shown_delivered_seq)),
    shown_read_seq = GREATEST(members.shown_read_seq, VALUES(shown_read_seq));

INSERT INTO members (chat_id, user_id, delivered_seq, read_seq, shown_delivered_seq, shown_read_seq)
SELECT id, user2_id, user2_delivered_seq, user2_read_seq, user2_shown_delivered_seq, user2_shown_read_seq FROM chats
ON DUPLICATE KEY UPDATE
    delivered_seq = GREATEST(members.delivered_seq, VALUES(delivered_seq)),
    read_seq = GREATEST(members.read_seq, VALUES(read_seq)),
    shown_delivered_seq = GREATEST(members.shown_delivered_seq, VALUES(shown_delivered_seq)),
    shown_read_seq = GREATEST(members.shown_read_seq, VALUES(shown_read_seq));
