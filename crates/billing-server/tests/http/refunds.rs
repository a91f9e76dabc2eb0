//! Refunds of invoices, at the sandbox.

use std::time::Duration;

use billing_testing::{Suite, TestDatabase};
use serde_json::{Value, json};

use crate::shop::{Shop, assert_names_field};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "an_invoice_is_refunded_in_parts_and_never_beyond_what_was_paid",
            an_invoice_is_refunded_in_parts_and_never_beyond_what_was_paid,
        )
        .on_sqlite("a_refund_that_is_none_is_refused", a_refund_that_is_none_is_refused)
        .on_sqlite("refunds_made_at_stripe_are_followed", refunds_made_at_stripe_are_followed)
        .on_sqlite("an_invoice_is_sent_given_up_and_voided", an_invoice_is_sent_given_up_and_voided)
}

fn usd(minor_units: i64) -> Value {
    json!({ "minorUnits": minor_units, "currency": "USD" })
}

impl Shop {
    /// The path of an invoice of $12.50 that was paid.
    async fn paid_invoice(&self) -> String {
        self.sold_plan("pro").await;
        self.sold("ada", "pro").await;
        format!("/invoices/{}", self.first_id("/invoices?status=paid").await)
    }
}

async fn an_invoice_is_refunded_in_parts_and_never_beyond_what_was_paid(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let invoice = shop.paid_invoice().await;
    let refund = format!("{invoice}/refund");
    let part = json!({ "amount": 500, "reason": "requested_by_customer" });

    let first = shop.once(&refund, "one", &part).await;
    let repeat = shop.once(&refund, "one", &part).await;
    for answer in [&first, &repeat] {
        assert_eq!(answer.status, 200, "{}", answer.text);
        let body = answer.json();
        assert_eq!((&body["amountRefunded"], &body["amountRefundable"]), (&usd(500), &usd(750)));
        assert_eq!(body["refunds"].as_array().unwrap().len(), 1);
        assert_eq!(body["refunds"][0]["amount"], usd(500));
        assert_eq!(body["refunds"][0]["reason"], "requested_by_customer");
    }
    assert_eq!(shop.once(&refund, "two", &json!({ "amount": 500 })).await.status, 200);

    let third = shop.once(&refund, "three", &json!({ "amount": 500 })).await;
    assert_eq!(third.refusal(), (409, "refund_conflict".to_owned()));
    let expected = json!({
        "asked": usd(500), "left": usd(250), "paid": usd(1_250), "refunded": usd(1_000), "underWay": usd(0),
    });
    assert_eq!(third.json()["details"], expected);
    let rest = shop.once(&refund, "rest", &json!({})).await.json();
    assert_eq!((&rest["amountRefunded"], &rest["status"]), (&usd(1_250), &json!("paid")));
    let nothing = shop.once(&refund, "nothing", &json!({})).await;
    assert_eq!(nothing.refusal(), (409, "refund_conflict".to_owned()));
    assert_eq!(nothing.json()["details"]["asked"], Value::Null);

    let log = shop.log().await;
    let requested = log.iter().filter(|(subject, _)| subject == "refund").count();
    assert_eq!(requested, 3, "{log:?}");
    assert_eq!(shop.get(&invoice).await.json(), rest);
}

async fn a_refund_that_is_none_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let refund = format!("{}/refund", shop.paid_invoice().await);

    for amount in [0, -500] {
        assert_names_field(&shop.once(&refund, "none", &json!({ "amount": amount })).await, "amount");
    }
    // Leaving it out is everything; a forgotten value is not.
    for body in [json!({ "amount": null }), json!({ "amount": 5.5 }), json!({ "reason": "regret" })] {
        let refused = shop.once(&refund, "none", &body).await;
        assert_eq!(refused.refusal(), (400, "invalid_request".to_owned()), "{body}");
    }
    let without_key = shop.post(&refund, &json!({ "amount": 500 })).await;
    assert_eq!(without_key.refusal(), (400, "invalid_request".to_owned()));
    assert!(without_key.text.contains("Idempotency-Key"), "{}", without_key.text);
    assert_eq!(shop.service.post(&shop.at(&refund), &shop.owner).await.status, 400);
    let member = shop.service.post_json(&shop.at(&refund), &shop.member(), &json!({})).await;
    assert_eq!(member.refusal(), (403, "insufficient_role".to_owned()));
}

/// The mirror follows by the events alone: a refund names no invoice.
async fn refunds_made_at_stripe_are_followed(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let invoice = shop.paid_invoice().await;
    let at_stripe = shop.get(&invoice).await.json()["stripeId"].as_str().unwrap().to_owned();
    let payments = shop.service.get_at_stripe(&format!("/v1/invoice_payments?invoice={at_stripe}")).await;
    let intent = payments["data"][0]["payment"]["payment_intent"].as_str().unwrap();

    shop.service.post_at_stripe("/v1/refunds", &[("payment_intent", intent), ("amount", "300")]).await;

    let mut seen = Value::Null;
    for _ in 0..200 {
        seen = shop.get(&invoice).await.json()["amountRefunded"].clone();
        if seen == usd(300) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(seen, usd(300));
    let too_much = shop.once(&format!("{invoice}/refund"), "too-much", &json!({ "amount": 951 })).await;
    assert_eq!(too_much.json()["details"]["left"], usd(950), "{}", too_much.text);
}

async fn an_invoice_is_sent_given_up_and_voided(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let paid = shop.paid_invoice().await;
    let act = async |invoice: &str, action: &str| {
        shop.service.post(&shop.at(&format!("{invoice}/{action}")), &shop.owner).await
    };
    for action in ["void", "mark-uncollectible", "send"] {
        let refused = act(&paid, action).await;
        assert_eq!(refused.refusal(), (409, "invoice_status_forbids".to_owned()), "{action}");
        assert_eq!(refused.json()["details"], json!({ "status": "paid" }));
    }
    let subscription = shop.get("/subscriptions").await.json()["items"][0]["stripeId"].clone();
    shop.service.bill(subscription.as_str().unwrap()).await;
    let open = format!("/invoices/{}", shop.first_id("/invoices?status=open").await);

    for (action, status) in [
        ("send", "open"),
        ("mark-uncollectible", "uncollectible"),
        ("mark-uncollectible", "uncollectible"),
        ("void", "void"),
        ("void", "void"),
    ] {
        let acted = act(&open, action).await;
        assert_eq!(acted.status, 200, "{action}: {}", acted.text);
        assert_eq!(acted.json()["status"], status, "{action}");
    }
    assert_eq!(act(&open, "send").await.refusal(), (409, "invoice_status_forbids".to_owned()));
    let sent = shop.service.get_at_stripe("/v1/events?type=invoice.sent").await;
    assert_eq!(sent["data"].as_array().unwrap().len(), 1);
}
