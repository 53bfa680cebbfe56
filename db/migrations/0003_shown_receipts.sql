-- How far the other member is shown to have received and read: it stands still while receipts are off or a block is on.
ALTER TABLE chats
    ADD COLUMN user1_shown_delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN user1_shown_read_seq INT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN user2_shown_delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    ADD COLUMN user2_shown_read_seq INT UNSIGNED NOT NULL DEFAULT 0;
