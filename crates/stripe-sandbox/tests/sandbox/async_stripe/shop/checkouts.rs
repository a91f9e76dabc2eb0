//! Checkouts of each mode: paid, paid later, refused, left alone and still open.

use crate::client::Client;

const HAT: &[(&str, &str)] = &[
    ("mode", "payment"),
    ("line_items[0][price_data][currency]", "eur"),
    ("line_items[0][price_data][unit_amount]", "1500"),
    ("line_items[0][price_data][product_data][name]", "Hat"),
    ("line_items[0][quantity]", "2"),
];

const SETTINGS: &[(&str, &str)] = &[
    ("adaptive_pricing[enabled]", "false"),
    ("automatic_tax[enabled]", "false"),
    ("billing_address_collection", "auto"),
    ("client_reference_id", "workspace-1"),
    ("customer_update[name]", "auto"),
    ("locale", "en-GB"),
    ("metadata[a]", "b"),
    ("origin_context", "web"),
    ("payment_method_options[card][request_three_d_secure]", "automatic"),
    ("phone_number_collection[enabled]", "false"),
    ("submit_type", "subscribe"),
    ("tax_id_collection[enabled]", "false"),
];

fn subscribing(price: &str) -> [(&str, &str); 3] {
    [("mode", "subscription"), ("line_items[0][price]", price), ("line_items[0][quantity]", "1")]
}

/// What has an end: with a coupon, with a code, with a trial, a hat, a card that is kept, a debit that settles later
/// and one that does not, and one that nobody came back to.
pub async fn closed(client: &Client, customer: &str, price: &str, code: &str) {
    let coupon = client.post("/v1/coupons", &[("percent_off", "10"), ("duration", "forever")]).await.id();
    let ways: [&[(&str, &str)]; 3] = [
        &[("discounts[0][coupon]", &coupon)],
        &[("discounts[0][promotion_code]", code)],
        &[("subscription_data[trial_period_days]", "14"), ("customer_email", "bob@example.com")],
    ];
    for way in ways {
        paid(client, &[&subscribing(price), way].concat()).await;
    }
    paid(client, HAT).await;
    paid(client, &[("mode", "setup"), ("currency", "usd"), ("customer", customer)]).await;
    for iban in ["AT611904300234573201", "IT60X0542811101000000123456"] {
        debited(client, iban).await;
    }
    client.checkout(&subscribing(price)).await.ok();
}

async fn paid(client: &Client, form: &[(&str, &str)]) {
    let session = client.checkout(form).await.id();
    client.pay(&session, "tok_visa").await.ok();
}

async fn debited(client: &Client, iban: &str) {
    let form = [HAT, &[("payment_method_types[]", "sepa_debit")]].concat();
    let session = client.checkout(&form).await.id();
    let debit =
        [("type", "sepa_debit"), ("sepa_debit[iban]", iban), ("billing_details[email]", "ada@example.com")];
    let debit = client.post("/v1/payment_methods", &debit).await.id();
    client.confirm(&session, &[("payment_method", &debit)]).await.ok();
}

/// One as it is made, one with all that can be set, and one whose card must be authenticated.
pub async fn open(client: &Client, customer: &str, price: &str) {
    client.checkout(&[HAT, &[("allow_promotion_codes", "true")]].concat()).await.ok();
    client.checkout(&[&subscribing(price), SETTINGS, &[("customer", customer)]].concat()).await.ok();
    let session = client.checkout(&subscribing(price)).await.id();
    client.pay(&session, "tok_threeDSecure2Required").await.ok();
}
