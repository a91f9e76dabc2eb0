-- The account of a workspace's own subscription, on which it is fetched again. No released version has filled the table.
DO $$
BEGIN
    DROP TABLE workspace_subscriptions;
END
$$;

CREATE TABLE workspace_subscriptions (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    gateway_account_id TEXT NOT NULL,
    stripe_subscription_id TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (workspace_id, gateway_account_id, stripe_subscription_id)
);
