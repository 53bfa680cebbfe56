-- What people change again and again leaves `users` (0008 takes the old columns away): a row there that is being
-- changed makes everybody wait who sends a message, since the journal's INSERT shares a lock on its sender's row.
-- No foreign keys for the same reason: each of them would lock the row in `users`. A user's row is never deleted.
CREATE TABLE IF NOT EXISTS user_privacy (
    user_id INT UNSIGNED NOT NULL,
    show_receipts BOOLEAN NOT NULL DEFAULT TRUE,
    show_presence BOOLEAN NOT NULL DEFAULT TRUE,
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE IF NOT EXISTS user_last_seen (
    user_id INT UNSIGNED NOT NULL,
    last_seen_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- changed_at tells every ws-server that it must look at this user again.
CREATE TABLE IF NOT EXISTS user_changes (
    user_id INT UNSIGNED NOT NULL,
    changed_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (user_id),
    KEY user_changes_changed (changed_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

-- Browsers that have logged in as a user before: their tries at the password have a count of their own. token is the
-- SHA-256 (hex) of a cookie.
CREATE TABLE IF NOT EXISTS known_devices (
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

INSERT IGNORE INTO user_privacy (user_id, show_receipts, show_presence)
SELECT id, show_receipts, show_presence FROM users WHERE NOT (show_receipts AND show_presence);

INSERT IGNORE INTO user_last_seen (user_id, last_seen_at)
SELECT id, last_seen_at FROM users WHERE last_seen_at IS NOT NULL;
