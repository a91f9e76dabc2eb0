//! A workspace that sells one plan, and what its owner asks for.

use billing_testing::Answer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::deployment::{Deployment, Request};
use crate::stripe::PRICE;

#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) workspace: String,
    app: String,
    plan: String,
}

impl Shop {
    /// Enables billing of a workspace, and makes its app and plan.
    pub(crate) async fn open(deployment: &Deployment, workspace: &str) -> Self {
        let mut shop = Self { workspace: workspace.to_owned(), app: String::new(), plan: String::new() };
        let id = |made: Answer| made.json()["id"].as_str().unwrap().to_owned();
        shop.done(deployment, &shop.enable()).await;
        let app = shop.post("/apps", &json!({ "name": "Shop" }));
        shop.app = id(shop.done(deployment, &app).await);
        let amount = json!({ "minorUnits": PRICE, "currency": "USD" });
        let prices = json!([{ "amount": amount, "interval": "month" }]);
        let plan = json!({ "key": "team", "name": "Team", "prices": prices });
        let plan = shop.post(&shop.in_app("/plans"), &plan);
        shop.plan = id(shop.done(deployment, &plan).await);
        shop
    }

    /// The answer to a request that must succeed at once.
    pub(crate) async fn done(&self, deployment: &Deployment, request: &Request) -> Answer {
        let answer = deployment.ask(0, request).await.unwrap();
        assert!(answer.status.is_success(), "{request:?}: {}", answer.text);
        answer
    }

    pub(crate) fn enable(&self) -> Request {
        self.request(Method::POST, "/billing/enable", None)
    }

    pub(crate) fn disable(&self) -> Request {
        self.request(Method::POST, "/billing/disable", None)
    }

    /// Makes a checkout link for a user, once for a key.
    pub(crate) fn sell(&self, user: &str, key: String) -> Request {
        let payer = json!({ "kind": "user", "id": user });
        let body = json!({ "payer": payer, "plan": "team", "interval": "month" });
        Request { key: Some(key), ..self.post(&self.in_app("/checkout-links"), &body) }
    }

    pub(crate) fn end_link(&self, link: &str) -> Request {
        self.request(Method::DELETE, &self.in_app(&format!("/checkout-links/{link}")), None)
    }

    pub(crate) fn subscriptions(&self) -> Request {
        self.request(Method::GET, &self.in_app("/subscriptions?limit=100"), None)
    }

    pub(crate) fn cancel(&self, subscription: &str, at_period_end: bool) -> Request {
        let path = self.in_app(&format!("/subscriptions/{subscription}/cancel"));
        self.post(&path, &json!({ "atPeriodEnd": at_period_end }))
    }

    pub(crate) fn invoices_of(&self, user: &str) -> Request {
        self.request(Method::GET, &self.in_app(&format!("/invoices?status=paid&payer={user}")), None)
    }

    /// Refunds a part of an invoice, or all that is left of it, once for a key.
    pub(crate) fn refund(&self, invoice: &str, amount: Option<u32>, key: String) -> Request {
        let body = amount.map_or_else(|| json!({}), |amount| json!({ "amount": amount }));
        let path = self.in_app(&format!("/invoices/{invoice}/refund"));
        Request { key: Some(key), ..self.post(&path, &body) }
    }

    /// Renames the plan, and with it the product at Stripe.
    pub(crate) fn rename(&self, name: &str) -> Request {
        let path = self.in_app(&format!("/plans/{}", self.plan));
        self.request(Method::PATCH, &path, Some(json!({ "name": name })))
    }

    fn in_app(&self, path: &str) -> String {
        format!("/apps/{}/billing{path}", self.app)
    }

    fn post(&self, path: &str, body: &Value) -> Request {
        self.request(Method::POST, path, Some(body.clone()))
    }

    fn request(&self, method: Method, path: &str, body: Option<Value>) -> Request {
        Request { workspace: self.workspace.clone(), method, path: path.to_owned(), key: None, body }
    }
}
