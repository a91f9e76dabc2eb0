//! What is wrong with a bank account shows when it is debited.

use serde_json::json;

use crate::{client::Client, sandbox, shop::text};

/// Stripe's test account whose debits come back.
const COMES_BACK: [(&str, &str); 4] = [
    ("type", "sepa_debit"),
    ("sepa_debit[iban]", "AT861904300235473202"),
    ("billing_details[name]", "Ada"),
    ("billing_details[email]", "ada@example.com"),
];

#[tokio::test]
async fn a_bank_account_whose_debits_come_back_can_be_attached() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.post("/v1/customers", &[("name", "Ada")]).await.id();
    let method = client.post("/v1/payment_methods", &COMES_BACK).await.id();
    let path = format!("/v1/payment_methods/{method}/attach");
    let attached = client.post(&path, &[("customer", &customer)]).await.ok();
    assert_eq!(attached["customer"], customer.as_str());
    let price = client.monthly_price("Seat", "eur", 2000).await;
    let subscription = client.subscribe(&customer, &price, &[("default_payment_method", &method)]).await;
    client.advance_by(60).await;
    let intent = &client.get(&format!("/v1/payment_intents?customer={customer}")).await.ok()["data"][0];
    assert_eq!(intent["status"], "requires_payment_method");
    assert_eq!(intent["last_payment_error"]["payment_method"]["id"], method.as_str());
    let subscription = client.get(&format!("/v1/subscriptions/{subscription}")).await.ok();
    assert_ne!(subscription["status"], "canceled");
}

#[tokio::test]
async fn bank_account_whose_debits_come_back_can_be_set_up() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.post("/v1/customers", &[("name", "Ada")]).await.id();
    let method = client.post("/v1/payment_methods", &COMES_BACK).await.id();
    let form = [
        ("customer", customer.as_str()),
        ("payment_method", &method),
        ("payment_method_types[]", "sepa_debit"),
        ("confirm", "true"),
    ];
    assert_eq!(client.post("/v1/setup_intents", &form).await.ok()["status"], "succeeded");
    let form =
        [("customer", customer.as_str()), ("payment_method", "pm_card_chargeDeclined"), ("confirm", "true")];
    let declined = client.post("/v1/setup_intents", &form).await.error(402);
    assert_eq!((text(&declined["code"]), &declined["type"]), ("card_declined", &json!("card_error")));
    let list = client.get(&format!("/v1/payment_methods?customer={customer}")).await.ok();
    assert_eq!(list["data"][0]["type"], "sepa_debit");
}
