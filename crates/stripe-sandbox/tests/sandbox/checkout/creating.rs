use serde_json::json;

use crate::{NEW_YEAR, client::Client, sandbox};

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_session_that_cannot_be_is_refused_by_name() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    let base = [
        ("mode", "subscription"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
    ];
    let soon = (NEW_YEAR + 60).to_string();
    let wrong: &[(&str, &str, &str)] = &[
        ("mode", "payment", "mode"),
        ("mode", "party", "mode"),
        ("mode", "setup", "line_items"),
        ("line_items[0][quantity]", "0", "line_items[0][quantity]"),
        ("line_items[0][price]", "price_none", "line_items[0][price]"),
        ("success_url", "javascript:alert(1)", "success_url"),
        ("cancel_url", "shop", "cancel_url"),
        ("customer_email", "ada", "customer_email"),
        ("customer", "cus_none", "customer"),
        ("currency", "eur", "currency"),
        ("locale", "klingon", "locale"),
        ("ui_mode", "embedded_page", "ui_mode"),
        ("payment_method_types[0]", "cash", "payment_method_types[0]"),
        ("customer_creation", "always", "customer_creation"),
        ("customer_update[name]", "auto", "customer_update"),
        ("payment_intent_data[description]", "x", "payment_intent_data"),
        ("subscription_data[trial_period_days]", "0", "subscription_data[trial_period_days]"),
        ("subscription_data[trial_period_days]", "731", "subscription_data[trial_period_days]"),
        ("subscription_data[trial_end]", &soon, "subscription_data[trial_end]"),
        ("subscription_data[colour]", "red", "subscription_data[colour]"),
        ("discounts[0][coupon]", "none", "discounts[0][coupon]"),
        ("expires_at", &soon, "expires_at"),
        ("colour", "red", "colour"),
        // What the page does not do would be accepted without effect.
        ("locale", "tr", "locale"),
        ("adaptive_pricing[enabled]", "true", "adaptive_pricing[enabled]"),
        ("automatic_tax[enabled]", "true", "automatic_tax[enabled]"),
        ("billing_address_collection", "required", "billing_address_collection"),
        ("consent_collection[terms_of_service]", "required", "consent_collection"),
        ("custom_text[submit][message]", "Thank you.", "custom_text"),
        ("origin_context", "mobile_app", "origin_context"),
        ("submit_type", "donate", "submit_type"),
        (
            "payment_method_options[card][request_three_d_secure]",
            "any",
            "payment_method_options[card][request_three_d_secure]",
        ),
        ("phone_number_collection[enabled]", "true", "phone_number_collection[enabled]"),
        ("saved_payment_method_options[payment_method_save]", "enabled", "saved_payment_method_options"),
        ("tax_id_collection[enabled]", "true", "tax_id_collection[enabled]"),
        (
            "line_items[0][adjustable_quantity][enabled]",
            "true",
            "line_items[0][adjustable_quantity][enabled]",
        ),
    ];
    for (name, value, param) in wrong {
        let mut form = base.to_vec();
        form.retain(|(known, _)| known != name);
        form.push((name, value));
        let error = client.checkout(&form).await.error(400);
        assert_eq!(error["param"], *param, "{name}={value}: {error}");
    }
    assert!(client.all("/v1/checkout/sessions").await.is_empty());
}

#[tokio::test]
async fn a_session_lives_from_half_an_hour_to_a_day() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let price = client.monthly_price("Pro", "usd", 2000).await;
    let until = |seconds: i64| {
        let (client, price, at) = (client.clone(), price.clone(), (NEW_YEAR + seconds).to_string());
        async move {
            let form = [
                ("mode", "subscription"),
                ("line_items[0][price]", price.as_str()),
                ("line_items[0][quantity]", "1"),
                ("expires_at", at.as_str()),
            ];
            client.checkout(&form).await
        }
    };
    let short = until(1800).await.id();
    let long = until(DAY).await.id();
    for seconds in [1799, DAY + 1] {
        assert_eq!(until(seconds).await.error(400)["param"], "expires_at");
    }
    client.advance_by(1799).await;
    assert_eq!(client.session(&short).await["status"], "open");
    client.advance_by(1).await;
    assert_eq!(client.session(&short).await["status"], "expired");
    assert_eq!(client.session(&long).await["status"], "open");
    client.pay(&short, "tok_visa").await.error(400);
    let expired = client.events().await.pop().unwrap();
    assert_eq!(
        (&expired["type"], &expired["created"]),
        (&json!("checkout.session.expired"), &json!(NEW_YEAR + 1800))
    );
}

#[tokio::test]
async fn a_session_lives_by_the_clock_of_its_customer() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let now = (NEW_YEAR + 100 * DAY).to_string();
    let clock = client.post("/v1/test_helpers/test_clocks", &[("frozen_time", &now)]).await.id();
    let customer = client.post("/v1/customers", &[("test_clock", &clock)]).await.id();
    let session = client.checkout_of(&[("customer", &customer)]).await;
    assert_eq!(client.session(&session).await["created"], NEW_YEAR + 100 * DAY);
    client.advance_by(2 * DAY).await;
    assert_eq!(client.session(&session).await["status"], "open");
    let to = (NEW_YEAR + 102 * DAY).to_string();
    client.post(&format!("/v1/test_helpers/test_clocks/{clock}/advance"), &[("frozen_time", &to)]).await.ok();
    client.advance_by(1).await;
    assert_eq!(client.session(&session).await["status"], "expired");
}

#[tokio::test]
async fn an_expired_setup_can_never_keep_a_card() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let session = client.checkout(&[("mode", "setup"), ("currency", "usd")]).await.ok();
    let (id, intent) = (session["id"].as_str().unwrap(), session["setup_intent"].as_str().unwrap());
    client.post(&format!("/v1/checkout/sessions/{id}/expire"), &[]).await.ok();
    client.post(&format!("/v1/checkout/sessions/{id}/expire"), &[]).await.error(400);
    assert_eq!(client.get(&format!("/v1/setup_intents/{intent}")).await.ok()["status"], "canceled");
}
