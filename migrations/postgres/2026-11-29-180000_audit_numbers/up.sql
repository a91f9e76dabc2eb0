-- The number of an entry in its workspace, given under the workspace's lock. Entries of before all have 0 and are in the
-- order of their ids. A replica of the version before writes the default; the next change numbers its entries.
DO $$
BEGIN
    ALTER TABLE audit_entries ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE audit_entries ALTER COLUMN number SET DEFAULT 9223372036854775807;
    CREATE INDEX audit_entries_number ON audit_entries (workspace_id, number, entry_id);
END
$$;
