DROP TABLE workspace_subscriptions;

CREATE TABLE workspace_subscriptions (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    stripe_subscription_id TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (workspace_id, stripe_subscription_id)
) STRICT;
