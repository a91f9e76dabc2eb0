DROP INDEX work_due;
CREATE INDEX work_due ON work (due_at) WHERE set_aside_at IS NULL;
ALTER TABLE work DROP COLUMN is_background;
