-- The account of a workspace's own subscription, on which it is fetched again. No released version has filled the table.
DROP TABLE workspace_subscriptions;

CREATE TABLE workspace_subscriptions (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    gateway_account_id TEXT NOT NULL,
    stripe_subscription_id TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (workspace_id, gateway_account_id, stripe_subscription_id)
) STRICT;
