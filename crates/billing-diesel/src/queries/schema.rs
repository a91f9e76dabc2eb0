//! The tables of `migrations/`.
//!
//! Moments are columns of `UtcTime`, not `Timestamp`: the macro would give a type of that name arithmetic, which
//! SQLite lacks.

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
    use diesel::sql_types::{BigInt, Text};
    use super::UtcTime;

    apps (workspace_id, app_id) {
        workspace_id -> Text,
        app_id -> Text,
        name -> Text,
        created_at -> UtcTime,
        allowed_redirect_origins -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    environments (workspace_id, environment_id) {
        workspace_id -> Text,
        environment_id -> Text,
        app_id -> Text,
        kind -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::UtcTime;

    plans (workspace_id, plan_id) {
        workspace_id -> Text,
        plan_id -> Text,
        app_id -> Text,
        plan_key -> Text,
        payer_kind -> Text,
        name -> Text,
        description -> Nullable<Text>,
        trial_days -> BigInt,
        visibility -> Text,
        is_default -> Bool,
        archived_at -> Nullable<UtcTime>,
        version -> BigInt,
        created_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::UtcTime;

    prices (workspace_id, price_id) {
        workspace_id -> Text,
        price_id -> Text,
        plan_id -> Text,
        minor_units -> BigInt,
        currency -> Text,
        billing_interval -> Text,
        archived_at -> Nullable<UtcTime>,
        created_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::UtcTime;

    features (workspace_id, feature_id) {
        workspace_id -> Text,
        feature_id -> Text,
        app_id -> Text,
        feature_key -> Text,
        name -> Text,
        description -> Nullable<Text>,
        version -> BigInt,
        created_at -> UtcTime,
    }
}

diesel::table! {
    plan_features (workspace_id, plan_id, feature_id) {
        workspace_id -> Text,
        plan_id -> Text,
        feature_id -> Text,
        app_id -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(apps, environments);
diesel::allow_tables_to_appear_in_same_query!(plans, plan_features, features);
diesel::allow_tables_to_appear_in_same_query!(workspaces, work);

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
    use diesel::sql_types::{BigInt, Nullable, Text};
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
    }
}

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}
