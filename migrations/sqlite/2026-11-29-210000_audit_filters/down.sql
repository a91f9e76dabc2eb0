DROP INDEX audit_entries_of_app_actor;
DROP INDEX audit_entries_of_actor;
DROP INDEX audit_entries_of_app;
ALTER TABLE audit_entries DROP COLUMN app_id;
