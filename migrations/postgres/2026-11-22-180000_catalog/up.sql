-- Every key leads with workspace_id, so that the data can be sharded by workspace.

-- In one block: Citus refuses a message with several statements if one of them alters a distributed table.
DO $$
BEGIN
    ALTER TABLE apps ADD COLUMN allowed_redirect_origins TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE apps ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
    CREATE INDEX apps_by_age ON apps (workspace_id, created_at, app_id);
END
$$;

CREATE TABLE environments (
    workspace_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (workspace_id, environment_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
);

CREATE INDEX environments_of_app ON environments (workspace_id, app_id);

-- Ids sort by the time they were made.
CREATE TABLE plans (
    workspace_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    plan_key TEXT NOT NULL,
    payer_kind TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    trial_days BIGINT NOT NULL,
    visibility TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    archived_at TIMESTAMPTZ,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, plan_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id),
    CONSTRAINT plans_trial_days CHECK (trial_days >= 0),
    CONSTRAINT plans_default CHECK (NOT is_default OR (archived_at IS NULL AND trial_days = 0))
);

CREATE UNIQUE INDEX plans_of_app ON plans (workspace_id, app_id, plan_id);
CREATE UNIQUE INDEX plans_sold_key ON plans (workspace_id, app_id, plan_key) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX plans_one_default ON plans (workspace_id, app_id, payer_kind) WHERE is_default;
CREATE INDEX plans_sold ON plans (workspace_id, app_id, plan_id) WHERE archived_at IS NULL;
CREATE INDEX plans_archived ON plans (workspace_id, app_id, plan_id) WHERE archived_at IS NOT NULL;

CREATE TABLE prices (
    workspace_id TEXT NOT NULL,
    price_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    minor_units BIGINT NOT NULL,
    currency TEXT NOT NULL,
    billing_interval TEXT NOT NULL,
    archived_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, price_id),
    FOREIGN KEY (workspace_id, plan_id) REFERENCES plans (workspace_id, plan_id),
    CONSTRAINT prices_minor_units CHECK (minor_units > 0)
);

CREATE INDEX prices_of_plan ON prices (workspace_id, plan_id, price_id);
CREATE UNIQUE INDEX prices_offered ON prices (workspace_id, plan_id, currency, billing_interval)
    WHERE archived_at IS NULL;

CREATE TABLE features (
    workspace_id TEXT NOT NULL,
    feature_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    feature_key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, feature_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
);

CREATE UNIQUE INDEX features_of_app ON features (workspace_id, app_id, feature_id);
CREATE UNIQUE INDEX features_key ON features (workspace_id, app_id, feature_key);

-- The app is in both foreign keys: a plan has features of its own app only.
CREATE TABLE plan_features (
    workspace_id TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    feature_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    PRIMARY KEY (workspace_id, plan_id, feature_id),
    FOREIGN KEY (workspace_id, app_id, plan_id) REFERENCES plans (workspace_id, app_id, plan_id),
    FOREIGN KEY (workspace_id, app_id, feature_id) REFERENCES features (workspace_id, app_id, feature_id)
);

CREATE INDEX plan_features_of_feature ON plan_features (workspace_id, feature_id, plan_id);

CREATE TABLE answered_requests (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    request_key TEXT NOT NULL,
    request TEXT NOT NULL,
    outcome TEXT NOT NULL,
    answered_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, request_key)
);

CREATE INDEX answered_requests_by_age ON answered_requests (workspace_id, answered_at);
