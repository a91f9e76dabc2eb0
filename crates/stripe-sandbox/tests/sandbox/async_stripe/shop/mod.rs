//! A shop in which every object is there, in several of its states.

mod checkouts;
mod credits;
pub mod portal;

use crate::client::Client;

const CHEAP: &[(&str, &str)] = &[("amount", "2000"), ("currency", "usd")];

/// Ids that the objects of a list do not tell.
pub struct Shop {
    pub customer: String,
    pub subscription: String,
    pub open_invoice: String,
}

impl Shop {
    pub async fn filled(client: &Client) -> Self {
        let price = client.monthly_price("Basic", "usd", 2000).await;
        let pro = client.monthly_price("Pro", "usd", 5000).await;
        let code = promotion(client).await;
        let customer = client.customer_with_card().await;
        let discount = [("discounts[0][promotion_code]", code.as_str()), ("items[0][quantity]", "2")];
        let subscription = client.subscribe(&customer, &price, &discount).await;
        client.subscribe(&customer, &price, &[("trial_period_days", "14")]).await;
        client.subscribe(&customer, &pro, &[("cancel_at_period_end", "true")]).await;
        let gone = client.subscribe(&customer, &pro, &[]).await;
        client.delete(&format!("/v1/subscriptions/{gone}")).await.ok();
        refused_card(client, &price).await;
        schedules(client, &customer, &price, &pro).await;
        catalog(client).await;
        payments(client, &customer).await;
        let open_invoice = invoices(client, &customer, &subscription).await;
        credits::issued(client, &customer).await;
        checkouts::closed(client, &customer, &price, &code).await;
        portal::opened(client, &customer, &subscription).await;
        client.post("/v1/accounts", &[("type", "standard"), ("email", "a@b.c")]).await.ok();
        upgraded(client, &subscription, &pro).await;
        client.advance_by(40 * 24 * 3600).await;
        client.post("/v1/test_helpers/test_clocks", &[("frozen_time", "1767225600")]).await.ok();
        checkouts::open(client, &customer, &price).await;
        Self { customer, subscription, open_invoice }
    }
}

async fn promotion(client: &Client) -> String {
    let coupon = [("percent_off", "20"), ("duration", "repeating"), ("duration_in_months", "3")];
    let coupon = client.post("/v1/coupons", &coupon).await.id();
    let code = [("promotion[type]", "coupon"), ("promotion[coupon]", coupon.as_str()), ("code", "SPRING")];
    let amount = [("amount_off", "300"), ("currency", "usd"), ("duration", "once"), ("name", "Three off")];
    client.post("/v1/coupons", &amount).await.ok();
    client.post("/v1/promotion_codes", &code).await.id()
}

/// A customer whose card is refused when it is charged: the first payment of the subscription fails.
async fn refused_card(client: &Client, price: &str) {
    let customer = client.post("/v1/customers", &[("name", "Bob"), ("balance", "-500")]).await.id();
    client.replace_card(&customer, "pm_card_chargeCustomerFail").await;
    client.subscribe(&customer, price, &[]).await;
}

/// One of a subscription that runs, and one that begins later.
async fn schedules(client: &Client, customer: &str, price: &str, later: &str) {
    let running = client.subscribe(customer, price, &[]).await;
    let form = [("from_subscription", running.as_str())];
    client.post("/v1/subscription_schedules", &form).await.ok();
    let form = [
        ("customer", customer),
        ("start_date", "1768089600"),
        ("end_behavior", "cancel"),
        ("phases[0][items][0][price]", price),
        ("phases[0][duration][interval]", "month"),
        ("phases[1][items][0][price]", later),
        ("phases[1][duration][interval]", "month"),
    ];
    client.post("/v1/subscription_schedules", &form).await.ok();
}

