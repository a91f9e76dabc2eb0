-- The name of the person of an entry, as it was then. NULL for the service, where the token had no name, and in entries
-- of before. A process of the version before writes NULL.
ALTER TABLE audit_entries ADD COLUMN actor_name TEXT;
