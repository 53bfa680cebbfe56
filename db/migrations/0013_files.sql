-- Files that people send, and how much each of them has sent. Their bytes are not in the database.
CREATE TABLE IF NOT EXISTS files (
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

CREATE TABLE IF NOT EXISTS user_files (
    user_id INT UNSIGNED NOT NULL,
    bytes BIGINT UNSIGNED NOT NULL DEFAULT 0,
    uploads INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
