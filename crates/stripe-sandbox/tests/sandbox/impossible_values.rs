//! What cannot be is refused by the name of its parameter, and never cut to what can.

use serde_json::Value;

use crate::{NEW_YEAR, client::Client, sandbox};

/// The error about `param` that a change to a good request leads to.
async fn refused(
    client: &Client,
    path: &str,
    good: &[(&str, &str)],
    change: &[(&str, &str)],
    param: &str,
) -> Value {
    let mut form: Vec<_> =
        good.iter().filter(|(name, _)| change.iter().all(|(changed, _)| changed != name)).copied().collect();
    form.extend(change);
    let error = client.post(path, &form).await.error(400);
    assert_eq!(error["param"], param, "{path} {change:?}: {error}");
    error
}

#[tokio::test]
async fn an_invoice_item_takes_active_one_time_prices_only() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let monthly = client.monthly_price("Pro", "usd", 2000).await;
    let once = [("currency", "usd"), ("unit_amount", "500"), ("product_data[name]", "Setup")];
    let once = client.post("/v1/prices", &once).await.id();
    let good = [("customer", customer.as_str()), ("pricing[price]", &once)];
    client.post("/v1/invoiceitems", &good).await.ok();
    let error =
        refused(&client, "/v1/invoiceitems", &good, &[("pricing[price]", &monthly)], "pricing[price]").await;
    assert!(error["message"].as_str().unwrap().contains("type=one_time"), "{error}");
    client.post(&format!("/v1/prices/{once}"), &[("active", "false")]).await.ok();
    let error = refused(&client, "/v1/invoiceitems", &good, &[], "pricing[price]").await;
    assert!(error["message"].as_str().unwrap().contains("inactive"), "{error}");
}

#[tokio::test]
async fn an_invoice_item_is_not_made_smaller_than_asked() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let good = [("customer", customer.as_str()), ("amount", "100"), ("currency", "usd")];
    refused(&client, "/v1/invoiceitems", &good, &[("quantity", "1000001")], "quantity").await;
    let backwards = [("period[start]", "1767225600"), ("period[end]", "1767225599")];
    refused(&client, "/v1/invoiceitems", &good, &backwards, "period[end]").await;
}

#[tokio::test]
async fn a_plan_is_bound_by_what_bounds_a_price() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let good = [("currency", "usd"), ("amount", "100"), ("interval", "year"), ("product[name]", "Pro")];
    refused(&client, "/v1/plans", &good, &[("interval_count", "4")], "interval_count").await;
    refused(&client, "/v1/plans", &good, &[("trial_period_days", "731")], "trial_period_days").await;
    assert_eq!(client.post("/v1/plans", &good).await.ok()["interval_count"], 1);
}

#[tokio::test]
async fn what_is_sent_is_due_within_two_years_wherever_that_is_said() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let price = client.monthly_price("Pro", "usd", 2000).await;
    let sent =
        [("customer", customer.as_str()), ("collection_method", "send_invoice"), ("days_until_due", "730")];
    let too_long = [("days_until_due", "731")];
    let subscribed = [sent[0], sent[1], sent[2], ("items[0][price]", price.as_str())];
    let invoice = format!("/v1/invoices/{}", client.post("/v1/invoices", &sent).await.id());
    let subscription = client.post("/v1/subscriptions", &subscribed).await.id();
    let subscription = format!("/v1/subscriptions/{subscription}");
    refused(&client, "/v1/invoices", &sent, &too_long, "days_until_due").await;
    refused(&client, &invoice, &[], &too_long, "days_until_due").await;
    refused(&client, "/v1/subscriptions", &subscribed, &too_long, "days_until_due").await;
    refused(&client, &subscription, &[], &too_long, "days_until_due").await;
    let phase = "default_settings[invoice_settings][days_until_due]";
    let schedule = [
        ("customer", customer.as_str()),
        ("start_date", "now"),
        ("phases[0][items][0][price]", &price),
        ("default_settings[collection_method]", "send_invoice"),
    ];
    refused(&client, "/v1/subscription_schedules", &schedule, &[(phase, "731")], phase).await;
}

#[tokio::test]
async fn what_is_charged_by_itself_is_never_due() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let price = client.monthly_price("Pro", "usd", 2000).await;
    let invoice =
        format!("/v1/invoices/{}", client.post("/v1/invoices", &[("customer", &customer)]).await.id());
    let subscription = format!("/v1/subscriptions/{}", client.subscribe(&customer, &price, &[]).await);
    for path in [&invoice, &subscription] {
        refused(&client, path, &[], &[("days_until_due", "30")], "days_until_due").await;
    }
}

#[tokio::test]
async fn a_due_date_is_ahead_and_is_said_once() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let sent = [("customer", customer.as_str()), ("collection_method", "send_invoice")];
    let (now, ahead) = (NEW_YEAR.to_string(), (NEW_YEAR + 1).to_string());
    refused(&client, "/v1/invoices", &sent, &[("due_date", &now)], "due_date").await;
    let both = [("due_date", ahead.as_str()), ("days_until_due", "1")];
    refused(&client, "/v1/invoices", &sent, &both, "due_date").await;
    let invoice = client.post("/v1/invoices", &[sent[0], sent[1], ("due_date", &ahead)]).await.ok();
    assert_eq!(invoice["due_date"], NEW_YEAR + 1);
}

