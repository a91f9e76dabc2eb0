use billing_domain::{
    Currency, Gateway, InvoiceStatus, Money, RefundState, RefundStatus, SessionStatus, StripeId,
    StripeSubscriptionId, SubscriptionStatus, WorkspaceId,
    ports::{GatewayCalls, GatewayReads, GatewayScope, ObjectPage, PayingWorkspace},
};
use serde_json::Value;

use crate::shop::{Shop, id, intent, part};

fn usd(minor_units: i64) -> Money {
    Money::new(minor_units, Currency::parse("USD").unwrap())
}

#[tokio::test]
async fn a_sale_is_read_as_session_subscription_and_paid_invoice() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let subscription = shop.sold(&customer).await;
    let session = shop.get("/v1/checkout/sessions").await["data"][0]["id"].as_str().unwrap().to_owned();
    let session = shop.gateway.checkout_session(&shop.account, &id(&session)).await.unwrap().unwrap();
    assert_eq!(session.status, SessionStatus::Complete);
    let subscription_id = session.subscription.unwrap();
    assert_eq!(subscription_id.as_str(), subscription.as_str());

    let read = shop.gateway.subscription(&shop.account, &subscription_id).await.unwrap().unwrap();
    assert_eq!((&read.status, &read.customer, read.quantity), (&SubscriptionStatus::Active, &customer, 2));
    assert_eq!((read.intent_id, read.paying_workspace), (Some(intent()), None));
    assert!(read.price.is_some() && read.times.period_end.is_some());

    let scope = GatewayScope::Customers(vec![customer.clone()]);
    let ids = shop.gateway.objects(&shop.account, &scope, None).await.unwrap().ids;
    assert_eq!((ids.len(), &ids[0]), (2, &subscription));
    let invoice = shop.gateway.invoice(&shop.account, &ids[1]).await.unwrap().unwrap();
    assert_eq!((invoice.customer, invoice.subscription), (Some(customer), Some(subscription_id)));
    let details = invoice.details;
    assert_eq!(
        (details.status, details.total, details.amount_paid),
        (InvoiceStatus::Paid, usd(4_000), usd(4_000))
    );
    assert!(details.paid_at.is_some() && details.number.is_some() && details.hosted_url.is_some());
    assert_eq!(
        (details.lines.len(), details.lines[0].quantity, details.lines[0].amount),
        (1, Some(2), usd(4_000))
    );
}

#[tokio::test]
async fn an_invoice_is_read_with_its_payments_and_refunds() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    shop.sold(&customer).await;
    let invoice = id(shop.get("/v1/invoices").await["data"][0]["id"].as_str().unwrap());
    let read = async || shop.gateway.invoice(&shop.account, &invoice).await.unwrap().unwrap().details;
    let payment = read().await.payments.unwrap().remove(0);
    assert_eq!((payment.paid, payment.refunds.len()), (usd(4_000), 0));
    let call = shop.prepared(&part(&payment.payment, 1_500));

    shop.gateway.send(&call, true).await.unwrap();
    // By hand.
    let form = [("payment_intent", payment.payment.as_str()), ("amount", "500"), ("reason", "duplicate")];
    shop.post("/v1/refunds", &form).await;

    let details = read().await;
    let [by_hand, ours] = details.payments.clone().unwrap().remove(0).refunds.try_into().unwrap();
    assert_eq!(
        (ours.amount, ours.call_id, ours.status),
        (usd(1_500), Some(call.id), RefundStatus::Succeeded)
    );
    assert_eq!((by_hand.amount, by_hand.call_id), (usd(500), None));
    assert_eq!(by_hand.reason.as_deref(), Some("duplicate"));
    let state = RefundState::of(&details, &[]).unwrap();
    assert_eq!((state.refunded, state.left), (usd(2_000), usd(2_000)));
    let paid = shop.gateway.invoices_of_payment(&shop.account, &payment.payment).await.unwrap();
    assert_eq!(paid, [invoice]);
}

#[tokio::test]
async fn an_invoice_that_was_paid_elsewhere_has_no_payment() {
    let shop = Shop::open().await;
    let invoice = long_invoice(&shop, 1).await;
    let invoice = id(invoice["id"].as_str().unwrap());
    shop.post(&format!("/v1/invoices/{invoice}/finalize"), &[]).await;
    shop.post(&format!("/v1/invoices/{invoice}/pay"), &[("paid_out_of_band", "true")]).await;

    let details = shop.gateway.invoice(&shop.account, &invoice).await.unwrap().unwrap().details;

    assert_eq!((details.status, details.payments), (InvoiceStatus::Paid, Some(Vec::new())));
}

