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
        catalog_revision -> BigInt,
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
diesel::allow_tables_to_appear_in_same_query!(apps, plans);
diesel::allow_tables_to_appear_in_same_query!(plans, plan_features, features);
diesel::allow_tables_to_appear_in_same_query!(workspaces, work);
diesel::allow_tables_to_appear_in_same_query!(gateway_calls, checkout_intents);

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::UtcTime;

    checkout_intents (workspace_id, intent_id) {
        workspace_id -> Text,
        intent_id -> Text,
        app_id -> Text,
        environment_id -> Text,
        payer_kind -> Text,
        payer_id -> Text,
        account -> Text,
        plan_id -> Text,
        price_id -> Text,
        quantity -> BigInt,
        trial_days -> BigInt,
        call_id -> Text,
        session -> Nullable<Text>,
        state -> Text,
        expires_at -> UtcTime,
        created_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::UtcTime;

    subscriptions (workspace_id, subscription_id) {
        workspace_id -> Text,
        subscription_id -> Text,
        app_id -> Text,
        environment_id -> Text,
        payer_kind -> Text,
        payer_id -> Text,
        gateway_account_id -> Text,
        stripe_subscription_id -> Text,
        customer -> Text,
        intent_id -> Nullable<Text>,
        status -> Text,
        plan_id -> Nullable<Text>,
        price_id -> Nullable<Text>,
        quantity -> BigInt,
        times -> Text,
        synced_at -> UtcTime,
        is_ending -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Text};

    sale_counts (workspace_id, app_id, kind, environment_id, status, is_ending) {
        workspace_id -> Text,
        app_id -> Text,
        kind -> Text,
        environment_id -> Text,
        status -> Text,
        is_ending -> Bool,
        number -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::UtcTime;

    invoices (workspace_id, invoice_id) {
        workspace_id -> Text,
        invoice_id -> Text,
        app_id -> Text,
        environment_id -> Text,
        payer_kind -> Text,
        payer_id -> Text,
        gateway_account_id -> Text,
        stripe_invoice_id -> Text,
        subscription_id -> Nullable<Text>,
        status -> Text,
        details -> Text,
        synced_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::UtcTime;

    trials (workspace_id, app_id, payer_kind, payer_id) {
        workspace_id -> Text,
        app_id -> Text,
        payer_kind -> Text,
        payer_id -> Text,
        first_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::UtcTime;

    gateway_accounts (workspace_id, account) {
        workspace_id -> Text,
        account -> Text,
        gateway -> Text,
        first_used_at -> UtcTime,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::UtcTime;

    gateway_calls (workspace_id, call_id) {
        workspace_id -> Text,
        call_id -> Text,
        account -> Text,
        idempotency_key -> Text,
        subject -> Text,
        purpose -> Text,
        method -> Text,
        path -> Text,
        body -> Text,
        outcome -> Text,
        object_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        prepared_at -> UtcTime,
        invoice_id -> Nullable<Text>,
        refunded_payment -> Nullable<Text>,
    }
}

diesel::table! {
    gateway_links (workspace_id, account, kind, own_key) {
        workspace_id -> Text,
        account -> Text,
        kind -> Text,
        own_key -> Text,
        stripe_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::UtcTime;

    stripe_events (workspace_id, account, event_id) {
        workspace_id -> Text,
        account -> Text,
        event_id -> Text,
        kind -> Text,
        body -> Text,
        received_at -> UtcTime,
    }
}

diesel::table! {
    customer_directory (stripe_customer_id, account) {
        stripe_customer_id -> Text,
        account -> Text,
        workspace_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Nullable, Text};

    account_directory (account, workspace_id) {
        account -> Text,
        workspace_id -> Text,
        is_live -> Nullable<Bool>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::UtcTime;

    unplaced_events (event_id, account) {
        event_id -> Text,
        account -> Text,
        kind -> Text,
        target -> Text,
        customer -> Nullable<Text>,
        workspace_hint -> Nullable<Text>,
        created_at -> UtcTime,
        body -> Text,
        received_at -> UtcTime,
    }
}

diesel::table! {
    workspace_subscriptions (workspace_id, gateway_account_id, stripe_subscription_id) {
        workspace_id -> Text,
        gateway_account_id -> Text,
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