#[tokio::test]
async fn a_void_invoice_is_not_sent() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let item = [("customer", customer.as_str()), ("amount", "500"), ("currency", "usd")];
    client.post("/v1/invoiceitems", &item).await.ok();
    let form = [
        ("customer", customer.as_str()),
        ("collection_method", "send_invoice"),
        ("days_until_due", "30"),
        ("pending_invoice_items_behavior", "include"),
    ];
    let invoice = client.post("/v1/invoices", &form).await.ok();
    client.on_invoice(&invoice, "send", &[]).await.ok();
    client.on_invoice(&invoice, "void", &[]).await.ok();
    let refused = client.on_invoice(&invoice, "send", &[]).await;
    assert_eq!(refused.error(400)["code"], "invoice_not_editable");
    let sent = client.events().await.iter().filter(|event| event["type"] == "invoice.sent").count();
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn nothing_is_offered_that_nobody_could_redeem() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let (now, ahead) = (NEW_YEAR.to_string(), (NEW_YEAR + 100).to_string());
    let good = [("percent_off", "10"), ("redeem_by", ahead.as_str()), ("max_redemptions", "5")];
    let coupon = client.post("/v1/coupons", &good).await.id();
    refused(&client, "/v1/coupons", &good, &[("redeem_by", &now)], "redeem_by").await;
    refused(&client, "/v1/coupons", &good, &[("max_redemptions", "0")], "max_redemptions").await;
    let code = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str())];
    refused(&client, "/v1/promotion_codes", &code, &[("expires_at", &now)], "expires_at").await;
    refused(&client, "/v1/promotion_codes", &code, &[("max_redemptions", "0")], "max_redemptions").await;
    let later = (NEW_YEAR + 101).to_string();
    refused(&client, "/v1/promotion_codes", &code, &[("expires_at", &later)], "expires_at").await;
    refused(&client, "/v1/promotion_codes", &code, &[("max_redemptions", "6")], "max_redemptions").await;
    let within = [code[0], code[1], ("expires_at", &ahead), ("max_redemptions", "5")];
    client.post("/v1/promotion_codes", &within).await.ok();
}

#[tokio::test]
async fn a_trial_has_one_end() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let price = client.monthly_price("Pro", "usd", 2000).await;
    let good = [("customer", customer.as_str()), ("items[0][price]", &price)];
    let end = (NEW_YEAR + 86_400).to_string();
    let both = [("trial_end", end.as_str()), ("trial_period_days", "7")];
    refused(&client, "/v1/subscriptions", &good, &both, "trial_period_days").await;
    let of_plan = [("trial_end", end.as_str()), ("trial_from_plan", "true")];
    refused(&client, "/v1/subscriptions", &good, &of_plan, "trial_from_plan").await;
    refused(&client, "/v1/subscriptions", &good, &[("trial_period_days", "731")], "trial_period_days").await;
    let subscription = format!("/v1/subscriptions/{}", client.subscribe(&customer, &price, &[]).await);
    refused(&client, &subscription, &[], &[("trial_from_plan", "true")], "trial_from_plan").await;
    client.post(&subscription, &[("trial_from_plan", "false")]).await.ok();
}

#[tokio::test]
async fn a_list_of_a_customer_who_never_was_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let gone = client.customer_with_card().await;
    client.delete(&format!("/v1/customers/{gone}")).await.ok();
    let lists = [
        "charges",
        "checkout/sessions",
        "credit_notes",
        "invoiceitems",
        "invoices",
        "payment_intents",
        "payment_methods",
        "promotion_codes",
        "setup_intents",
        "subscription_schedules",
        "subscriptions",
    ];
    for list in lists {
        let error = client.get(&format!("/v1/{list}?customer=cus_no")).await.error(400);
        assert_eq!(
            (&error["param"], &error["code"]),
            (&"customer".into(), &"resource_missing".into()),
            "{list}"
        );
        assert_eq!(error["message"], "No such customer: 'cus_no'");
        client.get(&format!("/v1/{list}?customer={gone}")).await.ok();
    }
}

#[tokio::test]
async fn a_draft_that_is_sent_is_due_some_day_and_one_that_is_charged_is_not() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let path = format!("/v1/invoices/{}", client.post("/v1/invoices", &[("customer", &customer)]).await.id());
    let sent = ("collection_method", "send_invoice");
    assert_eq!(client.post(&path, &[sent]).await.error(400)["param"], "days_until_due");
    let due = client.post(&path, &[sent, ("days_until_due", "30")]).await.ok();
    assert_eq!(due["due_date"], NEW_YEAR + 30 * 86_400);
    assert_eq!(client.post(&path, &[("footer", "Thanks")]).await.ok()["due_date"], due["due_date"]);
    let charged = client.post(&path, &[("collection_method", "charge_automatically")]).await.ok();
    assert_eq!(charged["due_date"], Value::Null);
}
