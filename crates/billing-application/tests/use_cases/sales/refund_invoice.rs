//! Refunds of invoices by people.

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, app_id, paid_invoice, stripe_id};

/// A shop with a paid invoice of $12.50.
async fn paid() -> Sales {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.invoices.push(paid_invoice("in_1", "sub_1"));
    sales.fetches("in_1").await;
    sales
}

fn key(text: &str) -> RequestKey {
    RequestKey::parse(text).unwrap()
}

fn request(sales: &Sales, amount: Option<i64>) -> RefundInvoice {
    let invoice_id = sales.lock().invoices[0].id;
    RefundInvoice { app_id: app_id(), invoice_id, amount, reason: None }
}

async fn refund(sales: &Sales, amount: Option<i64>, by: &str) -> Result<Invoice, Refused<InvoiceError>> {
    sales.executor().refund_invoice(&administrator(), &request(sales, amount), &key(by)).await
}

/// The refunded and the refundable amount.
fn sums(invoice: &Invoice) -> [i64; 2] {
    let state = invoice.refund_state().unwrap();
    [state.refunded, state.left].map(Money::minor_units)
}

/// What was asked for, is under way and is left, of a refused refund.
fn conflict(refused: Result<Invoice, Refused<InvoiceError>>) -> (Option<i64>, i64, i64) {
    match refused.unwrap_err() {
        Refused::Rule(InvoiceError::Refund(RefundRefused::Exceeds { asked, state })) => {
            (asked.map(Money::minor_units), state.under_way.minor_units(), state.left.minor_units())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_invoice_is_refunded_in_parts_until_nothing_is_left() {
    let sales = paid().await;

    assert_eq!(sums(&refund(&sales, Some(500), "one").await.unwrap()), [500, 750]);
    assert_eq!(sums(&refund(&sales, None, "two").await.unwrap()), [1_250, 0]);
    assert_eq!(conflict(refund(&sales, Some(1), "three").await), (Some(1), 0, 0));

    assert_eq!(sales.sent(), ["refund_invoice"; 2]);
    let keys = sales.keys_of("refund_invoice");
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_repeat_under_a_key_refunds_once() {
    let sales = paid().await;

    for _ in 0..2 {
        let refunded = refund(&sales, Some(500), "one").await.unwrap();
        assert_eq!(sums(&refunded), [500, 750]);
    }
    let other = refund(&sales, Some(400), "one").await.unwrap_err();

    assert!(matches!(other, Refused::RequestKeyReused(_)), "{other:?}");
    assert_eq!(sales.sent(), ["refund_invoice"]);
}

#[tokio::test]
async fn a_refund_of_unknown_outcome_counts_and_is_resumed_under_its_key() {
    let sales = paid().await.replying("refund_invoice", Reply::Unknown);

    let unknown = refund(&sales, Some(1_000), "one").await.unwrap_err();
    assert!(matches!(unknown, Refused::Rule(InvoiceError::GatewayUnavailable)), "{unknown:?}");
    assert_eq!(conflict(refund(&sales, Some(500), "two").await), (Some(500), 1_000, 250));
    assert_eq!(sums(&refund(&sales, Some(250), "three").await.unwrap()), [250, 1_000]);
    assert_eq!(sums(&refund(&sales, Some(1_000), "one").await.unwrap()), [1_250, 0]);

    let keys = sales.keys_of("refund_invoice");
    assert_eq!((keys.len(), &keys[0]), (3, &keys[2]));
}

#[tokio::test]
async fn a_refused_refund_gives_its_amount_free_and_is_tried_anew() {
    let sales = paid().await.replying("refund_invoice", Reply::Refused);

    let refused = refund(&sales, Some(500), "one").await.unwrap_err();
    assert!(matches!(refused, Refused::Rule(InvoiceError::GatewayRefused(_))), "{refused:?}");
    assert_eq!(sums(&refund(&sales, Some(500), "one").await.unwrap()), [500, 750]);

    let keys = sales.keys_of("refund_invoice");
    assert_ne!(keys[0], keys[1]);
    assert!(sales.audited().contains(&("stripe_call", "refused")));
}

#[tokio::test]
async fn repeats_after_a_refusal_refund_once() {
    let sales =
        paid().await.replying("refund_invoice", Reply::Refused).replying("refund_invoice", Reply::Lost);

    refund(&sales, Some(500), "one").await.unwrap_err();
    refund(&sales, Some(500), "one").await.unwrap_err();
    assert_eq!(sums(&refund(&sales, Some(500), "one").await.unwrap()), [500, 750]);

    let keys = sales.keys_of("refund_invoice");
    assert!(keys[0] != keys[1] && keys[1] == keys[2] && keys.len() == 3, "{keys:?}");
}

#[tokio::test]
async fn the_refund_of_a_duplicate_takes_what_is_left_of_its_payment() {
    let sales = paid().await;
    let payment_intent =
        sales.lock().stripe.invoices[0].details.payments.as_ref().unwrap()[0].payment.clone();
    refund(&sales, Some(500), "one").await.unwrap();
    let mut call = sales.lock().calls.last().unwrap().clone();
    let subscription_id = SubscriptionId::from_uuid(1);
    call.id = GatewayCallId::from_uuid(1);
    call.purpose = CallPurpose::RefundDuplicate { subscription_id, payment_intent };
    call.outcome = CallOutcome::Unresolved;
    sales.lock().calls.push(call);

    assert_eq!(conflict(refund(&sales, Some(1), "two").await), (Some(1), 750, 0));
}

#[tokio::test]
async fn a_refund_made_at_stripe_is_seen_before_the_decision() {
    let sales = paid().await;
    let by_hand = sales.lock().stripe.invoices[0].details.payments.clone();
    refund(&sales, Some(1_000), "one").await.unwrap();
    // The mirror does not know of it.
    sales.lock().invoices[0].details.payments = by_hand;
    sales.lock().calls.clear();

    assert_eq!(conflict(refund(&sales, Some(500), "two").await), (Some(500), 0, 250));
}

#[tokio::test]
async fn an_invoice_of_several_payments_is_refunded_from_each() {
    let sales = paid().await;
    let usd = |minor_units| Money::new(minor_units, Currency::parse("USD").unwrap());
    let payment =
        |id, amount| InvoicePayment { payment: stripe_id(id), paid: usd(amount), refunds: Vec::new() };
    sales.lock().stripe.invoices[0].details.payments = Some(vec![payment("pi_1", 750), payment("pi_2", 500)]);

    assert_eq!(sums(&refund(&sales, Some(1_000), "one").await.unwrap()), [1_000, 250]);
    assert_eq!(sums(&refund(&sales, Some(1_000), "one").await.unwrap()), [1_000, 250]);

    let keys = sales.keys_of("refund_invoice");
    assert_eq!(keys.len(), 2);
}

#[tokio::test]
async fn nothing_is_refunded_on_an_invoice_that_cannot_be_fetched() {
    let sales = paid().await;
    sales.lock().stripe.read_failure = Some(|| GatewayError::Unknown("no answer".into()));

    let refused = refund(&sales, Some(500), "one").await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(InvoiceError::NotFetched)), "{refused:?}");
    assert!(sales.sent().is_empty());
}

#[tokio::test]
async fn an_invoice_of_another_app_is_absent() {
    let sales = paid().await;
    let request = RefundInvoice { app_id: AppId::parse("app_other").unwrap(), ..request(&sales, None) };

    let refused = sales.executor().refund_invoice(&administrator(), &request, &key("one")).await.unwrap_err();

    assert!(matches!(refused, Refused::Absent(_)), "{refused:?}");
}

#[tokio::test]
async fn a_refund_is_audited_when_asked_for_and_when_seen() {
    let sales = paid().await;

    refund(&sales, Some(500), "one").await.unwrap();

    let audited = sales.audited();
    assert_eq!(audited[audited.len() - 2..], [("refund", "requested"), ("invoice", "changed")]);
    let requested: serde_json::Value =
        serde_json::from_str(&sales.lock().audited[audited.len() - 2].change.after).unwrap();
    assert_eq!(requested["amount"]["minorUnits"], 500);
}

#[tokio::test]
async fn an_event_of_a_refund_has_the_invoices_of_its_payment_fetched() {
    let sales = paid().await;
    sales.lock().stripe.invoices[0].details.number = Some("KL-1".to_owned());

    sales.fetches("pi_1").await;
    sales.works().await;

    assert_eq!(sales.lock().invoices[0].details.number.as_deref(), Some("KL-1"));
}
