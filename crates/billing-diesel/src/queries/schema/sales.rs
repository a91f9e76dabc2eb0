//! The tables of what was sold and charged.

use super::UtcTime;

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
        recurring -> Nullable<Text>,
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
    use diesel::sql_types::{BigInt, Bool, Text};
    use super::UtcTime;

    revenue_changes (workspace_id, subscription_id, position) {
        workspace_id -> Text,
        subscription_id -> Text,
        position -> BigInt,
        app_id -> Text,
        environment_id -> Text,
        at -> UtcTime,
        day -> Text,
        currency -> Text,
        twelfths -> BigInt,
        is_new -> Bool,
        is_churn -> Bool,
    }
}

diesel::table! {
    revenue_totals (workspace_id, app_id, environment_id, grain, period, currency) {
        workspace_id -> Text,
        app_id -> Text,
        environment_id -> Text,
        grain -> Text,
        period -> Text,
        currency -> Text,
        twelfths -> BigInt,
        new_count -> BigInt,
        churned_count -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::UtcTime;

    drifts (workspace_id, drift_id) {
        workspace_id -> Text,
        drift_id -> Text,
        account -> Text,
        object_id -> Text,
        kind -> Text,
        differences -> Text,
        found_at -> UtcTime,
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
    workspace_subscriptions (workspace_id, gateway_account_id, stripe_subscription_id) {
        workspace_id -> Text,
        gateway_account_id -> Text,
        stripe_subscription_id -> Text,
        status -> Text,
    }
}
