//! A client that speaks Stripe's wire: form bodies in bracket form, an API key, JSON answers.

use std::time::Duration;

use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use stripe_sandbox::Sandbox;

type Form<'a> = &'a [(&'a str, &'a str)];

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    headers: Vec<(String, String)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Client {
    pub fn new(sandbox: &Sandbox) -> Self {
        Self::at(sandbox.url()).with_key("sk_test_tests")
    }

    pub fn at(base: &str) -> Self {
        Self { http: http(Duration::from_secs(30)), base: base.to_owned(), headers: Vec::new() }
    }

    /// Gives up on an answer after this long.
    pub fn patient_for(&self, timeout: Duration) -> Self {
        Self { http: http(timeout), ..self.clone() }
    }

    pub fn with_key(&self, key: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {key}"))
    }

    pub fn for_account(&self, account: &str) -> Self {
        self.with_header("stripe-account", account)
    }

    pub fn with_idempotency_key(&self, key: &str) -> Self {
        self.with_header("idempotency-key", key)
    }

    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.without_header(name);
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    pub fn without_header(&self, name: &str) -> Self {
        let mut client = self.clone();
        client.headers.retain(|(known, _)| known != name);
        client
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.attempt(Method::GET, path, &[]).await.unwrap()
    }

    pub async fn post(&self, path: &str, form: Form<'_>) -> Answer {
        self.attempt(Method::POST, path, form).await.unwrap()
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.attempt(Method::DELETE, path, &[]).await.unwrap()
    }

    /// A request that may find no answer.
    pub async fn attempt(&self, method: Method, path: &str, form: Form<'_>) -> reqwest::Result<Answer> {
        let request = self.request(method, path);
        let request = match form {
            [] => request,
            _ => request.header("content-type", "application/x-www-form-urlencoded").body(encoded(form)),
        };
        Answer::of(request).await
    }

    /// A body as it stands, encoded by the test.
    pub async fn post_raw(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self.request(Method::POST, path);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        Answer::of(request).await.unwrap()
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await.unwrap()
    }

    /// A call of the control API, which speaks JSON.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        self.try_control(path, &body).await.ok()
    }

    pub async fn try_control(&self, path: &str, body: &Value) -> Answer {
        self.post_json(&format!("/_sandbox/{path}"), body).await
    }

    pub async fn advance_to(&self, moment: i64) {
        let answer = self.control("clock", json!({ "to": moment })).await;
        assert_eq!(answer["now"], moment);
    }

    pub async fn advance_by(&self, seconds: i64) {
        self.control("clock", json!({ "advanceSeconds": seconds })).await;
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }
}

impl Answer {
    async fn of(request: reqwest::RequestBuilder) -> reqwest::Result<Self> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, text: response.text().await? })
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text))
    }

    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// The id of the object that was answered.
    #[track_caller]
    pub fn id(&self) -> String {
        self.ok()["id"].as_str().unwrap().to_owned()
    }

    /// Stripe's error object, which every refusal has.
    #[track_caller]
    pub fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        let error = self.json()["error"].clone();
        assert!(error["type"].is_string() && error["message"].is_string(), "{}", self.text);
        error
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

fn encoded(form: Form<'_>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// It speaks plain HTTP: reading the certificates of the machine would take longer than most tests.
fn http(timeout: Duration) -> reqwest::Client {
    let never = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().timeout(timeout).redirect(never).no_proxy();
    let client = client.tls_certs_only([]);
    client.retry(reqwest::retry::never()).build().unwrap()
}

/// The ids of a list's objects, in its order.
pub fn ids(list: &Value) -> Vec<String> {
    list["data"].as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
}
