//! Invoices that are voided, given up and sent by people.

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, app_id, paid_invoice};

/// A shop with an open invoice that is sent to its payer.
async fn billed() -> Sales {
    let sales = Sales::known_at_stripe();
    let mut invoice = paid_invoice("in_1", "sub_1");
    invoice.details.status = InvoiceStatus::Open;
    invoice.details.is_charged_automatically = Some(false);
    sales.lock().stripe.invoices.push(invoice);
    sales.fetches("in_1").await;
    sales
}

async fn act(sales: &Sales, action: InvoiceAction) -> Result<Invoice, Refused<InvoiceError>> {
    let invoice_id = sales.lock().invoices[0].id;
    let request = ActOnInvoice { app_id: app_id(), invoice_id, action };
    sales.executor().act_on_invoice(&administrator(), &request, None).await
}

fn status(acted: Result<Invoice, Refused<InvoiceError>>) -> InvoiceStatus {
    acted.unwrap().details.status
}

#[tokio::test]
async fn an_invoice_is_given_up_and_voided_once() {
    let sales = billed().await;

    for _ in 0..2 {
        let given_up = act(&sales, InvoiceAction::MarkUncollectible).await;
        assert_eq!(status(given_up), InvoiceStatus::Uncollectible);
    }
    for _ in 0..2 {
        assert_eq!(status(act(&sales, InvoiceAction::Void).await), InvoiceStatus::Void);
    }

    assert_eq!(sales.sent(), ["act_on_invoice"; 2]);
    let events: Vec<_> = sales.audited().into_iter().map(|(_, event)| event).collect();
    assert_eq!(events[1..], ["mark_uncollectible_requested", "changed", "void_requested", "changed"]);
}

#[tokio::test]
async fn an_invoice_is_sent_each_time_that_it_is_asked_for() {
    let sales = billed().await;

    for _ in 0..2 {
        act(&sales, InvoiceAction::Send).await.unwrap();
    }

    let keys = sales.keys_of("act_on_invoice");
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_rival_of_unknown_outcome_is_settled_first() {
    let sales = billed().await.replying("act_on_invoice", Reply::Unknown);

    let unknown = act(&sales, InvoiceAction::MarkUncollectible).await.unwrap_err();
    assert!(matches!(unknown, Refused::Rule(InvoiceError::GatewayUnavailable)), "{unknown:?}");
    assert_eq!(status(act(&sales, InvoiceAction::Void).await), InvoiceStatus::Void);

    let keys = sales.keys_of("act_on_invoice");
    assert_eq!((keys.len(), &keys[0]), (3, &keys[1]));
}

#[tokio::test]
async fn nothing_is_sent_while_a_rival_is_not_settled() {
    let sales =
        billed().await.replying("act_on_invoice", Reply::Unknown).replying("act_on_invoice", Reply::Unknown);
    act(&sales, InvoiceAction::MarkUncollectible).await.unwrap_err();

    let refused = act(&sales, InvoiceAction::Void).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(InvoiceError::EarlierUnsettled)), "{refused:?}");
    assert_eq!(sales.lock().calls.len(), 1);
}

#[tokio::test]
async fn an_invoice_that_was_paid_meanwhile_is_not_voided() {
    let sales = billed().await;
    sales.lock().stripe.invoices[0].details.status = InvoiceStatus::Paid;

    let refused = act(&sales, InvoiceAction::Void).await.unwrap_err();

    let expected = Refused::<InvoiceError>::Rule(InvoiceError::Action(InvoiceActionRefused::Status {
        action: InvoiceAction::Void,
        status: InvoiceStatus::Paid,
    }));
    assert_eq!(refused.to_string(), expected.to_string());
    assert!(sales.sent().is_empty());
}

#[tokio::test]
async fn a_refused_action_is_told_with_the_reason() {
    let sales = billed().await.replying("act_on_invoice", Reply::Refused);

    let refused = act(&sales, InvoiceAction::Void).await.unwrap_err();

    assert!(matches!(refused, Refused::Rule(InvoiceError::GatewayRefused(_))), "{refused:?}");
}
