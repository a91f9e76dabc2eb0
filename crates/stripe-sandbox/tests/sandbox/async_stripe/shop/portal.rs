//! The portal: what it may do, and the links into it.

use serde_json::Value;

use crate::{client::Client, shop::text};

type Flow = Vec<(&'static str, String)>;

/// A session by the usual configuration, and another configuration that is made and changed.
pub async fn opened(client: &Client, customer: &str, subscription: &str) {
    client.post("/v1/billing_portal/sessions", &[("customer", customer)]).await.ok();
    let path = format!("/v1/billing_portal/configurations/{}", configuration(client, subscription).await);
    client.post(&path, &[("active", "false")]).await.ok();
}

/// One with everything on, which offers the product of the subscription.
pub async fn configuration(client: &Client, subscription: &str) -> String {
    let price = item(client, subscription).await["price"].clone();
    let form = [
        ("business_profile[headline]", "Billing"),
        ("business_profile[privacy_policy_url]", "https://example.com/privacy"),
        ("business_profile[terms_of_service_url]", "https://example.com/terms"),
        ("default_return_url", "https://example.com/back"),
        ("features[customer_update][allowed_updates][]", "phone"),
        ("features[customer_update][enabled]", "true"),
        ("features[invoice_history][enabled]", "true"),
        ("features[payment_method_update][enabled]", "true"),
        ("features[subscription_cancel][cancellation_reason][enabled]", "true"),
        ("features[subscription_cancel][cancellation_reason][options][]", "too_complex"),
        ("features[subscription_cancel][enabled]", "true"),
        ("features[subscription_cancel][mode]", "immediately"),
        ("features[subscription_cancel][proration_behavior]", "always_invoice"),
        ("features[subscription_update][billing_cycle_anchor]", "now"),
        ("features[subscription_update][default_allowed_updates][]", "price"),
        ("features[subscription_update][enabled]", "true"),
        ("features[subscription_update][products][0][adjustable_quantity][enabled]", "false"),
        ("features[subscription_update][products][0][adjustable_quantity][maximum]", "9"),
        ("features[subscription_update][products][0][prices][]", text(&price["id"])),
        ("features[subscription_update][products][0][product]", text(&price["product"])),
        ("features[subscription_update][proration_behavior]", "create_prorations"),
        ("features[subscription_update][schedule_at_period_end][conditions][0][type]", "shortening_interval"),
        ("features[subscription_update][trial_update_behavior]", "continue_trial"),
        ("metadata[a]", "b"),
        ("name", "All of it"),
    ];
    client.post("/v1/billing_portal/configurations", &form).await.id()
}

async fn item(client: &Client, subscription: &str) -> Value {
    client.get(&format!("/v1/subscriptions/{subscription}")).await.ok()["items"]["data"][0].clone()
}

/// What makes a session lead to each step, its type first.
pub async fn flows(client: &Client, subscription: &str) -> [Flow; 4] {
    let item = item(client, subscription).await;
    let (id, price) = (text(&item["id"]).to_owned(), text(&item["price"]["id"]).to_owned());
    let subscription = || subscription.to_owned();
    [
        vec![("flow_data[type]", "payment_method_update".to_owned()), ("locale", "en".to_owned())],
        vec![
            ("flow_data[type]", "subscription_cancel".to_owned()),
            ("flow_data[subscription_cancel][subscription]", subscription()),
            ("flow_data[after_completion][type]", "redirect".to_owned()),
            ("flow_data[after_completion][redirect][return_url]", "https://example.com/gone".to_owned()),
        ],
        vec![
            ("flow_data[type]", "subscription_update".to_owned()),
            ("flow_data[subscription_update][subscription]", subscription()),
            ("return_url", "https://example.com/back".to_owned()),
        ],
        vec![
            ("flow_data[type]", "subscription_update_confirm".to_owned()),
            ("flow_data[subscription_update_confirm][subscription]", subscription()),
            ("flow_data[subscription_update_confirm][items][0][id]", id),
            ("flow_data[subscription_update_confirm][items][0][price]", price),
            ("flow_data[after_completion][type]", "hosted_confirmation".to_owned()),
            ("flow_data[after_completion][hosted_confirmation][custom_message]", "Done".to_owned()),
        ],
    ]
}
