DROP INDEX audit_entries_number;
ALTER TABLE audit_entries DROP COLUMN number;
