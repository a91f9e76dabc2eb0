DROP TABLE drifts;
DROP TABLE revenue_totals;
DROP TABLE revenue_changes;
ALTER TABLE subscriptions DROP COLUMN recurring;
