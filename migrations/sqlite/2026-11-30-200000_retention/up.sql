-- By which what is old is found and deleted.
CREATE INDEX stripe_events_by_age ON stripe_events (workspace_id, account, received_at);
CREATE INDEX gateway_calls_by_age ON gateway_calls (workspace_id, account, prepared_at)
    WHERE outcome <> 'unresolved';
