DROP TABLE unplaced_events;
DROP TABLE account_directory;
DROP TABLE customer_directory;
DROP TABLE stripe_events;
DROP TABLE gateway_links;
DROP TABLE gateway_calls;
DROP TABLE gateway_accounts;
DROP TABLE trials;
DROP TABLE invoices;
DROP TABLE subscriptions;
DROP TABLE checkout_intents;

CREATE TABLE checkout_intents (
    workspace_id TEXT NOT NULL,
    intent_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    payer_kind TEXT NOT NULL,
    payer_id TEXT NOT NULL,
    gateway TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    state TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, intent_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
) STRICT;

CREATE UNIQUE INDEX checkout_intents_idempotency_key ON checkout_intents (workspace_id, idempotency_key);
CREATE INDEX checkout_intents_not_closed ON checkout_intents (workspace_id, intent_id)
    WHERE state NOT IN ('synced', 'expired', 'refused');

CREATE TABLE subscriptions (
    workspace_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    payer_kind TEXT NOT NULL,
    payer_id TEXT NOT NULL,
    gateway_account_id TEXT NOT NULL,
    stripe_subscription_id TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (workspace_id, subscription_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
) STRICT;

CREATE UNIQUE INDEX subscriptions_stripe_id ON subscriptions (workspace_id, stripe_subscription_id);
CREATE INDEX subscriptions_live ON subscriptions (workspace_id, subscription_id)
    WHERE status NOT IN ('canceled', 'incomplete_expired');
