//! Sentences about checkouts, subscriptions and invoices.

use billing_domain::{
    AuditRecord, CheckoutIntentState, InvoiceDetails, InvoiceStatus, Money, RefundState, SubscriptionStatus,
};
use serde::Deserialize;
use serde_json::Value;

use super::{amount_of, text};
use crate::present::moment;
use crate::views::Status;

pub(super) fn sentence(record: &AuditRecord) -> (String, String) {
    let state = if record.after.is_null() { &record.before } else { &record.after };
    let payer = || payer(state.get("payer").unwrap_or(&Value::Null));
    match record.subject.as_str() {
        "checkout" => (format!("Checkout link of {}", payer()), checkout(record)),
        "subscription" => (format!("Subscription of {}", payer()), subscription(record)),
        "workspace_subscription" => {
            ("The workspace’s own subscription".to_owned(), between(record, subscription_status))
        }
        _ => (invoice_name(state), invoice(record)),
    }
}

/// Such as "user u1".
pub(super) fn payer(payer: &Value) -> String {
    format!("{} {}", text(payer, "kind"), text(payer, "id")).trim().to_owned()
}

fn checkout(record: &AuditRecord) -> String {
    let state = |of: &Value| match CheckoutIntentState::from_stored(&text(of, "state")) {
        // The payment, and the subscription that it began, are entries of their own.
        Some(CheckoutIntentState::Synced) => "subscribed".to_owned(),
        Some(state) => Status::checkout(state).label.to_lowercase(),
        None => text(of, "state"),
    };
    between(record, state)
}

fn subscription(record: &AuditRecord) -> String {
    let (before, after) = (&record.before, &record.after);
    let differs = |field: &str| before.get(field) != after.get(field);
    let date = |field: &str| text(after, field).parse().ok().map(|at| moment(at).date);
    match record.event.as_str() {
        "cancel_requested" => return "cancel now requested".to_owned(),
        "plan_change_requested" => return plan_change(after),
        "plan_change_refused" => return format!("plan change refused: {}", text(after, "reason")),
        requested if requested.ends_with("_requested") => return requested.replace('_', " "),
        _ => {}
    }
    if before.is_null() || after.is_null() || differs("status") {
        return between(record, subscription_status);
    }
    if differs("cancelAt") {
        return date("cancelAt").map_or_else(|| "goes on".to_owned(), |end| format!("ends on {end}"));
    }
    if differs("planId") || differs("priceId") {
        return "plan changed".to_owned();
    }
    if differs("quantity") {
        let seats = |of: &Value| of.get("quantity").map(ToString::to_string).unwrap_or_default();
        return format!("{} → {} seats", seats(before), seats(after));
    }
    if differs("trialEnd") {
        return date("trialEnd").map_or_else(|| "trial ended".to_owned(), |end| format!("trial until {end}"));
    }
    match date("periodEnd").filter(|_| differs("periodEnd")) {
        Some(end) => format!("renewed until {end}"),
        None => record.event.replace('_', " "),
    }
}

/// Such as "change to Pro, 3 × $15.00 / month, requested, charging $12.50".
fn plan_change(after: &Value) -> String {
    let seats = match after.get("quantity").and_then(Value::as_u64) {
        Some(seats @ 2..) => format!("{seats} × "),
        _ => String::new(),
    };
    let (plan, amount, interval) =
        (text(after, "planName"), amount_of("amount", after), text(after, "interval"));
    let charged = amount_of("charged", after);
    format!("change to {plan}, {seats}{amount} / {interval}, requested, charging {charged}")
}

fn subscription_status(of: &Value) -> String {
    Status::subscription(&SubscriptionStatus::from_stripe(&text(of, "status"))).label.to_lowercase()
}

fn invoice_name(state: &Value) -> String {
    let number = Some(text(state, "number")).filter(|number| !number.is_empty());
    format!("Invoice {}", number.unwrap_or_else(|| text(state, "stripeId"))).trim().to_owned()
}

