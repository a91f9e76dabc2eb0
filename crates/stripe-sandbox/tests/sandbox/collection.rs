//! Who is charged what, and when: an invoice's payment is the invoice's, and nothing is paid twice or for nobody.

use serde_json::{Value, json};

use crate::{NEW_YEAR, client::Client, sandbox, shop::text, subscriber::Subscriber};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const FEB_1: i64 = NEW_YEAR + 31 * DAY;
const MAR_1: i64 = FEB_1 + 28 * DAY;

const FAILING: &str = "pm_card_chargeCustomerFail";
const WAITS: (&str, &str) = ("payment_behavior", "default_incomplete");
const INCLUDED: (&str, &str) = ("pending_invoice_items_behavior", "include");
const VISA: &[(&str, &str)] = &[("payment_method", "pm_card_visa")];

async fn subscribed(client: &Client, more: &[(&str, &str)]) -> Subscriber {
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let mut subscriber = Subscriber::new(client).await;
    subscriber.subscribe(&price, more).await;
    subscriber
}

/// An invoice over 10.00 that was made by hand, for a customer without a card.
async fn by_hand(client: &Client, more: &[(&str, &str)]) -> (String, Value) {
    let customer = client.post("/v1/customers", &[("email", "ada@example.com")]).await.id();
    let invoice = invoiced(client, &customer, more).await;
    (customer, invoice)
}

async fn invoiced(client: &Client, customer: &str, more: &[(&str, &str)]) -> Value {
    let item = [("customer", customer), ("amount", "1000"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &item).await.ok();
    let mut form = vec![("customer", customer), INCLUDED];
    form.extend_from_slice(more);
    client.post("/v1/invoices", &form).await.ok()
}

async fn debit(client: &Client) -> String {
    let form = [
        ("type", "sepa_debit"),
        ("sepa_debit[iban]", "DE89370400440532013000"),
        ("billing_details[name]", "Ada"),
        ("billing_details[email]", "ada@example.com"),
    ];
    client.post("/v1/payment_methods", &form).await.id()
}

#[tokio::test]
async fn what_an_invoice_asks_for_is_not_changed_at_its_payment_intent() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[WAITS]).await;
    let invoice = subscriber.last_invoice().await;
    let path = format!("/v1/payment_intents/{}", text(&client.intent_of(&invoice).await["id"]));
    assert_eq!(client.post(&path, &[("amount", "50")]).await.error(400)["param"], "amount");
    let other = client.customer_with_card().await;
    assert_eq!(client.post(&path, &[("customer", &other)]).await.error(400)["param"], "customer");
    client.post(&format!("{path}/cancel"), &[]).await.error(400);
    client.post(&format!("{path}/confirm"), VISA).await.ok();
    assert_eq!(client.charges(&subscriber.customer).await, [(2000, "succeeded".to_owned())]);
    subscriber.stands("active").await;
}

#[tokio::test]
async fn only_its_first_invoice_brings_an_incomplete_subscription_to_life() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[WAITS]).await;
    let form = [("customer", subscriber.customer.as_str()), ("subscription", &subscriber.subscription)];
    let nothing = client.post("/v1/invoices", &form).await.ok();
    assert_eq!(client.on_invoice(&nothing, "finalize", &[]).await.ok()["status"], "paid");
    subscriber.stands("incomplete").await;
    let first = subscriber.invoices().await.remove(0);
    client.on_invoice(&first, "pay", &[]).await.ok();
    subscriber.stands("active").await;
}

#[tokio::test]
async fn an_incomplete_subscription_keeps_what_its_first_invoice_asks_for() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[WAITS]).await;
    let dear = client.monthly_price("Dear", "usd", 90_000).await;
    let item = text(&subscriber.read().await["items"]["data"][0]["id"]).to_owned();
    let path = format!("/v1/subscriptions/{}", subscriber.subscription);
    let form = [("items[0][id]", item.as_str()), ("items[0][price]", dear.as_str())];
    assert_eq!(client.post(&path, &form).await.error(400)["param"], "items");
    let trial = (NEW_YEAR + 20 * DAY).to_string();
    assert_eq!(client.post(&path, &[("trial_end", trial.as_str())]).await.error(400)["param"], "trial_end");
    assert_eq!(subscriber.update(&[("metadata[a]", "1")]).await["metadata"], json!({ "a": "1" }));
}

#[tokio::test]
async fn a_subscription_is_invoiced_to_its_own_customer_alone_and_with_what_waits_for_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[]).await;
    let stranger = client.customer_with_card().await;
    let subscription = ("subscription", subscriber.subscription.as_str());
    let invoice = [("customer", stranger.as_str()), subscription];
    assert_eq!(client.post("/v1/invoices", &invoice).await.error(400)["param"], "subscription");
    let item = [("customer", stranger.as_str()), subscription, ("amount", "100"), ("currency", "usd")];
    assert_eq!(client.post("/v1/invoiceitems", &item).await.error(400)["param"], "subscription");

    let customer = ("customer", subscriber.customer.as_str());
    for (amount, more) in [("100", None), ("200", Some(subscription))] {
        let mut form = vec![customer, ("amount", amount), ("currency", "usd")];
        form.extend(more);
        client.post("/v1/invoiceitems", &form).await.ok();
    }
    assert_eq!(client.post("/v1/invoices", &[customer, subscription]).await.ok()["total"], 200);
}

