-- The whole current schema of ChatApp, run once in an empty database (utf8mb4).
-- A volume of an earlier release reaches the same schema through migrations/; a test holds the two together.
-- It must run on MySQL 8.4 and 9 and on MariaDB 10.11. All times are UTC: chat_db sets the session's time zone.

ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- The collation decides which names are one name (Ada, ada, àda); MySQL and MariaDB both have this one.
-- A deleted account keeps its row, without name and password. What changes often is in tables of its own, below.
CREATE TABLE users (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    username VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
    password VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL DEFAULT NULL,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    disabled_at TIMESTAMP(3) NULL DEFAULT NULL,
    deleted_at TIMESTAMP(3) NULL DEFAULT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY users_username (username)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- participant_pair makes "one chat for two people" the table's rule, whoever of the two asks first.
-- change_seq is the number of the chat's last change. Messages up to purged_seq are gone for both; those older than
-- keep_seconds go, from keep_from on.
CREATE TABLE chats (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    user1_id INT UNSIGNED NOT NULL,
    user2_id INT UNSIGNED NOT NULL,
    participant_pair VARCHAR(21) CHARACTER SET ascii COLLATE ascii_bin
        GENERATED ALWAYS AS (CONCAT(LEAST(user1_id, user2_id), '-', GREATEST(user1_id, user2_id))) STORED,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    change_seq INT UNSIGNED NOT NULL DEFAULT 0,
    purged_seq INT UNSIGNED NOT NULL DEFAULT 0,
    keep_seconds INT UNSIGNED NULL DEFAULT NULL,
    keep_from TIMESTAMP(3) NULL DEFAULT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY chats_participant_pair (participant_pair),
    KEY chats_user1 (user1_id),
    KEY chats_user2 (user2_id),
    KEY chats_keep_from (keep_from),
    CONSTRAINT chats_user1_exists FOREIGN KEY (user1_id) REFERENCES users (id),
    CONSTRAINT chats_user2_exists FOREIGN KEY (user2_id) REFERENCES users (id),
    CONSTRAINT chats_two_people CHECK (user1_id <> user2_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- What each of the two has for itself in a chat: how far they have received and read it, up to and including.
-- The shown_… columns are what the other member may see: they stand still while receipts are off or a block is on.
-- Messages up to cleared_seq are gone for this member. muted_until may lie beyond 2038, where a TIMESTAMP ends.
CREATE TABLE members (
    chat_id INT UNSIGNED NOT NULL,
    user_id INT UNSIGNED NOT NULL,
    delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    read_seq INT UNSIGNED NOT NULL DEFAULT 0,
    shown_delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    shown_read_seq INT UNSIGNED NOT NULL DEFAULT 0,
    cleared_seq INT UNSIGNED NOT NULL DEFAULT 0,
    muted_until DATETIME(3) NULL DEFAULT NULL,
    pinned_at TIMESTAMP(3) NULL DEFAULT NULL,
    archived_at TIMESTAMP(3) NULL DEFAULT NULL,
    PRIMARY KEY (chat_id, user_id),
    KEY members_user (user_id, chat_id),
    KEY members_cleared (cleared_seq),
    CONSTRAINT members_chat_exists FOREIGN KEY (chat_id) REFERENCES chats (id) ON DELETE CASCADE,
    CONSTRAINT members_user_exists FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- The two UNIQUE keys are the judges of order (one number, one message) and of idempotence (one client_id,
-- one message): the journal writes first and asks them afterwards.
-- A row is a message as it is now. change_seq numbers its last change, text_seq the last one of its text; 0: none.
-- kind: 0 a text, 1 a notice, 2 a text with files. Reactions are encrypted as the text is. Of a deleted one only the frame is left.
CREATE TABLE messages (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    chat_id INT UNSIGNED NOT NULL,
    sender_id INT UNSIGNED NOT NULL,
    seq INT UNSIGNED NOT NULL,
    client_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    content TEXT NOT NULL,
    key_version SMALLINT NOT NULL DEFAULT 0,
    sent_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    kind TINYINT UNSIGNED NOT NULL DEFAULT 0,
    reply_to_seq INT UNSIGNED NULL DEFAULT NULL,
    edited_at TIMESTAMP(3) NULL DEFAULT NULL,
    deleted_at TIMESTAMP(3) NULL DEFAULT NULL,
    sender_reaction VARCHAR(128) NULL DEFAULT NULL,
    other_reaction VARCHAR(128) NULL DEFAULT NULL,
    change_seq INT UNSIGNED NOT NULL DEFAULT 0,
    text_seq INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY messages_chat_seq (chat_id, seq),
    UNIQUE KEY messages_sender_client (sender_id, client_id),
    KEY messages_key_version (key_version),
    CONSTRAINT messages_chat_exists FOREIGN KEY (chat_id) REFERENCES chats (id),
    CONSTRAINT messages_sender_exists FOREIGN KEY (sender_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- What was changed, in the order of each chat: by whom, and under which client_id, so that a change that is sent again
-- is done once. What changed nothing stands beside the change that it found. Old rows go: a client that was away for
-- longer begins anew.
CREATE TABLE changes (
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

-- One row. A restored backup gets another epoch, by which clients know that what they hold may never have been.
CREATE TABLE installation (
    id TINYINT UNSIGNED NOT NULL DEFAULT 1,
    epoch CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT installation_is_one CHECK (id = 1)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

INSERT INTO installation (epoch) VALUES (REPLACE(UUID(), '-', ''));

-- One row for each login. token is the SHA-256 (hex) of what the client holds, never the token.
CREATE TABLE tokens (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    user_id INT UNSIGNED NOT NULL,
    token CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    expires_at TIMESTAMP(3) NOT NULL,
    last_used_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    user_agent VARCHAR(255) NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    UNIQUE KEY tokens_token (token),
    KEY tokens_user (user_id),
    CONSTRAINT tokens_user_exists FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- What people change again and again is apart from `users`: a row there that is being changed makes everybody wait who
-- sends a message, since the journal's INSERT shares a lock on its sender's row. No foreign keys for the same reason:
-- each of them would lock the row in `users`. A user's row is never deleted. Where there is no row, both are shown.
CREATE TABLE user_privacy (
    user_id INT UNSIGNED NOT NULL,
    show_receipts BOOLEAN NOT NULL DEFAULT TRUE,
    show_presence BOOLEAN NOT NULL DEFAULT TRUE,
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE user_last_seen (
    user_id INT UNSIGNED NOT NULL,
    last_seen_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- changed_at tells every ws-server that it must look at this user again.
CREATE TABLE user_changes (
    user_id INT UNSIGNED NOT NULL,
    changed_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (user_id),
    KEY user_changes_changed (changed_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- Deleted users whose chats have not been looked at yet: those whose other member is deleted too go.
CREATE TABLE purges (
    user_id INT UNSIGNED NOT NULL,
    deleted_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- Browsers that have logged in as a user before: their tries at the password have a count of their own. token is the
-- SHA-256 (hex) of a cookie.
CREATE TABLE known_devices (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    user_id INT UNSIGNED NOT NULL,
    token CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    last_used_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (id),
    UNIQUE KEY known_devices_token_user (token, user_id),
    KEY known_devices_user (user_id),
    CONSTRAINT known_devices_user_exists FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- user_id does not want to hear of blocked_id; it works both ways.
CREATE TABLE blocks (
    user_id INT UNSIGNED NOT NULL,
    blocked_id INT UNSIGNED NOT NULL,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (user_id, blocked_id),
    KEY blocks_blocked (blocked_id),
    CONSTRAINT blocks_user_exists FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT blocks_blocked_exists FOREIGN KEY (blocked_id) REFERENCES users (id),
    CONSTRAINT blocks_two_people CHECK (user_id <> blocked_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- A link that lets one person register. token is a SHA-256 (hex); user_id is who made it, NULL: the command line.
CREATE TABLE invites (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    user_id INT UNSIGNED NULL DEFAULT NULL,
    token CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    expires_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY invites_token (token),
    KEY invites_user (user_id),
    CONSTRAINT invites_user_exists FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- A link that sets a new password once. One for each user: a new one replaces the last.
CREATE TABLE password_resets (
    user_id INT UNSIGNED NOT NULL,
    token CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    expires_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (user_id),
    UNIQUE KEY password_resets_token (token),
    CONSTRAINT password_resets_user_exists FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- A file that somebody sends. Its bytes lie encrypted under stored_name in FILES_DIR of web, with a key of their own that
-- wrapped_key holds; metadata (name, measures, preview) is encrypted too. Rows decide: what has no row, or one whose
-- state is 2, goes from the disk. state: 0 open (bytes are coming), 1 complete, 2 dying. kind: 0 a file, 1 a picture,
-- 2 a film, 3 sound. message_id is NULL until it is sent; thumbnail_of: it is the small version of another one.
-- No foreign keys: a row outlives its message and its chat until its bytes are gone.
CREATE TABLE files (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    owner_id INT UNSIGNED NOT NULL,
    chat_id INT UNSIGNED NOT NULL,
    client_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state TINYINT UNSIGNED NOT NULL DEFAULT 0,
    message_id BIGINT UNSIGNED NULL DEFAULT NULL,
    position TINYINT UNSIGNED NOT NULL DEFAULT 0,
    thumbnail_of INT UNSIGNED NULL DEFAULT NULL,
    stored_name CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    size BIGINT UNSIGNED NOT NULL,
    kind TINYINT UNSIGNED NOT NULL DEFAULT 0,
    type VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    metadata TEXT NOT NULL,
    wrapped_key VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    key_version SMALLINT NOT NULL DEFAULT 0,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    changed_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (id),
    UNIQUE KEY files_owner_client (owner_id, client_id),
    UNIQUE KEY files_stored_name (stored_name),
    UNIQUE KEY files_thumbnail (thumbnail_of),
    KEY files_message (message_id, thumbnail_of, changed_at),
    KEY files_chat (chat_id, kind, message_id),
    KEY files_state (state, changed_at),
    KEY files_key_version (key_version)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- How much each has on the disk, each file with 64 KiB at least, and how many uploads are open. Apart from `users`, as
-- what is above.
CREATE TABLE user_files (
    user_id INT UNSIGNED NOT NULL,
    bytes BIGINT UNSIGNED NOT NULL DEFAULT 0,
    uploads INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- One row for each version that was applied; the highest is what this database is at.
CREATE TABLE schema_version (
    version INT UNSIGNED NOT NULL,
    applied_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (version)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

INSERT INTO schema_version (version) VALUES (13);
