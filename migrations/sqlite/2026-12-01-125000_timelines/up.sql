-- The subscription of an entry; NULL for what concerns none. Entries of before get it from their states; one that cannot be
-- read does not stop the migration. A process of the version before writes NULL.
ALTER TABLE audit_entries ADD COLUMN subscription_id TEXT;
UPDATE audit_entries
    SET subscription_id = json_extract(
        CASE WHEN json_valid(state_after) AND state_after <> 'null' THEN state_after
            WHEN json_valid(state_before) THEN state_before END,
        CASE WHEN subject = 'subscription' THEN '$.id' ELSE '$.subscriptionId' END
    )
    WHERE subject IN ('subscription', 'invoice', 'refund', 'stripe_call');
CREATE INDEX audit_entries_of_subscription
    ON audit_entries (workspace_id, subscription_id, number, entry_id)
    WHERE subscription_id IS NOT NULL;
CREATE INDEX subscriptions_unhealthy ON subscriptions (workspace_id, app_id, subscription_id)
    WHERE status IN ('past_due', 'unpaid', 'incomplete', 'paused');
