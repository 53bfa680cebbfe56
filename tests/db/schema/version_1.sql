-- The schema of the first release (version 1), as it was and as volumes out there have it: never edited again.
-- test_schema.py leads it through every migration and compares what comes out with db/init.sql.

ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- The collation decides which names are one name (Ada, ada, àda); MySQL and MariaDB both have this one.
CREATE TABLE users (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    username VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL,
    password VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    last_seen_at TIMESTAMP(3) NULL DEFAULT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY users_username (username)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- participant_pair makes "one chat for two people" the table's rule, whoever of the two asks first.
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

-- One row for each version that was applied; the highest is what this database is at.
CREATE TABLE schema_version (
    version INT UNSIGNED NOT NULL,
    applied_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    PRIMARY KEY (version)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

INSERT INTO schema_version (version) VALUES (1);
