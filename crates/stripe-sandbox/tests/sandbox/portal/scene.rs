//! A customer with a subscription, and a link into the portal.

use serde_json::Value;
use stripe_sandbox::Sandbox;

use crate::client::{Answer, Client};

pub const EVERYTHING: &[(&str, &str)] = &[
    ("features[invoice_history][enabled]", "true"),
    ("features[payment_method_update][enabled]", "true"),
    ("features[subscription_cancel][enabled]", "true"),
];

pub const NOTHING: &[(&str, &str)] = &[("features[invoice_history][enabled]", "false")];

pub struct Scene {
    pub client: Client,
    pub customer: String,
    pub subscription: String,
    pub basic: String,
    pub pro: String,
    url: String,
}

impl Scene {
    /// In a month of Basic for $20.00, with Pro for $50.00 beside it.
    pub async fn new(sandbox: &Sandbox) -> Self {
        let client = Client::new(sandbox);
        let basic = client.monthly_price("Basic", "usd", 2000).await;
        let pro = client.monthly_price("Pro", "usd", 5000).await;
        let customer = client.customer_with_card().await;
        let subscription = client.subscribe(&customer, &basic, &[]).await;
        Self { client, customer, subscription, basic, pro, url: sandbox.url().to_owned() }
    }

    pub async fn configuration(&self, features: &[(&str, &str)]) -> String {
        self.client.post("/v1/billing_portal/configurations", features).await.id()
    }

    /// A configuration in which Basic and Pro can be changed to.
    pub async fn of_plans(&self, proration: &str) -> String {
        let mut form = EVERYTHING.to_vec();
        let products = "features[subscription_update][products]";
        let mut names = Vec::new();
        for (index, price) in [&self.basic, &self.pro].into_iter().enumerate() {
            let price = self.client.get(&format!("/v1/prices/{price}")).await.ok();
            names.push((format!("{products}[{index}][product]"), text(&price["product"])));
            names.push((format!("{products}[{index}][prices][]"), text(&price["id"])));
        }
        form.extend(names.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        form.push(("features[subscription_update][enabled]", "true"));
        form.push(("features[subscription_update][default_allowed_updates][]", "price"));
        form.push(("features[subscription_update][proration_behavior]", proration));
        self.configuration(&form).await
    }

    /// The path of a new session's first page.
    pub async fn session(&self, configuration: &str, more: &[(&str, &str)]) -> String {
        let mut form = vec![("customer", self.customer.as_str()), ("configuration", configuration)];
        form.extend_from_slice(more);
        let session = self.client.post("/v1/billing_portal/sessions", &form).await.ok();
        self.path(session["url"].as_str().unwrap())
    }

    /// An address of the sandbox without what comes before its path.
    pub fn path(&self, url: &str) -> String {
        url.strip_prefix(&self.url).unwrap_or(url).to_owned()
    }

    pub fn step(&self, session: &str, step: &str) -> String {
        format!("{session}/subscriptions/{}/{step}", self.subscription)
    }

    pub async fn read(&self) -> Value {
        self.client.get(&format!("/v1/subscriptions/{}", self.subscription)).await.ok()
    }

    /// When it is to end, if it is. In flexible billing the portal sets `cancel_at`, and `cancel_at_period_end` stays
    /// false: <https://docs.stripe.com/billing/subscriptions/billing-mode/compare>, "Cancellations in the Customer Portal".
    pub async fn ends(&self) -> Option<i64> {
        let subscription = self.read().await;
        assert_eq!(subscription["cancel_at_period_end"], false);
        subscription["cancel_at"].as_i64()
    }

    pub async fn price(&self) -> String {
        text(&self.read().await["items"]["data"][0]["price"]["id"])
    }

    pub async fn invoices(&self) -> Vec<Value> {
        let path = format!("/v1/invoices?customer={}", self.customer);
        self.client.get(&path).await.ok()["data"].as_array().unwrap().clone()
    }

    pub async fn open(&self, path: &str) -> Answer {
        self.client.get(path).await
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
