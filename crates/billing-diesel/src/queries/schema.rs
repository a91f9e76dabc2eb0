//! The tables of `migrations/`.
//!
//! Moments are columns of `UtcTime`, not `Timestamp`: the macro would give a type of that name arithmetic, which
//! SQLite lacks.

mod catalog;
mod gateway;
mod sales;

use super::dialect::UtcTime;

pub use catalog::*;
pub use gateway::*;
pub use sales::*;

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
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
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
        wire_times -> Bool,
        number -> BigInt,
        app_id -> Nullable<Text>,
        actor_name -> Nullable<Text>,
        subscription_id -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::UtcTime;

    answered_requests (workspace_id, request_key) {
        workspace_id -> Text,
        request_key -> Text,
        request -> Text,
        outcome -> Text,
        answered_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::UtcTime;

    work (workspace_id, kind, work_key) {
        workspace_id -> Text,
        kind -> Text,
        work_key -> Text,
        due_at -> UtcTime,
        mark -> BigInt,
        attempts -> BigInt,
        lease -> Nullable<Text>,
        leased_until -> Nullable<UtcTime>,
        reason -> Nullable<Text>,
        set_aside_at -> Nullable<UtcTime>,
        is_background -> Bool,
    }
}

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(apps, environments);
diesel::allow_tables_to_appear_in_same_query!(apps, plans);
diesel::allow_tables_to_appear_in_same_query!(plans, plan_features, features);
diesel::allow_tables_to_appear_in_same_query!(workspaces, work);
diesel::allow_tables_to_appear_in_same_query!(gateway_calls, checkout_intents);
