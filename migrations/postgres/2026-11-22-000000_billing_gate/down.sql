DROP TABLE audit_entries;
DROP TABLE workspace_subscriptions;
DROP TABLE subscriptions;
DROP TABLE checkout_intents;
DROP TABLE apps;
DROP TABLE workspaces;
