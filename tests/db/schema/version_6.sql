-- The schema of release 1.0.0 (version 6), as it was and as volumes out there have it: never edited again.

ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- The collation decides which names are one name (Ada, ada, àda); MySQL and MariaDB both have this one.
-- A deleted account keeps its row, without name and password. changed_at tells every ws-server to look again.
CREATE TABLE users (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    username VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
    password VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL DEFAULT NULL,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    last_seen_at TIMESTAMP(3) NULL DEFAULT NULL,
    disabled_at TIMESTAMP(3) NULL DEFAULT NULL,
    deleted_at TIMESTAMP(3) NULL DEFAULT NULL,
    show_receipts BOOLEAN NOT NULL DEFAULT TRUE,
    show_presence BOOLEAN NOT NULL DEFAULT TRUE,
    changed_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (id),
    UNIQUE KEY users_username (username),
    KEY users_changed (changed_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- participant_pair makes "one chat for two people" the table's rule, whoever of the two asks first.
-- The shown_… columns are what the other member may see: they stand still while receipts are off or a block is on.
CREATE TABLE chats (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    user1_id INT UNSIGNED NOT NULL,
    user2_id INT UNSIGNED NOT NULL,
    participant_pair VARCHAR(21) CHARACTER SET ascii COLLATE ascii_bin
        GENERATED ALWAYS AS (CONCAT(LEAST(user1_id, user2_id), '-', GREATEST(user1_id, user2_id))) STORED,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    user1_delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    user1_read_seq INT UNSIGNED NOT NULL DEFAULT 0,
    user2_delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    user2_read_seq INT UNSIGNED NOT NULL DEFAULT 0,
    user1_shown_delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    user1_shown_read_seq INT UNSIGNED NOT NULL DEFAULT 0,
    user2_shown_delivered_seq INT UNSIGNED NOT NULL DEFAULT 0,
    user2_shown_read_seq INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE KEY chats_participant_pair (participant_pair),
    KEY chats_user1 (user1_id),
    KEY chats_user2 (user2_id),
    CONSTRAINT chats_user1_exists FOREIGN KEY (user1_id) REFERENCES users (id),
    CONSTRAINT chats_user2_exists FOREIGN KEY (user2_id) REFERENCES users (id),
    CONSTRAINT chats_two_people CHECK (user1_id <> user2_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- The two UNIQUE keys are the judges of order (one number, one message) and of idempotence (one client_id,
-- one message): the journal writes first and asks them afterwards.
CREATE TABLE messages (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    chat_id INT UNSIGNED NOT NULL,
    sender_id INT UNSIGNED NOT NULL,
    seq INT UNSIGNED NOT NULL,
    client_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    content TEXT NOT NULL,
    key_version SMALLINT NOT NULL DEFAULT 0,
    sent_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (id),
    UNIQUE KEY messages_chat_seq (chat_id, seq),
    UNIQUE KEY messages_sender_client (sender_id, client_id),
    KEY messages_key_version (key_version),
    CONSTRAINT messages_chat_exists FOREIGN KEY (chat_id) REFERENCES chats (id),
    CONSTRAINT messages_sender_exists FOREIGN KEY (sender_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

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

-- One row for each version that was applied; the highest is what this database is at.
CREATE TABLE schema_version (
    version INT UNSIGNED NOT NULL,
    applied_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (version)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

INSERT INTO schema_version (version) VALUES (6);
