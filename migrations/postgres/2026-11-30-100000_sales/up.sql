-- Every key leads with workspace_id, so that the data can be sharded by workspace; but for the directories at the end,
-- of which every node has a copy.

-- No released version has ever called Stripe: these tables hold nothing of a sale, and are made anew in another shape.
DO $$
BEGIN
    DROP TABLE checkout_intents;
    DROP TABLE subscriptions;
END
$$;

CREATE TABLE checkout_intents (
    workspace_id TEXT NOT NULL,
    intent_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    payer_kind TEXT NOT NULL,
    payer_id TEXT NOT NULL,
    account TEXT NOT NULL,
    plan_id TEXT NOT NULL,
    price_id TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    trial_days BIGINT NOT NULL,
    call_id TEXT NOT NULL,
    session TEXT,
    state TEXT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, intent_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
);

CREATE INDEX checkout_intents_not_closed ON checkout_intents (workspace_id, intent_id)
    WHERE state NOT IN ('synced', 'expired', 'refused');
CREATE UNIQUE INDEX checkout_intents_one_unclosed ON checkout_intents (workspace_id, app_id, payer_kind, payer_id)
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
    customer TEXT NOT NULL,
    intent_id TEXT,
    status TEXT NOT NULL,
    plan_id TEXT,
    price_id TEXT,
    quantity BIGINT NOT NULL,
    times TEXT NOT NULL,
    synced_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, subscription_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
);

CREATE UNIQUE INDEX subscriptions_stripe_id
    ON subscriptions (workspace_id, gateway_account_id, stripe_subscription_id);
CREATE INDEX subscriptions_of_app ON subscriptions (workspace_id, app_id, subscription_id);
CREATE INDEX subscriptions_of_status ON subscriptions (workspace_id, app_id, status, subscription_id);
CREATE INDEX subscriptions_live ON subscriptions (workspace_id, subscription_id)
    WHERE status NOT IN ('canceled', 'incomplete_expired');
CREATE INDEX subscriptions_live_of_payer
    ON subscriptions (workspace_id, app_id, payer_kind, payer_id, subscription_id)
    WHERE status NOT IN ('canceled', 'incomplete_expired');

-- Ids sort by the time they were made.
CREATE TABLE invoices (
    workspace_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    payer_kind TEXT NOT NULL,
    payer_id TEXT NOT NULL,
    gateway_account_id TEXT NOT NULL,
    stripe_invoice_id TEXT NOT NULL,
    subscription_id TEXT,
    status TEXT NOT NULL,
    details TEXT NOT NULL,
    synced_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, invoice_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
);

CREATE UNIQUE INDEX invoices_stripe_id ON invoices (workspace_id, gateway_account_id, stripe_invoice_id);
CREATE INDEX invoices_of_app ON invoices (workspace_id, app_id, invoice_id);
CREATE INDEX invoices_of_status ON invoices (workspace_id, app_id, status, invoice_id);
CREATE INDEX invoices_of_subscription ON invoices (workspace_id, app_id, subscription_id, invoice_id);

-- The one trial of a payer in an app.
CREATE TABLE trials (
    workspace_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    payer_kind TEXT NOT NULL,
    payer_id TEXT NOT NULL,
    first_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, app_id, payer_kind, payer_id),
    FOREIGN KEY (workspace_id, app_id) REFERENCES apps (workspace_id, app_id)
);

-- The Stripe accounts that a workspace ever used.
CREATE TABLE gateway_accounts (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    account TEXT NOT NULL,
    gateway TEXT NOT NULL,
    first_used_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, account)
);

-- Calls that change something at Stripe, written before they are sent.
CREATE TABLE gateway_calls (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    call_id TEXT NOT NULL,
    account TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    subject TEXT NOT NULL,
    purpose TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body TEXT NOT NULL,
    outcome TEXT NOT NULL,
    object_id TEXT,
    reason TEXT,
    prepared_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, call_id),
    CONSTRAINT gateway_calls_outcome CHECK (
        (outcome = 'unresolved' AND object_id IS NULL AND reason IS NULL)
        OR (outcome = 'done' AND object_id IS NOT NULL AND reason IS NULL)
        OR (outcome = 'refused' AND object_id IS NULL AND reason IS NOT NULL)
    )
);

CREATE UNIQUE INDEX gateway_calls_key ON gateway_calls (workspace_id, idempotency_key);
CREATE INDEX gateway_calls_subject ON gateway_calls (workspace_id, account, subject, call_id);
CREATE UNIQUE INDEX gateway_calls_one_unresolved ON gateway_calls (workspace_id, account, subject)
    WHERE outcome = 'unresolved';
CREATE INDEX gateway_calls_unresolved ON gateway_calls (workspace_id, call_id) WHERE outcome = 'unresolved';

-- The objects at Stripe that stand for ours.
CREATE TABLE gateway_links (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    own_key TEXT NOT NULL,
    stripe_id TEXT NOT NULL,
    PRIMARY KEY (workspace_id, account, kind, own_key)
);

CREATE UNIQUE INDEX gateway_links_stripe_id ON gateway_links (workspace_id, account, stripe_id);
CREATE INDEX gateway_links_customers ON gateway_links (workspace_id, account, stripe_id) WHERE kind = 'customer';

-- Webhooks as they were received. No foreign key: it would lock the row of the workspace once for each event.
CREATE TABLE stripe_events (
    workspace_id TEXT NOT NULL,
    account TEXT NOT NULL,
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (workspace_id, account, event_id)
);

-- Directory: the workspace of a customer.
CREATE TABLE customer_directory (
    stripe_customer_id TEXT NOT NULL,
    account TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    PRIMARY KEY (stripe_customer_id, account)
);

-- Directory: the workspaces that use an account.
CREATE TABLE account_directory (
    account TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    PRIMARY KEY (account, workspace_id)
);

CREATE INDEX account_directory_of_workspace ON account_directory (workspace_id, account);

-- Directory: webhooks whose workspace is not known yet.
CREATE TABLE unplaced_events (
    event_id TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    customer TEXT,
    workspace_hint TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    body TEXT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (event_id, account)
);

CREATE INDEX unplaced_events_by_age ON unplaced_events (received_at);
