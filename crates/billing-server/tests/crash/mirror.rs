//! Whether the mirror equals Stripe.

use std::collections::BTreeSet;

use billing_testing::TestDatabase;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::ledger::{Ledger, text};

const SUBSCRIPTIONS: &str = "
    SELECT workspace_id || ' ' || stripe_subscription_id || ' ' || status || ' ' || quantity || ' ' || times
    FROM subscriptions";

const INVOICES: &str = "
    SELECT workspace_id || ' ' || stripe_invoice_id || ' ' || status || ' '
        || CASE WHEN subscription_id IS NULL THEN 'alone' ELSE 'attached' END || ' ' || details
    FROM invoices";

const CHECKOUTS: &str = "
    SELECT workspace_id || ' ' || state || ' ' || session FROM checkout_intents WHERE session IS NOT NULL";

/// Everything that differs, as a line of the side that has it.
pub(crate) async fn differences(database: &TestDatabase, ledger: &Ledger) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare = |mirror: BTreeSet<String>, stripe: BTreeSet<String>| {
        differences.extend(mirror.difference(&stripe).map(|line| format!("I3: the mirror has {line}")));
        differences.extend(stripe.difference(&mirror).map(|line| format!("I3: Stripe has {line}")));
    };
    let mirrored = |rows: Vec<String>, line: fn(&str) -> String| rows.iter().map(|row| line(row)).collect();
    compare(
        mirrored(database.texts(SUBSCRIPTIONS).await, mirrored_subscription),
        ledger.of_kind("subscription").map(subscription).collect(),
    );
    compare(
        mirrored(database.texts(INVOICES).await, mirrored_invoice),
        ledger.of_kind("invoice").map(invoice).collect(),
    );
    compare(
        mirrored(database.texts(CHECKOUTS).await, mirrored_checkout),
        ledger.of_kind("checkout.session").map(checkout).collect(),
    );
    differences
}

/// A row of words, before the JSON that ends it.
fn parted(row: &str) -> (&str, Value) {
    let (words, json) = row.split_at(row.find('{').unwrap());
    (words.trim_end(), serde_json::from_str(json).unwrap())
}

fn mirrored_subscription(row: &str) -> String {
    let (words, times) = parted(row);
    let seconds = |field: &str| {
        let time: DateTime<Utc> = times[field].as_str()?.parse().unwrap();
        Some(time.timestamp())
    };
    let times = ["periodStart", "periodEnd", "trialEnd", "cancelAt", "canceledAt", "endedAt"].map(seconds);
    format!("{words} {times:?}")
}

fn subscription((workspace, subscription): (&str, &Value)) -> String {
    let item = &subscription["items"]["data"][0];
    let period_end = item["current_period_end"].as_i64();
    let ends_with_period = subscription["cancel_at_period_end"] == true;
    let times = [
        item["current_period_start"].as_i64(),
        period_end,
        subscription["trial_end"].as_i64(),
        subscription["cancel_at"].as_i64().or(period_end.filter(|_| ends_with_period)),
        subscription["canceled_at"].as_i64(),
        subscription["ended_at"].as_i64(),
    ];
    let (id, status) = (text(subscription, "id"), text(subscription, "status"));
    format!("{workspace} {id} {status} {} {times:?}", item["quantity"])
}

fn mirrored_invoice(row: &str) -> String {
    let (words, details) = parted(row);
    let amounts = ["total", "amountPaid", "amountDue"].map(|field| details[field]["minorUnits"].as_i64());
    format!("{words} {} {amounts:?}", details["number"])
}

fn invoice((workspace, invoice): (&str, &Value)) -> String {
    let amounts = ["total", "amount_paid", "amount_due"].map(|field| invoice[field].as_i64());
    let subscription = &invoice["parent"]["subscription_details"]["subscription"];
    let attached = if subscription.is_string() { "attached" } else { "alone" };
    let (id, status) = (text(invoice, "id"), text(invoice, "status"));
    format!("{workspace} {id} {status} {attached} {} {amounts:?}", invoice["number"])
}

fn mirrored_checkout(row: &str) -> String {
    let (words, session) = parted(row);
    format!("{words} {}", text(&session, "id"))
}

/// The state of an intent whose session is so.
fn checkout((workspace, session): (&str, &Value)) -> String {
    let state = match text(session, "status") {
        "complete" => "synced",
        other => other,
    };
    format!("{workspace} {state} {}", text(session, "id"))
}
