-- What people change again and again is in tables of its own since 0007; `users` does not hold it any more.
-- The runner notes a version after its file has run: a start that was cut off between the two runs the file again, and
-- DROP COLUMN IF EXISTS is MariaDB's only. So the statement is chosen by what is there.
-- INPLACE: MySQL drops a column with INSTANT, but not together with its key.
SET @step = IF(
    EXISTS (
        SELECT 1 FROM information_schema.columns
        WHERE table_schema = DATABASE() AND table_name = 'users' AND column_name = 'changed_at'
    ),
    'ALTER TABLE users DROP KEY users_changed, DROP COLUMN changed_at, DROP COLUMN last_seen_at,
        DROP COLUMN show_receipts, DROP COLUMN show_presence, ALGORITHM = INPLACE',
    'DO 0'
);
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
