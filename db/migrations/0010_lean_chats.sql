-- Receipts are in `members` since 0009; `chats` does not hold them any more.
-- A start that was cut off before the version was noted runs the file again, and DROP COLUMN IF EXISTS is MariaDB's
-- only: so the statement is chosen by what is there.
SET @step = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'chats' AND column_name = 'user1_read_seq'
    ),
    'ALTER TABLE chats
        DROP COLUMN user1_delivered_seq, DROP COLUMN user1_read_seq,
        DROP COLUMN user2_delivered_seq, DROP COLUMN user2_read_seq,
        DROP COLUMN user1_shown_delivered_seq, DROP COLUMN user1_shown_read_seq,
        DROP COLUMN user2_shown_delivered_seq, DROP COLUMN user2_shown_read_seq,
        ALGORITHM = INSTANT',
    'DO 0'
);
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
