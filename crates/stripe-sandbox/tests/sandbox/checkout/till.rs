//! A shop whose customers pay by checkout.

use serde_json::Value;

use crate::client::{Answer, Client};

pub const URLS: [(&str, &str); 2] =
    [("success_url", "https://shop.example/done"), ("cancel_url", "https://shop.example/no")];

impl Client {
    pub async fn checkout(&self, form: &[(&str, &str)]) -> Answer {
        let form = [&URLS, form].concat();
        self.post("/v1/checkout/sessions", &form).await
    }

    /// A session for one of a price of 20.00 USD a month.
    pub async fn checkout_of(&self, more: &[(&str, &str)]) -> String {
        let price = self.monthly_price("Pro", "usd", 2000).await;
        let form =
            [("mode", "subscription"), ("line_items[0][price]", &price), ("line_items[0][quantity]", "1")];
        self.checkout(&[&form, more].concat()).await.id()
    }

    pub async fn session(&self, id: &str) -> Value {
        self.get(&format!("/v1/checkout/sessions/{id}")).await.ok()
    }

    /// A payment method that nobody owns.
    pub async fn loose_card(&self, token: &str) -> String {
        let form = [
            ("type", "card"),
            ("card[token]", token),
            ("billing_details[email]", "ada@example.com"),
            ("billing_details[name]", "Ada"),
        ];
        self.post("/v1/payment_methods", &form).await.id()
    }

    /// Pays with a new card.
    pub async fn pay(&self, session: &str, token: &str) -> Answer {
        let card = self.loose_card(token).await;
        self.confirm(session, &[("payment_method", &card)]).await
    }

    pub async fn confirm(&self, session: &str, form: &[(&str, &str)]) -> Answer {
        self.post(&format!("/v1/payment_pages/{session}/confirm"), form).await
    }

    /// What the owner of a card does on the authentication page.
    pub async fn authenticate(&self, intent: &Value, outcome: &str) -> Answer {
        let url = intent["next_action"]["redirect_to_url"]["url"].as_str().unwrap();
        let path = &url[url.find("/_sandbox").unwrap()..];
        self.post(path, &[("outcome", outcome)]).await
    }

    /// The types of the account's events, the oldest first.
    pub async fn told(&self) -> Vec<String> {
        let events = self.events().await;
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn all(&self, path: &str) -> Vec<Value> {
        self.get(path).await.ok()["data"].as_array().unwrap().clone()
    }
}
