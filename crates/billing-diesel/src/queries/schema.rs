//! The tables, as `migrations/` makes them.
//!
//! Moments are columns of `UtcTime`, not `Timestamp`: a column type of that name would be given arithmetic by
//! the macro, which SQLite does not have.

use super::dialect::UtcTime;

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::UtcTime;

    workspaces (workspace_id) {
        workspace_id -> Text,
        state -> Text,
        gateway -> Nullable<Text>,
        enabled_at -> Nullable<UtcTime>,
        closing_since -> Nullable<UtcTime>,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::UtcTime;

    apps (workspace_id, app_id) {
        workspace_id -> Text,
        app_id -> Text,
        name -> Text,
        created_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::UtcTime;

    checkout_intents (workspace_id, intent_id) {
        workspace_id -> Text,
        intent_id -> Text,
        app_id -> Text,
        environment_id -> Text,
        payer_kind -> Text,
        payer_id -> Text,
        gateway -> Text,
        idempotency_key -> Text,
        state -> Text,
        expires_at -> UtcTime,
        created_at -> UtcTime,
    }
}

diesel::table! {
    subscriptions (workspace_id, subscription_id) {
        workspace_id -> Text,
        subscription_id -> Text,
        app_id -> Text,
        environment_id -> Text,
        payer_kind -> Text,
        payer_id -> Text,
        gateway_account_id -> Text,
        stripe_subscription_id -> Text,
        status -> Text,
    }
}

diesel::table! {
    workspace_subscriptions (workspace_id, stripe_subscription_id) {
        workspace_id -> Text,
        stripe_subscription_id -> Text,
        status -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::UtcTime;

    audit_entries (workspace_id, entry_id) {
        workspace_id -> Text,
        entry_id -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        subject -> Text,
        event -> Text,
        state_before -> Text,
        state_after -> Text,
        created_at -> UtcTime,
    }
}

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}
