use serde_json::{Value, json};

use crate::{NEW_YEAR, client::Client, sandbox};

const DAY: i64 = 86_400;

#[tokio::test]
async fn paying_makes_the_customer_and_the_subscription_and_then_says_so() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let metadata = ("subscription_data[metadata][plan]", "pro");
    let session = client.checkout_of(&[metadata, ("client_reference_id", "ws_1")]).await;
    let done = client.pay(&session, "tok_visa").await.ok();
    assert_eq!((&done["status"], &done["payment_status"]), (&json!("complete"), &json!("paid")));
    assert_eq!(done["customer_details"]["email"], "ada@example.com");
    let id = done["subscription"].as_str().unwrap();
    let subscription = client.get(&format!("/v1/subscriptions/{id}")).await.ok();
    assert_eq!(subscription["status"], "active");
    assert_eq!(subscription["metadata"]["plan"], "pro");
    assert!(subscription["default_payment_method"].is_string());
    assert_eq!(subscription["latest_invoice"], done["invoice"]);
    let customer = client.get(&format!("/v1/customers/{}", done["customer"].as_str().unwrap())).await.ok();
    assert_eq!((&customer["email"], &customer["name"]), (&json!("ada@example.com"), &json!("Ada")));
    let told = client.told().await;
    let place = |kind: &str| told.iter().position(|it| it == kind).unwrap();
    for kind in
        ["customer.created", "payment_method.attached", "invoice.paid", "customer.subscription.updated"]
    {
        assert!(place(kind) < place("checkout.session.completed"), "{kind} in {told:?}");
    }
    assert_eq!(told.iter().filter(|it| *it == "checkout.session.completed").count(), 1);
}

#[tokio::test]
async fn a_session_is_paid_once_however_often_it_is_confirmed() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let session = client.checkout_of(&[]).await;
    let (one, two) = tokio::join!(client.pay(&session, "tok_visa"), client.pay(&session, "tok_visa"));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    assert_eq!(client.all("/v1/subscriptions").await.len(), 1);
    assert_eq!(client.all("/v1/charges").await.len(), 1);
    assert_eq!(client.all("/v1/customers").await.len(), 1);
}

#[tokio::test]
async fn a_trial_costs_nothing_until_it_ends_and_keeps_the_card() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let session = client.checkout_of(&[("subscription_data[trial_period_days]", "14")]).await;
    assert_eq!(client.session(&session).await["amount_total"], 0);
    let done = client.pay(&session, "tok_visa").await.ok();
    assert_eq!(done["payment_status"], "no_payment_required");
    let path = format!("/v1/subscriptions/{}", done["subscription"].as_str().unwrap());
    let trial = client.get(&path).await.ok();
    assert_eq!((&trial["status"], &trial["trial_end"]), (&json!("trialing"), &json!(NEW_YEAR + 14 * DAY)));
    assert!(trial["default_payment_method"].is_string());
    assert!(client.all("/v1/charges").await.is_empty());
    client.advance_by(15 * DAY).await;
    assert_eq!(client.get(&path).await.ok()["status"], "active");
    assert_eq!(client.all("/v1/charges").await[0]["amount"], 2000);
}

#[tokio::test]
async fn what_is_paid_once_is_due_at_once_even_in_a_trial() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let data = [
        ("line_items[1][quantity]", "3"),
        ("line_items[1][price_data][currency]", "usd"),
        ("line_items[1][price_data][unit_amount]", "500"),
        ("line_items[1][price_data][product_data][name]", "Setup"),
    ];
    let trial = [("subscription_data[trial_period_days]", "14")];
    let session = client.checkout_of(&[&data[..], &trial[..]].concat()).await;
    assert_eq!(client.session(&session).await["amount_total"], 1500);
    let done = client.pay(&session, "tok_visa").await.ok();
    assert_eq!(done["payment_status"], "paid");
    let path = format!("/v1/subscriptions/{}", done["subscription"].as_str().unwrap());
    assert_eq!(client.get(&path).await.ok()["status"], "trialing");
    assert_eq!(client.all("/v1/charges").await[0]["amount"], 1500);
}

#[tokio::test]
async fn a_session_with_nothing_due_can_do_without_a_card() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let trial = [
        ("subscription_data[trial_period_days]", "14"),
        ("subscription_data[trial_settings][end_behavior][missing_payment_method]", "pause"),
        ("customer_email", "ada@example.com"),
    ];
    let always = client.checkout_of(&trial).await;
    assert_eq!(client.confirm(&always, &[]).await.error(400)["param"], "payment_method");
    let free =
        client.checkout_of(&[&trial[..], &[("payment_method_collection", "if_required")]].concat()).await;
    let done = client.confirm(&free, &[]).await.ok();
    assert_eq!(done["status"], "complete");
    client.advance_by(15 * DAY).await;
    let path = format!("/v1/subscriptions/{}", done["subscription"].as_str().unwrap());
    assert_eq!(client.get(&path).await.ok()["status"], "paused");
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open_and_nothing_behind() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let session = client.checkout_of(&[]).await;
    let before = client.session(&session).await;
    for token in ["tok_visa_chargeDeclinedInsufficientFunds", "tok_chargeCustomerFail"] {
        let error = client.pay(&session, token).await.error(402);
        assert_eq!((&error["type"], &error["code"]), (&json!("card_error"), &json!("card_declined")));
    }
    assert_eq!(client.session(&session).await, before);
    for objects in ["customers", "subscriptions", "invoices", "payment_intents", "charges"] {
        assert!(client.all(&format!("/v1/{objects}")).await.is_empty(), "{objects}");
    }
    assert_eq!(client.pay(&session, "tok_visa").await.ok()["status"], "complete");
}

