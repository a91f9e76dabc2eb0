//! What the next invoice of a customer would be, where nothing is said of a subscription.

use crate::{client::Client, sandbox};

const PREVIEW: &str = "/v1/invoices/create_preview";

#[tokio::test]
async fn a_preview_for_a_customer_bills_what_waits() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let of = [("customer", customer.as_str())];
    assert_eq!(client.post(PREVIEW, &of).await.error(400)["code"], "invoice_upcoming_none");
    for amount in ["700", "50"] {
        client.post("/v1/invoiceitems", &[of[0], ("amount", amount), ("currency", "eur")]).await.ok();
    }
    let preview = client.post(PREVIEW, &of).await.ok();
    assert_eq!((&preview["total"], &preview["currency"]), (&750.into(), &"eur".into()));
    assert_eq!(preview["lines"]["data"][0]["amount"], 700);
    let waiting = client.get("/v1/invoiceitems?pending=true").await.ok();
    assert_eq!(waiting["data"].as_array().unwrap().len(), 2, "nothing was billed by looking at it");
    assert_eq!(client.get("/v1/invoices").await.ok()["data"], serde_json::json!([]));
}

#[tokio::test]
async fn a_preview_for_a_subscriber_is_of_the_renewal_that_comes_first() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let of = [("customer", customer.as_str())];
    let (pro, seats) =
        (client.monthly_price("Pro", "usd", 2000).await, client.monthly_price("Seats", "usd", 300).await);
    let ends = client.subscribe(&customer, &pro, &[("cancel_at_period_end", "true")]).await;
    client.advance_by(86_400).await;
    let renews = client.subscribe(&customer, &seats, &[]).await;
    client.post("/v1/invoiceitems", &[of[0], ("amount", "50"), ("currency", "usd")]).await.ok();
    let preview = client.post(PREVIEW, &of).await.ok();
    let parent = &preview["parent"]["subscription_details"]["subscription"];
    assert_eq!((parent, &preview["total"]), (&renews.as_str().into(), &350.into()));
    client.post(&format!("/v1/subscriptions/{ends}"), &[("cancel_at_period_end", "false")]).await.ok();
    let preview = client.post(PREVIEW, &of).await.ok();
    let parent = &preview["parent"]["subscription_details"]["subscription"];
    assert_eq!((parent, &preview["total"]), (&ends.as_str().into(), &2050.into()));
}

#[tokio::test]
async fn details_of_no_subscription_are_for_a_new_one() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let form = [("customer", customer.as_str()), ("subscription_details[cancel_now]", "true")];
    assert_eq!(client.post(PREVIEW, &form).await.error(400)["param"], "subscription_details[items]");
}
