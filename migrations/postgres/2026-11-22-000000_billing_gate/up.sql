-- Every key leads with workspace_id, so that the data can be sharded by workspace.

CREATE TABLE workspaces (
    workspace_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    gateway TEXT,
    enabled_at TIMESTAMPTZ,
    closing_since TIMESTAMPTZ,
    version BIGINT NOT NULL,
    CONSTRAINT workspaces_state CHECK (
        (state = 'disabled' AND gateway IS NULL AND enabled_at IS NULL AND closing_since IS NULL)
        OR (state = 'enabled' AND gateway IS NOT NULL AND enabled_at IS NOT NULL AND closing_since IS NULL)
        OR (state = 'closing' AND gateway IS NOT NULL AND enabled_at IS NOT NULL AND closing_since IS NOT NULL)
    )
);

CREATE INDEX workspaces_closing ON workspaces (workspace_id) WHERE state = 'closing';

CREATE TABLE apps (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    app_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, app_id)
);

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
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, intent_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
);

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
);

CREATE UNIQUE INDEX subscriptions_stripe_id ON subscriptions (workspace_id, stripe_subscription_id);
CREATE INDEX subscriptions_live ON subscriptions (workspace_id, subscription_id)
    WHERE status NOT IN ('canceled', 'incomplete_expired');

CREATE TABLE workspace_subscriptions (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    stripe_subscription_id TEXT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (workspace_id, stripe_subscription_id)
);

CREATE TABLE audit_entries (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    entry_id TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT,
    subject TEXT NOT NULL,
    event TEXT NOT NULL,
    state_before TEXT NOT NULL,
    state_after TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, entry_id)
);
