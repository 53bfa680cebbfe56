-- Accounts can be disabled and deleted, and can hide receipts and presence. A deleted one has no name and no password.
-- changed_at tells every ws-server that it must look at this user again.
ALTER TABLE users
    MODIFY username VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
    MODIFY password VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NULL DEFAULT NULL,
    ADD COLUMN disabled_at TIMESTAMP(3) NULL DEFAULT NULL,
    ADD COLUMN deleted_at TIMESTAMP(3) NULL DEFAULT NULL,
    ADD COLUMN show_receipts BOOLEAN NOT NULL DEFAULT TRUE,
    ADD COLUMN show_presence BOOLEAN NOT NULL DEFAULT TRUE,
    ADD COLUMN changed_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    ADD KEY users_changed (changed_at);
