-- What a subscription charges. NULL in rows of a version before, until the next fetch.
DO $$
BEGIN
    ALTER TABLE subscriptions ADD COLUMN recurring TEXT;
END
$$;

-- What each subscription brings in a month, change by change. Those of discounts that will end are ahead.
CREATE TABLE revenue_changes (
    workspace_id TEXT NOT NULL,
    subscription_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    app_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    day TEXT NOT NULL,
    currency TEXT NOT NULL,
    twelfths BIGINT NOT NULL,
    is_new BOOLEAN NOT NULL,
    is_churn BOOLEAN NOT NULL,
    PRIMARY KEY (workspace_id, subscription_id, position),
    FOREIGN KEY (workspace_id, subscription_id) REFERENCES subscriptions (workspace_id, subscription_id)
);

-- The sums of the changes by day (`2026-12-01`) and by month (`2026-12`).
CREATE TABLE revenue_totals (
    workspace_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    grain TEXT NOT NULL,
    period TEXT NOT NULL,
    currency TEXT NOT NULL,
    twelfths BIGINT NOT NULL,
    new_count BIGINT NOT NULL,
    churned_count BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, app_id, environment_id, grain, period, currency),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
);

-- The mirrors that reconciliation found different from Stripe. Ids are in order of time.
CREATE TABLE drifts (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    drift_id TEXT NOT NULL,
    account TEXT NOT NULL,
    object_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    differences TEXT NOT NULL,
    found_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, drift_id)
);

-- By which what is old is found and deleted.
CREATE INDEX drifts_by_age ON drifts (workspace_id, account, found_at);
