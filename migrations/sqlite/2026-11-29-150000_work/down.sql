ALTER TABLE audit_entries DROP COLUMN wire_times;
DROP TABLE work;
