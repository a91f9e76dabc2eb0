//! The tables of Stripe's objects, calls and events.

use super::UtcTime;

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
