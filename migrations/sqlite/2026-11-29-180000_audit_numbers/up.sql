-- The number of an entry in its workspace, given under the workspace's lock. Entries of before all have 0 and are in the
-- order of their ids. A process of the version before writes the default; the next change numbers its entries.
ALTER TABLE audit_entries ADD COLUMN number INTEGER NOT NULL DEFAULT 9223372036854775807;
UPDATE audit_entries SET number = 0;
CREATE INDEX audit_entries_number ON audit_entries (workspace_id, number, entry_id);
