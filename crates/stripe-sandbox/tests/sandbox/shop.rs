//! What most tests need first: a price, and a customer with a card.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{Answer, Client};

/// A text in an answer.
#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

impl Client {
    pub async fn monthly_price(&self, name: &str, currency: &str, amount: i64) -> String {
        let amount = amount.to_string();
        let form = [
            ("currency", currency),
            ("unit_amount", &amount),
            ("recurring[interval]", "month"),
            ("product_data[name]", name),
        ];
        self.post("/v1/prices", &form).await.id()
    }

    pub async fn customer_with_card(&self) -> String {
        let form = [
            ("email", "ada@example.com"),
            ("payment_method", "pm_card_visa"),
            ("invoice_settings[default_payment_method]", "pm_card_visa"),
        ];
        self.post("/v1/customers", &form).await.id()
    }

    /// Attaches the card and makes it the one that invoices are paid with.
    pub async fn replace_card(&self, customer: &str, card: &str) {
        let attached =
            self.post(&format!("/v1/payment_methods/{card}/attach"), &[("customer", customer)]).await.id();
        let form = [("invoice_settings[default_payment_method]", attached.as_str())];
        self.post(&format!("/v1/customers/{customer}"), &form).await.ok();
    }

    pub async fn subscribe(&self, customer: &str, price: &str, more: &[(&str, &str)]) -> String {
        let mut form = vec![("customer", customer), ("items[0][price]", price)];
        form.extend_from_slice(more);
        self.post("/v1/subscriptions", &form).await.id()
    }

    /// The answer of a call on an invoice, such as `pay`.
    pub async fn on_invoice(&self, invoice: &Value, verb: &str, form: &[(&str, &str)]) -> Answer {
        self.post(&format!("/v1/invoices/{}/{verb}", text(&invoice["id"])), form).await
    }

    /// What was charged to a customer, the last charge first: amounts and outcomes.
    pub async fn charges(&self, customer: &str) -> Vec<(i64, String)> {
        let list = self.get(&format!("/v1/charges?limit=100&customer={customer}")).await.ok();
        let charge = |it: &Value| (it["amount"].as_i64().unwrap(), text(&it["status"]).to_owned());
        list["data"].as_array().unwrap().iter().map(charge).collect()
    }

    /// The payment intent of an invoice.
    pub async fn intent_of(&self, invoice: &Value) -> Value {
        let path =
            format!("/v1/invoices/{}?expand[]=payments.data.payment.payment_intent", text(&invoice["id"]));
        self.get(&path).await.ok()["payments"]["data"][0]["payment"]["payment_intent"].clone()
    }

    /// All events of the account, the oldest first.
    pub async fn events(&self) -> Vec<Value> {
        let mut events = Vec::new();
        let mut page = "/v1/events?limit=100".to_owned();
        loop {
            let list = self.get(&page).await.ok();
            let data = list["data"].as_array().unwrap();
            events.extend_from_slice(data);
            if list["has_more"] == false {
                events.reverse();
                return events;
            }
            let oldest = data.last().unwrap()["id"].as_str().unwrap();
            page = format!("/v1/events?limit=100&starting_after={oldest}");
        }
    }
}

impl Client {
    /// Registers a webhook endpoint; the answer has its secret.
    pub async fn webhook(&self, url: &str, events: &[&str], connect: bool) -> Value {
        let mut form = vec![("url", url), ("connect", if connect { "true" } else { "false" })];
        form.extend(events.iter().map(|event| ("enabled_events[]", *event)));
        self.post("/v1/webhook_endpoints", &form).await.ok()
    }

    /// The address of a new endpoint for all events.
    pub async fn webhook_path(&self, url: &str) -> String {
        let endpoint = self.webhook(url, &["*"], false).await;
        format!("/v1/webhook_endpoints/{}", endpoint["id"].as_str().unwrap())
    }

    /// Waits until the one delivery there is was tried, once or more often.
    pub async fn delivery_is_tried(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let delivery = self.get("/_sandbox/deliveries").await.ok()["deliveries"][0].clone();
            if delivery["attempts"].as_array().is_some_and(|attempts| !attempts.is_empty()) {
                return;
            }
            assert!(Instant::now() < deadline, "not tried: {delivery}");
            tokio::task::yield_now().await;
        }
    }

    /// Waits until the one delivery there is has this outcome after attempts with these statuses.
    pub async fn delivery_is(&self, outcome: &str, statuses: &[Value]) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let delivery = self.get("/_sandbox/deliveries").await.ok()["deliveries"][0].clone();
            let attempts = delivery["attempts"].as_array().unwrap();
            let found: Vec<_> = attempts.iter().map(|attempt| attempt["status"].clone()).collect();
            if found == statuses && delivery["outcome"] == outcome {
                return;
            }
            assert!(Instant::now() < deadline, "not {outcome} after {statuses:?}: {delivery}");
            tokio::task::yield_now().await;
        }
    }
}
