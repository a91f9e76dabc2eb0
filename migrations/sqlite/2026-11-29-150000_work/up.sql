-- Every key leads with workspace_id, so that the data can be sharded by workspace.

-- Durable work: done by whoever claims it, under a lease.
CREATE TABLE work (
    workspace_id TEXT NOT NULL REFERENCES workspaces (workspace_id),
    kind TEXT NOT NULL,
    work_key TEXT NOT NULL,
    due_at TEXT NOT NULL,
    mark INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lease TEXT,
    leased_until TEXT,
    reason TEXT,
    set_aside_at TEXT,
    PRIMARY KEY (workspace_id, kind, work_key),
    CONSTRAINT work_lease CHECK ((lease IS NULL) = (leased_until IS NULL))
) STRICT;

CREATE INDEX work_due ON work (due_at) WHERE set_aside_at IS NULL;
CREATE INDEX work_set_aside ON work (set_aside_at) WHERE set_aside_at IS NOT NULL;

-- Whether the times in the states have milliseconds, as the API writes them; older entries have microseconds.
ALTER TABLE audit_entries ADD COLUMN wire_times INTEGER NOT NULL DEFAULT FALSE;
