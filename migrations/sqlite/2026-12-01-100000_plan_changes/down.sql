ALTER TABLE subscriptions DROP COLUMN schedule;
