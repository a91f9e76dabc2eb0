//! Stripe in these tests: a sandbox that outlives every process of the service.

use billing_testing::plain_client;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use stripe_sandbox::{Options, Sandbox};

/// The key of the gateway `managed`.
pub(crate) const KEY: &str = "sk_test_crash";

/// The price of everything that is sold, in cents a month.
pub(crate) const PRICE: u32 = 12_50;

/// Refusals of a payment that comes too late.
const TOO_LATE: [&str; 2] = ["checkout_session_expired", "checkout_session_completed"];

pub(crate) struct Stripe {
    sandbox: Sandbox,
    client: Client,
}

/// A webhook endpoint.
pub(crate) struct Endpoint {
    id: String,
    pub(crate) secret: String,
}

impl Stripe {
    pub(crate) async fn start() -> Self {
        let sandbox = Sandbox::start(Options::in_memory()).await.unwrap();
        Self { sandbox, client: plain_client().build().unwrap() }
    }

    pub(crate) fn url(&self) -> &str {
        self.sandbox.url()
    }

    /// Registers an endpoint for all events, which is reached nowhere yet.
    pub(crate) async fn new_endpoint(&self) -> Endpoint {
        let form = [("url", "http://127.0.0.1:9/"), ("enabled_events[]", "*")];
        let made = self.asked(Method::POST, "/v1/webhook_endpoints", &form).await;
        let text = |field: &str| made[field].as_str().unwrap().to_owned();
        Endpoint { id: text("id"), secret: text("secret") }
    }

    /// Sends the events of an endpoint to the service at this address.
    pub(crate) async fn deliver_to(&self, endpoint: &Endpoint, address: &str) {
        let url = format!("http://{address}/v1/stripe/webhook");
        let path = format!("/v1/webhook_endpoints/{}", endpoint.id);
        self.asked(Method::POST, &path, &[("url", &url)]).await;
    }

    /// Pays at a hosted page. Returns whether it could still be paid.
    pub(crate) async fn pay(&self, page: &str) -> bool {
        let path = format!("/v1/payment_pages/{}/confirm", session_of(page));
        let amount = PRICE.to_string();
        let form = [("payment_method", "pm_card_visa"), ("expected_amount", &amount)];
        let (status, answer) = self.ask(Method::POST, &path, &form).await;
        let code = answer["error"]["code"].as_str().unwrap_or_default();
        assert!(status.is_success() || TOO_LATE.contains(&code), "{answer}");
        status.is_success()
    }

    /// Moves the clock forward, with all that falls due on the way.
    pub(crate) async fn advance_clock(&self, seconds: u32) {
        let move_clock = self.client.post(format!("{}/_sandbox/clock", self.url()));
        let moved = move_clock.json(&json!({ "advanceSeconds": seconds })).send().await.unwrap();
        assert_eq!(moved.status(), StatusCode::OK);
    }

    /// One object.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.asked(Method::GET, path, &[]).await
    }

    /// Every object of a list, which has a query.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        let mut listed: Vec<Value> = Vec::new();
        loop {
            let after = listed.last().map(|last| format!("&starting_after={}", last["id"].as_str().unwrap()));
            let mut page = self.get(&format!("{path}&limit=100{}", after.unwrap_or_default())).await;
            listed.append(page["data"].as_array_mut().unwrap());
            if page["has_more"] == false {
                return listed;
            }
        }
    }

    async fn asked(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Value {
        let (status, answer) = self.ask(method, path, form).await;
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    async fn ask(&self, method: Method, path: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let request = self.client.request(method, format!("{}{path}", self.url())).bearer_auth(KEY);
        let request = if form.is_empty() { request } else { request.form(form) };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }
}

/// The session of a hosted page.
pub(crate) fn session_of(page: &str) -> &str {
    page.rsplit('/').next().unwrap()
}