#[tokio::test]
async fn a_detached_card_is_nobodys_default_and_is_not_charged() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.post("/v1/customers", &[("email", "ada@example.com")]).await.id();
    let card = client.post("/v1/payment_methods/pm_card_visa/attach", &[("customer", &customer)]).await.id();
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let subscription = client.subscribe(&customer, &price, &[("default_payment_method", &card)]).await;
    client.post(&format!("/v1/payment_methods/{card}/detach"), &[]).await.ok();
    let path = format!("/v1/subscriptions/{subscription}");
    assert_eq!(client.get(&path).await.ok()["default_payment_method"], Value::Null);
    client.advance_to(FEB_1 + HOUR).await;
    assert_eq!(client.charges(&customer).await.len(), 1, "only the first month");
    assert_eq!(client.get(&path).await.ok()["status"], "past_due");
}

#[tokio::test]
async fn nothing_of_a_deleted_customer_is_charged() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let draft = invoiced(&client, &customer, &[("auto_advance", "true")]).await;
    let open = invoiced(&client, &customer, &[]).await;
    client.on_invoice(&open, "finalize", &[("auto_advance", "true")]).await.ok();
    let intent = text(&client.intent_of(&open).await["id"]).to_owned();
    client.delete(&format!("/v1/customers/{customer}")).await.ok();
    client.get(&format!("/v1/invoices/{}", text(&draft["id"]))).await.error(404);
    client.on_invoice(&open, "pay", &[]).await.error(400);
    client.post(&format!("/v1/payment_intents/{intent}/confirm"), VISA).await.error(400);
    client.advance_by(40 * DAY).await;
    assert_eq!(client.charges(&customer).await, []);
}

#[tokio::test]
async fn an_invoice_that_was_paid_out_of_band_is_not_paid_again() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[WAITS]).await;
    let invoice = subscriber.last_invoice().await;
    client.on_invoice(&invoice, "pay", &[("paid_out_of_band", "true")]).await.ok();
    subscriber.stands("active").await;
    let intent = client.intent_of(&invoice).await;
    assert_eq!(intent["status"], "canceled");
    client.post(&format!("/v1/payment_intents/{}/confirm", text(&intent["id"])), VISA).await.error(400);
    let payments = client.get("/v1/invoice_payments").await.ok();
    assert_eq!(
        (&payments["data"][0]["status"], &payments["data"][0]["amount_paid"]),
        (&json!("canceled"), &Value::Null)
    );
}

#[tokio::test]
async fn an_uncollectible_invoice_can_still_be_paid_and_a_refusal_of_that_is_told() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (customer, invoice) = by_hand(&client, &[]).await;
    client.on_invoice(&invoice, "finalize", &[]).await.ok();
    client.on_invoice(&invoice, "mark_uncollectible", &[]).await.ok();
    let card =
        client.post(&format!("/v1/payment_methods/{FAILING}/attach"), &[("customer", &customer)]).await.id();
    client.on_invoice(&invoice, "pay", &[("payment_method", &card)]).await.error(402);
    let intent = client.intent_of(&invoice).await;
    client.post(&format!("/v1/payment_intents/{}/confirm", text(&intent["id"])), VISA).await.ok();
    let invoice = client.get(&format!("/v1/invoices/{}", text(&invoice["id"]))).await.ok();
    assert_eq!((&invoice["status"], &invoice["amount_paid"]), (&json!("paid"), &json!(1000)));
}

#[tokio::test]
async fn a_debit_under_way_is_stopped_when_its_invoice_is_voided() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = subscribed(&client, &[WAITS]).await;
    let invoice = subscriber.last_invoice().await;
    let intent = text(&client.intent_of(&invoice).await["id"]).to_owned();
    let method = debit(&client).await;
    let confirm = format!("/v1/payment_intents/{intent}/confirm");
    let confirmed = client.post(&confirm, &[("payment_method", &method)]).await.ok();
    assert_eq!(confirmed["status"], "processing");
    client.on_invoice(&invoice, "void", &[]).await.ok();
    client.advance_by(HOUR).await;
    assert_eq!(client.get(&format!("/v1/payment_intents/{intent}")).await.ok()["status"], "canceled");
    assert_eq!(client.charges(&subscriber.customer).await, []);
}

#[tokio::test]
async fn an_automatic_invoice_that_was_finalized_or_sent_by_hand_is_still_collected() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    for verb in ["finalize", "send"] {
        let customer = client.customer_with_card().await;
        let invoice = invoiced(&client, &customer, &[("auto_advance", "true")]).await;
        let open = client.on_invoice(&invoice, verb, &[]).await.ok();
        assert!(open["next_payment_attempt"].is_i64(), "{open}");
        client.advance_by(HOUR).await;
        assert_eq!(client.charges(&customer).await, [(1000, "succeeded".to_owned())], "{verb}");
    }
}

