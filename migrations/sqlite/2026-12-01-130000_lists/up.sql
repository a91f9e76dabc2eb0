-- The numbers of an app's subscriptions and invoices by environment and status. They are changed in the transaction that
-- changes a row; a process of the version before does not change them, and each reconciliation counts anew. No foreign key:
-- they are made from rows that have one. `is_ending` is false for invoices.
CREATE TABLE sale_counts (
    workspace_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    status TEXT NOT NULL,
    is_ending INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, app_id, kind, environment_id, status, is_ending)
) STRICT;

-- `is_ending` is the rule of `Subscription::is_ending` in the words of the stored times. Each combination of status, plan
-- and environment has an index.
ALTER TABLE subscriptions ADD COLUMN is_ending INTEGER NOT NULL GENERATED ALWAYS AS (
    status NOT IN ('canceled', 'incomplete_expired') AND instr(times, '"cancelAt":"') > 0
) VIRTUAL;

CREATE INDEX subscriptions_of_environment
    ON subscriptions (workspace_id, app_id, environment_id, subscription_id);
CREATE INDEX subscriptions_of_environment_and_status
    ON subscriptions (workspace_id, app_id, environment_id, status, subscription_id);
CREATE INDEX subscriptions_of_plan ON subscriptions (workspace_id, app_id, plan_id, subscription_id);
CREATE INDEX subscriptions_of_plan_and_status
    ON subscriptions (workspace_id, app_id, plan_id, status, subscription_id);
CREATE INDEX subscriptions_of_plan_and_environment
    ON subscriptions (workspace_id, app_id, plan_id, environment_id, subscription_id);
CREATE INDEX subscriptions_of_plan_environment_and_status
    ON subscriptions (workspace_id, app_id, plan_id, environment_id, status, subscription_id);
CREATE INDEX subscriptions_of_payer ON subscriptions (workspace_id, app_id, payer_id, subscription_id);
CREATE INDEX subscriptions_ending ON subscriptions (workspace_id, app_id, subscription_id) WHERE is_ending;

CREATE INDEX invoices_of_environment ON invoices (workspace_id, app_id, environment_id, invoice_id);
CREATE INDEX invoices_of_environment_and_status
    ON invoices (workspace_id, app_id, environment_id, status, invoice_id);
CREATE INDEX invoices_of_payer ON invoices (workspace_id, app_id, payer_id, invoice_id);

INSERT INTO sale_counts
SELECT workspace_id, app_id, 'subscription', environment_id, status, is_ending, COUNT(*)
FROM subscriptions
GROUP BY workspace_id, app_id, environment_id, status, is_ending;

INSERT INTO sale_counts
SELECT workspace_id, app_id, 'invoice', environment_id, status, FALSE, COUNT(*)
FROM invoices
GROUP BY workspace_id, app_id, environment_id, status;
