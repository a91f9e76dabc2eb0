-- Whether nobody waits for the row, as with what reconciliation marks: other rows that are due go first. A replica of the
-- version before writes FALSE, and leaves a row that is there as it is.
ALTER TABLE work ADD COLUMN is_background INTEGER NOT NULL DEFAULT FALSE;
DROP INDEX work_due;
CREATE INDEX work_due ON work (is_background, due_at) WHERE set_aside_at IS NULL;