/// Behind with the renewal of 1 February.
async fn behind(client: &Client) -> Subscriber {
    let subscriber = subscribed(client, &[]).await;
    client.replace_card(&subscriber.customer, FAILING).await;
    client.advance_to(FEB_1 + HOUR).await;
    subscriber.stands("past_due").await;
    subscriber
}

#[tokio::test]
async fn payments_by_hand_move_no_retry_and_are_not_counted() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let subscriber = behind(&client).await;
    let before = subscriber.last_invoice().await;
    for _ in 0..5 {
        client.on_invoice(&before, "pay", &[]).await.error(402);
    }
    let after = subscriber.last_invoice().await;
    for field in ["attempt_count", "next_payment_attempt"] {
        assert_eq!(after[field], before[field]);
    }
    subscriber.stands("past_due").await;
    client.advance_to(before["next_payment_attempt"].as_i64().unwrap()).await;
    assert_eq!(subscriber.last_invoice().await["attempt_count"], 2);
}

#[tokio::test]
async fn voiding_or_forgiving_what_is_owed_ends_the_delay() {
    for verb in ["void", "mark_uncollectible"] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let subscriber = behind(&client).await;
        client.on_invoice(&subscriber.last_invoice().await, verb, &[]).await.ok();
        subscriber.stands("active").await;
    }
}

#[tokio::test]
async fn the_invoice_finalized_last_decides_whether_a_subscription_is_behind() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.control("settings", json!({ "retryDays": [3], "afterRetries": "past_due" })).await;
    let subscriber = behind(&client).await;
    client.advance_to(MAR_1 + 2 * HOUR).await;
    let invoices = subscriber.invoices().await;
    let card = client
        .post("/v1/payment_methods/pm_card_visa/attach", &[("customer", &subscriber.customer)])
        .await
        .id();
    client.on_invoice(&invoices[1], "pay", &[("payment_method", &card)]).await.ok();
    subscriber.stands("past_due").await;
    client.on_invoice(&invoices[2], "pay", &[("payment_method", &card)]).await.ok();
    subscriber.stands("active").await;
}

#[tokio::test]
async fn customer_is_delinquent_until_a_failed_renewal_is_paid_or_forgiven() {
    for (verb, form) in [("pay", VISA), ("mark_uncollectible", &[])] {
        let sandbox = sandbox().await;
        let client = Client::new(&sandbox);
        let subscriber = behind(&client).await;
        let path = format!("/v1/customers/{}", subscriber.customer);
        assert_eq!(client.get(&path).await.ok()["delinquent"], true);
        client.on_invoice(&subscriber.last_invoice().await, verb, form).await.ok();
        assert_eq!(client.get(&path).await.ok()["delinquent"], false, "{verb}");
    }
}

#[tokio::test]
async fn a_balance_pays_invoices_in_its_own_currency_alone() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (customer, _) = by_hand(&client, &[]).await;
    let balance = format!("/v1/customers/{customer}/balance_transactions");
    client.post(&balance, &[("amount", "-500"), ("currency", "usd")]).await.ok();
    let item = [("customer", customer.as_str()), ("amount", "1000"), ("currency", "jpy")];
    client.post("/v1/invoiceitems", &item).await.ok();
    let form = [("customer", customer.as_str()), ("currency", "jpy"), INCLUDED];
    let invoice = client.post("/v1/invoices", &form).await.ok();
    let open = client.on_invoice(&invoice, "finalize", &[]).await.ok();
    assert_eq!((&open["amount_due"], &open["starting_balance"]), (&json!(1000), &json!(0)));
    let path = format!("/v1/customers/{customer}?expand[]=invoice_credit_balance");
    let customer = client.get(&path).await.ok();
    assert_eq!(
        (&customer["balance"], &customer["invoice_credit_balance"]),
        (&json!(-500), &json!({ "usd": 500 }))
    );
}

#[tokio::test]
async fn what_is_used_for_later_payments_becomes_the_customers() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.post("/v1/customers", &[("email", "ada@example.com")]).await.id();
    client.subscribe(&customer, &price, &[WAITS]).await;
    let intents = client.get(&format!("/v1/payment_intents?customer={customer}")).await.ok();
    let path = format!("/v1/payment_intents/{}/confirm", text(&intents["data"][0]["id"]));
    let paid = client.post(&path, VISA).await.ok();
    let methods = client.get(&format!("/v1/payment_methods?customer={customer}")).await.ok();
    assert_eq!(methods["data"][0]["id"], paid["payment_method"]);
}

#[tokio::test]
async fn an_invoice_over_more_than_a_payment_may_be_is_not_charged() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let item = [("customer", customer.as_str()), ("amount", "99999999"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &item).await.ok();
    let invoice = invoiced(&client, &customer, &[]).await;
    let error = client.on_invoice(&invoice, "pay", &[]).await.error(402);
    assert_eq!(error["code"], "amount_too_large");
    assert!(client.charges(&customer).await.iter().all(|(_, status)| status == "failed"));
}
