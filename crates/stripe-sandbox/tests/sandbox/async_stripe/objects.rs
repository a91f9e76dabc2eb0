//! Each kind of object, as it is read, listed, expanded and deleted.

use std::fmt::Debug;

use miniserde::Deserialize;
use reqwest::Method;
use stripe_billing as billing;
use stripe_misc as misc;
use stripe_shared as shared;
use stripe_types::List;

use super::{decoded, shop::Shop};
use crate::{
    client::{Client, ids},
    sandbox,
};

/// The list, and each object of it by itself.
async fn all<T: Deserialize + Debug>(client: &Client, path: &str, filter: &str) {
    let answer = client.get(&format!("{path}?limit=100{filter}")).await;
    let list: List<T> = decoded(&answer);
    assert!(!list.data.is_empty(), "there is nothing under {path}");
    for id in ids(&answer.json()) {
        decoded::<T>(&client.get(&format!("{path}/{id}")).await);
    }
}

#[tokio::test]
async fn async_stripe_decodes_each_object_that_is_listed() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.webhook("http://127.0.0.1:9/hook", &["*"], false).await;
    let shop = Shop::filled(&client).await;
    let of_subscription = format!("&subscription={}", shop.subscription);
    all::<shared::Account>(&client, "/v1/accounts", "").await;
    all::<shared::Charge>(&client, "/v1/charges", "").await;
    all::<shared::Coupon>(&client, "/v1/coupons", "").await;
    all::<shared::Customer>(&client, "/v1/customers", "").await;
    all::<shared::Dispute>(&client, "/v1/disputes", "").await;
    all::<shared::Event>(&client, "/v1/events", "").await;
    all::<shared::Invoice>(&client, "/v1/invoices", "").await;
    all::<shared::InvoicePayment>(&client, "/v1/invoice_payments", "").await;
    all::<billing::InvoiceItem>(&client, "/v1/invoiceitems", "").await;
    all::<shared::PaymentIntent>(&client, "/v1/payment_intents", "").await;
    all::<shared::PaymentMethod>(&client, &format!("/v1/customers/{}/payment_methods", shop.customer), "")
        .await;
    all::<shared::Plan>(&client, "/v1/plans", "").await;
    all::<shared::Price>(&client, "/v1/prices", "").await;
    all::<shared::Product>(&client, "/v1/products", "").await;
    all::<shared::PromotionCode>(&client, "/v1/promotion_codes", "").await;
    all::<shared::Refund>(&client, "/v1/refunds", "").await;
    all::<shared::SetupIntent>(&client, "/v1/setup_intents", "").await;
    all::<shared::Subscription>(&client, "/v1/subscriptions", "&status=all").await;
    all::<shared::SubscriptionItem>(&client, "/v1/subscription_items", &of_subscription).await;
    all::<shared::SubscriptionSchedule>(&client, "/v1/subscription_schedules", "").await;
    all::<shared::TestHelpersTestClock>(&client, "/v1/test_helpers/test_clocks", "").await;
    all::<misc::WebhookEndpoint>(&client, "/v1/webhook_endpoints", "").await;
    sandbox.stop().await;
}

#[tokio::test]
async fn async_stripe_decodes_what_lies_within_other_objects() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let Shop { customer, subscription } = Shop::filled(&client).await;
    let subscription = format!("/v1/subscriptions/{subscription}");
    let expanded = "expand[]=customer&expand[]=latest_invoice.payments&expand[]=default_payment_method&expand[]=discounts&expand[]=items.data.price.product";
    let found: shared::Subscription = decoded(&client.get(&format!("{subscription}?{expanded}")).await);
    assert!(found.customer.is_object() && found.latest_invoice.is_some_and(|it| it.is_object()));
    assert!(found.discounts.iter().all(stripe_types::Expandable::is_object) && !found.discounts.is_empty());

    let invoices = client.get("/v1/invoices?limit=100").await.ok();
    for invoice in ids(&invoices) {
        let lines = client.get(&format!("/v1/invoices/{invoice}/lines")).await;
        assert!(!decoded::<List<shared::InvoiceLineItem>>(&lines).data.is_empty());
    }
    let price = client.monthly_price("Team", "usd", 900).await;
    let form = [("customer", customer.as_str()), ("subscription_details[items][0][price]", price.as_str())];
    let preview = client.post("/v1/invoices/create_preview", &form).await;
    assert!(!decoded::<shared::Invoice>(&preview).lines.data.is_empty());
    decoded::<shared::Account>(&client.get("/v1/account").await);
    decoded::<misc::WebhookEndpoint>(
        &client.get(&client.webhook_path("http://127.0.0.1:9/hook").await).await,
    );
    sandbox.stop().await;
}

async fn deleted<T: Deserialize + Debug>(client: &Client, path: &str, form: &[(&str, &str)]) -> String {
    let id = client.post(path, form).await.id();
    let one = format!("{path}/{id}");
    decoded::<T>(&client.attempt(Method::DELETE, &one, &[]).await.unwrap());
    one
}

#[tokio::test]
async fn async_stripe_decodes_what_is_left_of_a_deleted_object() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let gone = deleted::<shared::DeletedCustomer>(&client, "/v1/customers", &[]).await;
    decoded::<shared::DeletedCustomer>(&client.get(&gone).await);
    deleted::<shared::DeletedProduct>(&client, "/v1/products", &[("name", "A")]).await;
    deleted::<shared::DeletedCoupon>(&client, "/v1/coupons", &[("percent_off", "5")]).await;
    deleted::<shared::DeletedInvoice>(&client, "/v1/invoices", &[("customer", &customer)]).await;
    let item = [("customer", customer.as_str()), ("amount", "700"), ("currency", "usd")];
    deleted::<billing::DeletedInvoiceitem>(&client, "/v1/invoiceitems", &item).await;
    let plan = [("amount", "900"), ("currency", "usd"), ("interval", "year"), ("product[name]", "Yearly")];
    deleted::<shared::DeletedPlan>(&client, "/v1/plans", &plan).await;
    let (basic, pro) =
        (client.monthly_price("A", "usd", 100).await, client.monthly_price("B", "usd", 200).await);
    let subscription = client.subscribe(&customer, &basic, &[]).await;
    let item = [("subscription", subscription.as_str()), ("price", &pro)];
    deleted::<shared::DeletedSubscriptionItem>(&client, "/v1/subscription_items", &item).await;
    let clock = [("frozen_time", "1767225600")];
    deleted::<shared::DeletedTestHelpersTestClock>(&client, "/v1/test_helpers/test_clocks", &clock).await;
    let endpoint = [("url", "http://127.0.0.1:9/hook"), ("enabled_events[]", "*")];
    deleted::<misc::DeletedWebhookEndpoint>(&client, "/v1/webhook_endpoints", &endpoint).await;
    deleted::<shared::DeletedAccount>(&client, "/v1/accounts", &[("type", "standard")]).await;
    sandbox.stop().await;
}
