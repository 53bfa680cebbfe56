-- Blocked people, links for registration, links for a new password.
-- user_id does not want to hear of blocked_id; it works both ways.
CREATE TABLE IF NOT EXISTS blocks (
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
CREATE TABLE IF NOT EXISTS invites (
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
CREATE TABLE IF NOT EXISTS password_resets (
    user_id INT UNSIGNED NOT NULL,
    token CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    expires_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (user_id),
    UNIQUE KEY password_resets_token (token),
    CONSTRAINT password_resets_user_exists FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
