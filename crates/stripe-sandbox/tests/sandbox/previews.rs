//! What must be said of an invoice to preview it.

use crate::{client::Client, sandbox};

const PREVIEW: &str = "/v1/invoices/create_preview";

/// Source: stripe/stripe-node#2347, and
/// <https://docs.stripe.com/changelog/basil/2025-03-31/invoice-preview-api-deprecations>: "you can no longer preview the
/// next invoice for a customer across all their subscriptions".
#[tokio::test]
async fn a_preview_is_of_one_subscription_and_not_of_all_that_a_customer_has() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let price = client.monthly_price("Pro", "usd", 2000).await;
    let of = [("customer", customer.as_str())];
    let item = [of[0], ("amount", "700"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &item).await.ok();
    let subscription = client.subscribe(&customer, &price, &[]).await;
    for more in [&[][..], &[("subscription_details[cancel_now]", "true")], &[("currency", "usd")]] {
        let error = client.post(PREVIEW, &[&of, more].concat()).await.error(400);
        let message = "You must provide at least one of: `subscription`, `schedule`, `subscription_details.items`, \
                       `schedule_details.phases`, `invoice_items`.";
        assert_eq!(error["message"], message);
    }
    client.post(PREVIEW, &[of[0], ("subscription", &subscription)]).await.ok();
    client.post(PREVIEW, &[of[0], ("subscription_details[items][0][price]", &price)]).await.ok();
}

#[tokio::test]
async fn what_is_said_beside_a_subscription_must_go_with_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (mine, other) = (client.customer_with_card().await, client.customer_with_card().await);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    let subscription = client.subscribe(&mine, &price, &[]).await;
    let of = ("subscription", subscription.as_str());
    for (param, value) in [("customer", other.as_str()), ("currency", "eur")] {
        assert_eq!(client.post(PREVIEW, &[of, (param, value)]).await.error(400)["param"], param);
    }
    client.post(PREVIEW, &[of, ("customer", &mine), ("currency", "usd")]).await.ok();
}