#[tokio::test]
async fn an_absent_object_is_none() {
    let shop = Shop::open().await;
    let missing = StripeSubscriptionId::parse("sub_missing").unwrap();
    assert!(shop.gateway.subscription(&shop.account, &missing).await.unwrap().is_none());
    assert!(shop.gateway.checkout_session(&shop.account, &id("cs_missing")).await.unwrap().is_none());
    assert!(shop.gateway.invoice(&shop.account, &id("in_missing")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_workspaces_own_subscription_names_the_workspace() {
    let shop = Shop::open().await;
    let price = shop.price().await;
    let customer = shop
        .post(
            "/v1/customers",
            &[
                ("payment_method", "pm_card_visa"),
                ("invoice_settings[default_payment_method]", "pm_card_visa"),
            ],
        )
        .await;
    let form = [
        ("customer", customer["id"].as_str().unwrap()),
        ("items[0][price]", price.as_str()),
        ("metadata[kl_workspace_id]", "ws_b"),
    ];
    let made = shop.post("/v1/subscriptions", &form).await;
    let made = StripeSubscriptionId::parse(made["id"].as_str().unwrap()).unwrap();
    let read = shop.gateway.subscription(&shop.account, &made).await.unwrap().unwrap();
    assert_eq!(read.paying_workspace.unwrap().as_str(), "ws_b");

    // What is sold to end users is not among them.
    shop.sold(&shop.customer().await).await;
    let paying = shop.gateway.paying_workspaces(Gateway::StripePlatform).await.unwrap();
    let expected = PayingWorkspace {
        workspace_id: WorkspaceId::parse("ws_b").unwrap(),
        account: shop.account.clone(),
        subscription: made.clone(),
    };
    assert_eq!(paying, [expected]);
    shop.delete(&format!("/v1/subscriptions/{made}")).await;
    assert!(shop.gateway.paying_workspaces(Gateway::StripePlatform).await.unwrap().is_empty());
    assert!(shop.gateway.paying_workspaces(Gateway::Managed).await.unwrap().is_empty());
}

/// An invoice with this many lines.
async fn long_invoice(shop: &Shop, lines: usize) -> Value {
    let customer = shop.customer().await;
    let invoice = shop.post("/v1/invoices", &[("customer", customer.as_str())]).await;
    for line in 0..lines {
        let description = format!("Line {line}");
        let form = [
            ("customer", customer.as_str()),
            ("invoice", invoice["id"].as_str().unwrap()),
            ("amount", "100"),
            ("currency", "usd"),
            ("description", &description),
        ];
        shop.post("/v1/invoiceitems", &form).await;
    }
    invoice
}

#[tokio::test]
async fn an_invoice_is_read_with_its_first_hundred_lines() {
    let shop = Shop::open().await;
    for (lines, read, has_more) in [(10, 10, false), (12, 12, false), (101, 100, true)] {
        let invoice = long_invoice(&shop, lines).await;
        let id = id(invoice["id"].as_str().unwrap());
        let details = shop.gateway.invoice(&shop.account, &id).await.unwrap().unwrap().details;
        assert_eq!((details.lines.len(), details.has_more_lines), (read, has_more), "{lines}");
        assert_eq!(details.total, usd(100 * i64::try_from(lines).unwrap()));
    }
}

#[tokio::test]
async fn ended_objects_are_listed_too() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let subscription = shop.sold(&customer).await;
    shop.done(&billing_domain::GatewayCommand::CancelSubscription { subscription: subscription.clone() })
        .await;
    let ids = shop.gateway.objects(&shop.account, &GatewayScope::Account, None).await.unwrap().ids;
    assert!(ids.contains(&subscription) && ids.len() == 2, "{ids:?}");
}

/// All objects of the account, and the number of pages.
async fn all_objects(shop: &Shop) -> (Vec<StripeId>, usize) {
    let (mut ids, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = shop.gateway.objects(&shop.account, &GatewayScope::Account, after).await.unwrap();
        ids.extend(page.ids);
        (after, pages) = (page.next, pages + 1);
        if after.is_none() {
            return (ids, pages);
        }
    }
}

#[tokio::test]
async fn an_account_is_listed_page_by_page() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let subscription = shop.sold(&customer).await;
    for _ in 0..205 {
        shop.post("/v1/invoices", &[("customer", customer.as_str()), ("auto_advance", "false")]).await;
    }
    let (ids, pages) = all_objects(&shop).await;
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), different.len(), pages), (207, 207, 3));
    assert_eq!(ids[0], subscription);
}

#[tokio::test]
async fn a_cursor_that_was_deleted_ends_the_list() {
    let shop = Shop::open().await;
    let gone = Some(id("in_deleted"));
    let page = shop.gateway.objects(&shop.account, &GatewayScope::Account, gone).await.unwrap();
    assert_eq!(page, ObjectPage::default());
}
