-- Accounts that were deleted wait here until their chats have been looked at. Which of the old ones did so, nobody has
-- noted: all of them wait once more. A second run does no harm.
CREATE TABLE IF NOT EXISTS purges (
    user_id INT UNSIGNED NOT NULL,
    deleted_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

INSERT IGNORE INTO purges (user_id, deleted_at) SELECT id, deleted_at FROM users WHERE deleted_at IS NOT NULL;