#[tokio::test]
async fn a_discount_is_taken_off_and_counts_as_redeemed() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let coupon = [("percent_off", "20"), ("duration", "forever"), ("max_redemptions", "1")];
    let coupon = client.post("/v1/coupons", &coupon).await.id();
    let session = client.checkout_of(&[("discounts[0][coupon]", &coupon)]).await;
    let open = client.session(&session).await;
    assert_eq!((&open["amount_subtotal"], &open["amount_total"]), (&json!(2000), &json!(1600)));
    assert_eq!(open["total_details"]["amount_discount"], 400);
    let other = client.checkout_of(&[("discounts[0][coupon]", &coupon)]).await;
    client.pay(&session, "tok_visa").await.ok();
    assert_eq!(client.all("/v1/charges").await[0]["amount"], 1600);
    assert_eq!(client.get(&format!("/v1/coupons/{coupon}")).await.ok()["times_redeemed"], 1);
    let error = client.pay(&other, "tok_visa").await.error(400);
    assert_eq!(error["code"], "coupon_expired");
    assert_eq!(client.session(&other).await["status"], "open");
}

#[tokio::test]
async fn one_payment_makes_a_customer_only_when_it_is_told_to() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let form = [
        ("mode", "payment"),
        ("line_items[0][price_data][currency]", "jpy"),
        ("line_items[0][price_data][unit_amount]", "1200"),
        ("line_items[0][price_data][product_data][name]", "Hat"),
        ("line_items[0][quantity]", "2"),
        ("payment_intent_data[setup_future_usage]", "off_session"),
    ];
    let guest = client.checkout(&form).await.id();
    let done = client.pay(&guest, "tok_visa").await.ok();
    assert_eq!((&done["customer"], &done["payment_status"]), (&Value::Null, &json!("paid")));
    let intent =
        client.get(&format!("/v1/payment_intents/{}", done["payment_intent"].as_str().unwrap())).await;
    assert_eq!((&intent.ok()["amount"], &intent.ok()["currency"]), (&json!(2400), &json!("jpy")));
    let known = client.checkout(&[&form[..], &[("customer_creation", "always")]].concat()).await.id();
    let customer = client.pay(&known, "tok_visa").await.ok()["customer"].as_str().unwrap().to_owned();
    let methods = client.all(&format!("/v1/payment_methods?customer={customer}")).await;
    assert_eq!(methods.len(), 1, "the card is kept for later");
}

#[tokio::test]
async fn a_debit_completes_the_session_and_settles_later() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for (iban, event, status) in [
        ("AT611904300234573201", "checkout.session.async_payment_succeeded", "paid"),
        ("IT60X0542811101000000123456", "checkout.session.async_payment_failed", "unpaid"),
    ] {
        let session = client.checkout(&[
            ("mode", "payment"),
            ("payment_method_types[0]", "sepa_debit"),
            ("line_items[0][price_data][currency]", "eur"),
            ("line_items[0][price_data][unit_amount]", "1500"),
            ("line_items[0][price_data][product_data][name]", "Hat"),
            ("line_items[0][quantity]", "1"),
        ]);
        let session = session.await.id();
        let form = [
            ("type", "sepa_debit"),
            ("sepa_debit[iban]", iban),
            ("billing_details[email]", "ada@example.com"),
        ];
        let debit = client.post("/v1/payment_methods", &form).await.id();
        let done = client.confirm(&session, &[("payment_method", &debit)]).await.ok();
        assert_eq!((&done["status"], &done["payment_status"]), (&json!("complete"), &json!("unpaid")));
        assert!(!client.told().await.contains(&event.to_owned()));
        client.advance_by(60).await;
        let events = client.events().await;
        let settled = events.iter().find(|it| it["type"] == event).unwrap();
        assert_eq!(settled["data"]["object"]["id"], session.as_str());
        assert_eq!(settled["data"]["object"]["payment_status"], status);
        assert_eq!(client.session(&session).await["payment_status"], status);
    }
}

#[tokio::test]
async fn a_session_takes_only_the_payment_methods_and_the_amount_it_is_for() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let session = client.checkout_of(&[]).await;
    let card = client.loose_card("tok_visa").await;
    let refused = client.confirm(&session, &[("payment_method", &card), ("expected_amount", "1999")]).await;
    assert_eq!(refused.error(400)["param"], "expected_amount");
    let other = client.customer_with_card().await;
    let theirs = &client.all(&format!("/v1/payment_methods?customer={other}")).await[0]["id"];
    let refused = client.confirm(&session, &[("payment_method", theirs.as_str().unwrap())]).await;
    assert_eq!(refused.error(400)["param"], "payment_method");
    let form = [("type", "sepa_debit"), ("sepa_debit[iban]", "AT611904300234573201")];
    let debit = client.post("/v1/payment_methods", &form).await.id();
    let refused = client.confirm(&session, &[("payment_method", &debit)]).await;
    assert_eq!(refused.error(400)["param"], "payment_method");
    assert_eq!(client.session(&session).await["status"], "open");
}
