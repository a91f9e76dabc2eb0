//! Cards take no last digit in a currency of three decimals.

use crate::{client::Client, sandbox, shop::text};

#[tokio::test]
async fn a_refund_has_no_last_digit_in_a_currency_of_three_decimals() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let payment =
        [("amount", "12340"), ("currency", "kwd"), ("payment_method", "pm_card_visa"), ("confirm", "true")];
    let payment = client.post("/v1/payment_intents", &payment).await.id();
    let refund = |amount: &'static str| {
        let (client, payment) = (client.clone(), payment.clone());
        async move { client.post("/v1/refunds", &[("payment_intent", &payment), ("amount", amount)]).await }
    };
    let refused = refund("1").await.error(400);
    assert_eq!(refused["param"], "amount");
    assert!(text(&refused["message"]).contains("KWD must be evenly divisible by 10"), "{refused}");
    assert_eq!(refund("10").await.ok()["amount"], 10);
}

#[tokio::test]
async fn a_coupon_has_no_last_digit_in_a_currency_of_three_decimals() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let refused = client.post("/v1/coupons", &[("amount_off", "1001"), ("currency", "kwd")]).await.error(400);
    assert_eq!(refused["param"], "amount_off");
    client.post("/v1/coupons", &[("amount_off", "1010"), ("currency", "kwd")]).await.ok();
    client.post("/v1/coupons", &[("amount_off", "1001"), ("currency", "usd")]).await.ok();
}

#[tokio::test]
async fn a_balance_that_is_set_makes_the_currency_of_the_account_that_of_the_customer() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.post("/v1/customers", &[("balance", "-1234")]).await.ok();
    assert_eq!((text(&customer["currency"]), customer["balance"].as_i64()), ("usd", Some(-1234)));
    let price = client.monthly_price("Seat", "kwd", 12340).await;
    let form = [("customer", text(&customer["id"])), ("items[0][price]", &price)];
    client.post("/v1/subscriptions", &form).await.error(400);
    let free = client.post("/v1/customers", &[("balance", "0")]).await.ok();
    assert!(free["currency"].is_null(), "{free}");
}

#[tokio::test]
async fn a_balance_has_no_last_digit_for_a_customer_who_is_billed_in_three_decimals() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.post("/v1/customers", &[]).await.id();
    let path = format!("/v1/customers/{customer}");
    let form = [("amount", "-1230"), ("currency", "kwd")];
    client.post(&format!("{path}/balance_transactions"), &form).await.ok();
    assert_eq!(client.post(&path, &[("balance", "-1234")]).await.error(400)["param"], "balance");
    assert_eq!(client.post(&path, &[("balance", "-1240")]).await.ok()["balance"], -1240);
}