async fn catalog(client: &Client) {
    let full =
        [("name", "Full"), ("description", "All"), ("metadata[a]", "b"), ("url", "https://example.com")];
    client.post("/v1/products", &full).await.ok();
    let plan = [("amount", "900"), ("currency", "usd"), ("interval", "year"), ("product[name]", "Yearly")];
    client.post("/v1/plans", &plan).await.ok();
    let once =
        [("currency", "jpy"), ("unit_amount", "500"), ("product_data[name]", "Once"), ("lookup_key", "once")];
    client.post("/v1/prices", &once).await.ok();
    let daily = [
        ("currency", "kwd"),
        ("unit_amount_decimal", "50"),
        ("recurring[interval]", "day"),
        ("product_data[name]", "Daily"),
    ];
    client.post("/v1/prices", &daily).await.ok();
}

/// Intents in each status, a charge that failed, one that was refunded and one that is disputed.
async fn payments(client: &Client, customer: &str) {
    client.post("/v1/payment_intents", CHEAP).await.ok();
    for card in ["pm_card_visa", "pm_card_createDispute", "pm_card_authenticationRequired", "pm_card_us"] {
        let more = [("payment_method", card), ("confirm", "true"), ("payment_method_types[]", "card")];
        client.post("/v1/payment_intents", &[CHEAP, &more].concat()).await.ok();
    }
    let declined = [("payment_method", "pm_card_chargeDeclined"), ("confirm", "true")];
    client.post("/v1/payment_intents", &[CHEAP, &declined].concat()).await.error(402);
    let held = [("payment_method", "pm_card_mastercard"), ("confirm", "true"), ("capture_method", "manual")];
    let held = client.post("/v1/payment_intents", &[CHEAP, &held].concat()).await.id();
    client.post(&format!("/v1/payment_intents/{held}/cancel"), &[]).await.ok();
    let paid = [("payment_method", "pm_card_visa"), ("confirm", "true")];
    let paid = client.post("/v1/payment_intents", &[CHEAP, &paid].concat()).await.id();
    client.post("/v1/refunds", &[("payment_intent", paid.as_str()), ("amount", "500")]).await.ok();
    client.post("/v1/setup_intents", &[]).await.ok();
    for card in ["pm_card_visa", "pm_card_authenticationRequired"] {
        let setup = [("customer", customer), ("payment_method", card), ("confirm", "true")];
        client.post("/v1/setup_intents", &setup).await.ok();
    }
}

/// A draft, an open one, one that is void and one that is given up. Returns the open one.
async fn invoices(client: &Client, customer: &str, subscription: &str) -> String {
    let mut open = String::new();
    for step in ["", "finalize", "void", "mark_uncollectible"] {
        let item = [("customer", customer), ("amount", "700"), ("currency", "usd"), ("description", "Help")];
        client.post("/v1/invoiceitems", &item).await.ok();
        let form = [
            ("customer", customer),
            ("collection_method", "send_invoice"),
            ("days_until_due", "10"),
            ("pending_invoice_items_behavior", "include"),
        ];
        let invoice = client.post("/v1/invoices", &form).await.id();
        if !step.is_empty() {
            client.post(&format!("/v1/invoices/{invoice}/finalize"), &[]).await.ok();
        }
        if step == "finalize" {
            open = invoice;
        } else if !step.is_empty() {
            client.post(&format!("/v1/invoices/{invoice}/{step}"), &[]).await.ok();
        }
    }
    let of_subscription =
        [("customer", customer), ("amount", "-100"), ("currency", "usd"), ("subscription", subscription)];
    client.post("/v1/invoiceitems", &of_subscription).await.ok();
    open
}

/// With prorations, which stay pending items until the next renewal.
async fn upgraded(client: &Client, subscription: &str, price: &str) {
    let path = format!("/v1/subscriptions/{subscription}");
    let item = client.get(&path).await.ok()["items"]["data"][0]["id"].clone();
    let form = [("items[0][id]", item.as_str().unwrap()), ("items[0][price]", price)];
    client.advance_by(24 * 3600).await;
    client.post(&path, &form).await.ok();
}
