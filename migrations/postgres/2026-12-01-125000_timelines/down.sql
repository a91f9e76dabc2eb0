DROP INDEX subscriptions_unhealthy;
DROP INDEX audit_entries_of_subscription;
ALTER TABLE audit_entries DROP COLUMN subscription_id;
