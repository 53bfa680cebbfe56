-- Messages that change after they were sent, and what each member does with a chat. A start that was cut off before the
-- version was noted runs the file again, and ADD COLUMN IF NOT EXISTS is MariaDB's only: so each statement is chosen by
-- what is there.
SET @step = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'messages' AND column_name = 'change_seq'
    ),
    'DO 0',
    'ALTER TABLE messages
        ADD COLUMN kind TINYINT UNSIGNED NOT NULL DEFAULT 0,
        ADD COLUMN reply_to_seq INT UNSIGNED NULL DEFAULT NULL,
        ADD COLUMN edited_at TIMESTAMP(3) NULL DEFAULT NULL,
        ADD COLUMN deleted_at TIMESTAMP(3) NULL DEFAULT NULL,
        ADD COLUMN sender_reaction VARCHAR(128) NULL DEFAULT NULL,
        ADD COLUMN other_reaction VARCHAR(128) NULL DEFAULT NULL,
        ADD COLUMN change_seq INT UNSIGNED NOT NULL DEFAULT 0,
        ADD COLUMN text_seq INT UNSIGNED NOT NULL DEFAULT 0,
        ALGORITHM = INSTANT'
);
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

SET @step = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'chats' AND column_name = 'change_seq'
    ),
    'DO 0',
    'ALTER TABLE chats
        ADD COLUMN change_seq INT UNSIGNED NOT NULL DEFAULT 0,
        ADD COLUMN purged_seq INT UNSIGNED NOT NULL DEFAULT 0,
        ADD COLUMN keep_seconds INT UNSIGNED NULL DEFAULT NULL,
        ADD COLUMN keep_from TIMESTAMP(3) NULL DEFAULT NULL,
        ALGORITHM = INSTANT'
);
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

SET @step = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'members' AND column_name = 'cleared_seq'
    ),
    'DO 0',
    'ALTER TABLE members
        ADD COLUMN cleared_seq INT UNSIGNED NOT NULL DEFAULT 0,
        ADD COLUMN muted_until DATETIME(3) NULL DEFAULT NULL,
        ADD COLUMN pinned_at TIMESTAMP(3) NULL DEFAULT NULL,
        ADD COLUMN archived_at TIMESTAMP(3) NULL DEFAULT NULL,
        ALGORITHM = INSTANT'
);
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

SET @step = IF(
    EXISTS (
        SELECT 1 FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'chats' AND index_name = 'chats_keep_from'
    ),
    'DO 0',
    'ALTER TABLE chats ADD KEY chats_keep_from (keep_from), ALGORITHM = INPLACE, LOCK = NONE'
);
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

SET @step = IF(
    EXISTS (
        SELECT 1 FROM information_schema.statistics
        WHERE table_schema = DATABASE() AND table_name = 'members' AND index_name = 'members_cleared'
    ),
    'DO 0',
    'ALTER TABLE members ADD KEY members_cleared (cleared_seq), ALGORITHM = INPLACE, LOCK = NONE'
);
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;

CREATE TABLE IF NOT EXISTS changes (
    chat_id INT UNSIGNED NOT NULL,
    change_seq INT UNSIGNED NOT NULL,
    seq INT UNSIGNED NOT NULL,
    user_id INT UNSIGNED NOT NULL,
    client_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    changed_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (chat_id, change_seq, user_id, client_id),
    UNIQUE KEY changes_user_client (user_id, client_id),
    KEY changes_changed (changed_at),
    CONSTRAINT changes_chat_exists FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS installation (
    id TINYINT UNSIGNED NOT NULL DEFAULT 1,
    epoch CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT installation_is_one CHECK (id = 1)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

INSERT IGNORE INTO installation (epoch) VALUES (REPLACE(UUID(), '-', ''));
