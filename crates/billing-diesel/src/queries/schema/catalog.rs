//! The tables of apps and what they sell.

use super::UtcTime;

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