fn invoice(record: &AuditRecord) -> String {
    let status =
        |of: &Value| Status::invoice(&InvoiceStatus::from_stripe(&text(of, "status"))).label.to_lowercase();
    let state = if record.after.is_null() { &record.before } else { &record.after };
    if record.subject == "refund" {
        return format!("refund of {} {}", amount_of("amount", state), record.event.replace('_', " "));
    }
    if record.event.ends_with("_requested") {
        return record.event.replace('_', " ");
    }
    let [before, after] = [&record.before, &record.after].map(refunded);
    if let (Some(before), Some(after)) = (before, after)
        && before != after
    {
        return format!("{after} of {} refunded", amount_of("total", state));
    }
    format!("{} {}", between(record, status), amount_of("total", state)).trim().to_owned()
}

/// What was given back of an invoice; `None` where an earlier version did not fetch it.
fn refunded(invoice: &Value) -> Option<Money> {
    let details = InvoiceDetails::deserialize(invoice).ok()?;
    Some(RefundState::of(&details, &[])?.refunded)
}

/// The words for the states before and after, or the event if they are the same.
fn between(record: &AuditRecord, word: impl Fn(&Value) -> String) -> String {
    let event = record.event.replace('_', " ");
    if record.after.is_null() {
        return event;
    }
    let after = word(&record.after);
    if record.before.is_null() {
        return if after.is_empty() { event } else { format!("{event}, {after}") };
    }
    let before = word(&record.before);
    if before == after { event } else { format!("{before} → {after}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::told;
    use super::*;

    fn sentence(subject: &str, event: &str, before: Value, after: Value) -> String {
        told(subject, event, before, after).0
    }

    fn with(mut state: Value, field: &str, value: Value) -> Value {
        state[field] = value;
        state
    }

    #[test]
    fn a_checkout_is_told_by_its_payer_and_state() {
        let of = |state: &str| json!({ "payer": { "kind": "user", "id": "u1" }, "state": state });
        let told = |before, after| sentence("checkout", "changed", before, after);
        assert_eq!(
            sentence("checkout", "created", Value::Null, of("unresolved")),
            "Checkout link of user u1: created, outcome unknown"
        );
        assert_eq!(told(of("open"), of("expired")), "Checkout link of user u1: open → expired");
        assert_eq!(told(of("open"), of("complete")), "Checkout link of user u1: open → completed");
        assert_eq!(told(of("complete"), of("synced")), "Checkout link of user u1: completed → subscribed");
    }

    #[test]
    fn a_subscription_is_told_by_what_changed() {
        let active = json!({
            "payer": { "kind": "organization", "id": "o1" }, "status": "active", "planId": "plan_1", "quantity": 3,
            "periodEnd": "2026-12-28T08:00:00.000Z", "cancelAt": null,
        });
        let told = |before: &Value, field: &str, value: Value| {
            let after = with(before.clone(), field, value);
            sentence("subscription", "changed", before.clone(), after)
        };
        let of = "Subscription of organization o1";
        assert_eq!(told(&active, "status", json!("past_due")), format!("{of}: active → past due"));
        assert_eq!(told(&active, "quantity", json!(5)), format!("{of}: 3 → 5 seats"));
        assert_eq!(told(&active, "planId", json!("plan_2")), format!("{of}: plan changed"));
        let renewed = json!("2027-01-28T08:00:00.000Z");
        assert_eq!(told(&active, "periodEnd", renewed.clone()), format!("{of}: renewed until 28 Jan 2027"));
        assert_eq!(told(&active, "cancelAt", renewed.clone()), format!("{of}: ends on 28 Jan 2027"));
        let ending = with(active.clone(), "cancelAt", renewed);
        assert_eq!(told(&ending, "cancelAt", Value::Null), format!("{of}: goes on"));
        let requested = |event| sentence("subscription", event, active.clone(), active.clone());
        let at_period_end = requested("cancel_at_period_end_requested");
        assert_eq!(at_period_end, format!("{of}: cancel at period end requested"));
        assert_eq!(requested("cancel_requested"), format!("{of}: cancel now requested"));
        assert_eq!(requested("resume_requested"), format!("{of}: resume requested"));
        assert_eq!(requested("end_trial_requested"), format!("{of}: end trial requested"));
        let mut extended = with(active.clone(), "trialEnd", json!("2027-01-05T08:00:00.000Z"));
        extended["periodEnd"] = extended["trialEnd"].clone();
        let extension = sentence("subscription", "changed", active.clone(), extended);
        assert_eq!(extension, format!("{of}: trial until 5 Jan 2027"));
        let usd = |minor_units: i64| json!({ "minorUnits": minor_units, "currency": "USD" });
        let mut asked = with(active.clone(), "planName", json!("Pro"));
        for (field, value) in [("amount", usd(1_500)), ("interval", json!("year")), ("charged", usd(750))] {
            asked = with(asked, field, value);
        }
        let asked = sentence("subscription", "plan_change_requested", active.clone(), asked);
        assert_eq!(asked, format!("{of}: change to Pro, 3 × $15.00 / year, requested, charging $7.50"));
        let declined = with(active.clone(), "reason", json!("Your card was declined."));
        let declined = sentence("subscription", "plan_change_refused", active.clone(), declined);
        assert_eq!(declined, format!("{of}: plan change refused: Your card was declined."));
        let created = sentence("subscription", "created", Value::Null, active.clone());
        assert_eq!(created, format!("{of}: created, active"));
    }

    #[test]
    fn a_workspaces_own_subscription_is_told_by_its_status() {
        let of = |status: &str| json!({ "workspaceId": "ws_1", "stripeId": "sub_1", "status": status });
        let told = |event, before, after| sentence("workspace_subscription", event, before, after);
        let subject = "The workspace’s own subscription";
        assert_eq!(told("created", Value::Null, of("active")), format!("{subject}: created, active"));
        assert_eq!(told("changed", of("active"), of("past_due")), format!("{subject}: active → past due"));
    }

    #[test]
    fn an_invoice_is_told_by_its_number_status_and_total() {
        let of = |status: &str| {
            let total = json!({ "minorUnits": 1_250, "currency": "USD" });
            json!({ "number": "KL-0001", "stripeId": "in_1", "status": status, "total": total })
        };
        let told = |event, before, after| sentence("invoice", event, before, after);
        assert_eq!(told("changed", of("open"), of("paid")), "Invoice KL-0001: open → paid $12.50");
        let draft = with(of("draft"), "number", Value::Null);
        assert_eq!(told("created", Value::Null, draft.clone()), "Invoice in_1: created, draft $12.50");
        assert_eq!(told("deleted", draft, Value::Null), "Invoice in_1: deleted $12.50");
    }

    #[test]
    fn a_refund_is_told_by_its_amount() {
        let usd = |minor_units: i64| json!({ "minorUnits": minor_units, "currency": "USD" });
        let of = |refunds: Value| {
            json!({
                "number": "KL-0001", "stripeId": "in_1", "status": "paid", "total": usd(1_250),
                "amountPaid": usd(1_250), "amountDue": usd(1_250), "createdAt": "2026-12-01T12:00:00.000Z",
                "paidAt": null, "dueAt": null, "hostedUrl": null, "pdfUrl": null, "lines": [],
                "hasMoreLines": false,
                "payments": [{ "payment": "pi_1", "paid": usd(1_250), "refunds": refunds }],
            })
        };
        let refund = json!({
            "id": "re_1", "amount": usd(500), "status": "succeeded", "reason": null,
            "createdAt": "2026-12-01T12:00:00.000Z", "callId": null,
        });
        let told = |event, after| sentence("invoice", event, of(json!([])), after);
        let requested =
            json!({ "id": "call_1", "number": "KL-0001", "stripeId": "in_1", "amount": usd(500) });
        let requested = sentence("refund", "requested", Value::Null, requested);
        assert_eq!(requested, "Invoice KL-0001: refund of $5.00 requested");
        assert_eq!(told("changed", of(json!([refund]))), "Invoice KL-0001: $5.00 of $12.50 refunded");
        assert_eq!(told("void_requested", of(json!([]))), "Invoice KL-0001: void requested");
    }

    #[test]
    fn changes_of_a_sale_show_words_and_no_documents() {
        let of = |status: &str| {
            json!({
                "payer": { "kind": "user", "id": "u1" }, "status": status, "lines": [{}], "hostedUrl": "https://a",
                "syncedAt": status, "gatewayAccountId": "acct_1",
            })
        };
        let (_, changes) = told("subscription", "created", Value::Null, of("past_due"));
        let expected =
            [["Stripe account", "", "acct_1"], ["Payer", "", "user u1"], ["Status", "", "Past due"]];
        assert_eq!(changes, expected.map(|row| row.map(str::to_owned)));
    }
}
