-- The app of an entry; NULL for what belongs to the workspace. Entries of before get it from their states, prices and
-- attachments through their plan; one that cannot be read does not stop the migration. A process of the version before
-- writes NULL.
ALTER TABLE audit_entries ADD COLUMN app_id TEXT;
UPDATE audit_entries
    SET app_id = json_extract(
        CASE WHEN json_valid(state_after) AND state_after <> 'null' THEN state_after
            WHEN json_valid(state_before) THEN state_before END,
        CASE WHEN subject = 'app' THEN '$.id' ELSE '$.appId' END
    )
    WHERE subject IN ('app', 'plan', 'feature');
UPDATE audit_entries
    SET app_id = plans.app_id
    FROM plans
    WHERE audit_entries.subject IN ('price', 'plan_feature')
        AND plans.workspace_id = audit_entries.workspace_id
        AND plans.plan_id = json_extract(
            CASE WHEN json_valid(state_after) AND state_after <> 'null' THEN state_after
                WHEN json_valid(state_before) THEN state_before END,
            '$.planId'
        );
CREATE INDEX audit_entries_of_app ON audit_entries (workspace_id, app_id, number, entry_id);
CREATE INDEX audit_entries_of_actor ON audit_entries (workspace_id, actor_id, number, entry_id);
CREATE INDEX audit_entries_of_app_actor ON audit_entries (workspace_id, app_id, actor_id, number, entry_id);
