use billing_domain::{Currency, InvoiceStatus, Money, SessionStatus, SubscriptionStatus};
use serde_json::{Value, json};

use super::*;

fn of<T: DeserializeOwned>(object: &Value) -> T {
    read(object.to_string().as_bytes()).unwrap()
}

fn subscription() -> Value {
    json!({
        "id": "sub_a", "status": "active", "customer": { "id": "cus_a", "object": "customer" },
        "items": { "data": [{
            "price": { "id": "price_a" }, "quantity": 3,
            "current_period_start": 1_000, "current_period_end": 2_000,
        }] },
        "start_date": 900, "cancel_at_period_end": true, "cancel_at": null,
        "latest_invoice": { "payments": { "data": [
            { "status": "canceled", "payment": { "payment_intent": "pi_other" } },
            { "status": "paid", "payment": { "payment_intent": "pi_a" } },
        ] } },
        "metadata": { "kl_workspace_id": "ws_a" },
    })
}

fn invoice() -> Value {
    json!({
        "id": "in_a", "status": "open", "customer": "cus_a", "currency": "isk", "number": "A-1",
        "total": 50_000, "amount_paid": 0, "amount_due": 50_000, "created": 1_000,
        "status_transitions": { "paid_at": null },
        "parent": { "subscription_details": { "subscription": "sub_a" } },
        "lines": { "has_more": true, "data": [
            { "description": "Pro", "quantity": 2, "amount": -50_000, "period": { "start": 1, "end": 2 } },
        ] },
    })
}

#[test]
fn a_subscription_is_read_with_its_first_item() {
    let read = of::<Subscription>(&subscription()).mirrored(true).unwrap();
    assert_eq!((read.id.as_str(), read.customer.as_str()), ("sub_a", "cus_a"));
    assert_eq!(read.status, SubscriptionStatus::Active);
    assert_eq!((read.price.unwrap().as_str(), read.quantity), ("price_a", 3));
    assert_eq!(read.times.started_at, moment(Some(900)));
    assert_eq!((read.times.period_start, read.times.period_end), (moment(Some(1_000)), moment(Some(2_000))));
    assert_eq!(read.times.cancel_at, moment(Some(2_000)));
}

#[test]
fn only_an_invoice_of_a_change_tells_when_it_was() {
    for (reason, billed_at) in
        [("subscription_update", Some(1_500)), ("subscription_cycle", None), ("subscription_create", None)]
    {
        let mut object = subscription();
        object["latest_invoice"] = json!({ "id": "in_a", "billing_reason": reason, "created": 1_500 });
        let read = of::<Subscription>(&object).mirrored(true).unwrap();
        assert_eq!(read.billed_at, moment(billed_at), "{reason}");
    }
}

#[test]
fn only_the_platforms_account_has_workspaces_that_pay_for_themselves() {
    let paying = |object: &Value, is_platforms| {
        of::<Subscription>(object).mirrored(is_platforms).unwrap().paying_workspace
    };
    assert_eq!(paying(&subscription(), true).unwrap().as_str(), "ws_a");
    assert_eq!(paying(&subscription(), false), None);
    let mut sold = subscription();
    sold["metadata"]["kl_intent_id"] = json!("intent_00000000000000000000000002");
    assert_eq!(paying(&sold, true), None);
}

#[test]
fn an_invoice_is_read_in_minor_units_of_iso_4217() {
    let read = of::<Invoice>(&invoice()).mirrored(Vec::new()).unwrap();
    let isk = Currency::parse("ISK").unwrap();
    assert_eq!((read.details.total, read.details.amount_due), (Money::new(500, isk), Money::new(500, isk)));
    assert_eq!(read.details.lines[0].amount, Money::new(-500, isk));
    assert!(read.details.has_more_lines);
    assert_eq!((read.subscription.unwrap().as_str(), read.customer.unwrap().as_str()), ("sub_a", "cus_a"));
}

#[test]
fn unknown_values_fields_and_nulls_never_fail() {
    let session = json!({ "id": "cs_a", "status": "hibernating", "url": null, "metadata": null, "new": [1] });
    let session = of::<CheckoutSession>(&session).mirrored().unwrap();
    assert_eq!(session.status, SessionStatus::Unrecognized);

    let bare = json!({ "id": "sub_a", "status": "hibernating", "customer": "cus_a", "items": null,
        "latest_invoice": null, "metadata": { "kl_intent_id": "not one of ours" } });
    let subscription = of::<Subscription>(&bare).mirrored(true).unwrap();
    assert!(subscription.status.is_live() && subscription.intent_id.is_none());

    let mut unknown = invoice();
    unknown["status"] = json!("hibernating");
    for nullable in ["number", "customer", "parent", "lines", "status_transitions", "hosted_invoice_url"] {
        unknown[nullable] = Value::Null;
    }
    let read = of::<Invoice>(&unknown).mirrored(Vec::new()).unwrap();
    assert_eq!(read.details.status, InvoiceStatus::Unrecognized("hibernating".to_owned()));
}

#[test]
fn a_missing_id_status_or_amount_is_an_error() {
    for field in ["id", "status", "customer"] {
        let mut object = subscription();
        object[field] = Value::Null;
        assert!(of::<Subscription>(&object).mirrored(false).is_err(), "{field}");
    }
    for field in ["id", "status", "currency", "total", "amount_paid", "amount_due"] {
        let mut object = invoice();
        object[field] = Value::Null;
        assert!(of::<Invoice>(&object).mirrored(Vec::new()).is_err(), "{field}");
    }
    let mut inexact = invoice();
    inexact["total"] = json!(50_001);
    assert!(of::<Invoice>(&inexact).mirrored(Vec::new()).is_err());
}
