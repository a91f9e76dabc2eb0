-- The subscription of an entry; NULL for what concerns none. Entries of before get it from their states, by a pattern and
-- no cast to JSON: an entry that cannot be read does not stop the migration. A replica of the version before writes NULL.
DO $$
BEGIN
    ALTER TABLE audit_entries ADD COLUMN subscription_id TEXT;
    UPDATE audit_entries
        SET subscription_id = substring(
            CASE WHEN state_after = 'null' THEN state_before ELSE state_after END
            FROM CASE
                WHEN subject = 'subscription' THEN '^[{]"id":"([^"\\]*)"'
                ELSE '"subscriptionId":"([^"\\]*)"'
            END
        )
        WHERE subject IN ('subscription', 'invoice', 'refund', 'stripe_call');
    CREATE INDEX audit_entries_of_subscription
        ON audit_entries (workspace_id, subscription_id, number, entry_id)
        WHERE subscription_id IS NOT NULL;
    CREATE INDEX subscriptions_unhealthy ON subscriptions (workspace_id, app_id, subscription_id)
        WHERE status IN ('past_due', 'unpaid', 'incomplete', 'paused');
END
$$;
