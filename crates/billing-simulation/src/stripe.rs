//! The way to Stripe: the sandbox in process, behind the faults of a network.

use std::sync::Arc;

use async_trait::async_trait;
use billing_domain::ports::BoxError;
use billing_stripe::{ApiAnswer, Method, StripeTransport};
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use stripe_sandbox::{ApiRequest, InProcess};

use crate::mutation::Mutation;
use crate::scene::{LateRequest, Point, Scene, Verdict};

/// The one `POST` that changes nothing.
const PREVIEW: &str = "/v1/invoices/create_preview";

/// A page of a list has two objects, so that lives have lists of several pages.
const SHORT_PAGE: &str = "limit=2";

/// The time for one request, as over HTTP.
const PATIENCE: TimeDelta = TimeDelta::seconds(24);

/// The transport of a process.
pub(crate) struct SimulatedTransport {
    pub(crate) scene: Scene,
    pub(crate) sandbox: Arc<InProcess>,
    pub(crate) mutation: Option<Mutation>,
}

#[async_trait]
impl StripeTransport for SimulatedTransport {
    async fn send(&self, request: &billing_stripe::ApiRequest) -> Result<ApiAnswer, BoxError> {
        self.exchanged(request).await.map(|answer| self.answer_weakened(answer))
    }
}

impl SimulatedTransport {
    async fn exchanged(&self, request: &billing_stripe::ApiRequest) -> Result<ApiAnswer, BoxError> {
        let request = self.request_weakened(carried(request));
        let reads = request.method == "GET" || request.path == PREVIEW;
        let begun = self.scene.lock().now;
        let verdict = self.scene.at(Point::Send { reads }).await;
        let sent_at = self.scene.lock().now;
        // Whoever slept for so long has given up before the request left.
        let verdict = if sent_at - begun > PATIENCE { Verdict::Lose } else { verdict };
        let late = |request| self.scene.lock().in_flight.push(LateRequest { request, sent_at });
        match verdict {
            Verdict::Go => {}
            Verdict::Lose => return Err("the request was lost".into()),
            Verdict::Late => {
                late(request);
                return Err("no answer came in time".into());
            }
            Verdict::Twice => late(request.clone()),
            Verdict::KeyInUse => {
                late(request);
                return Ok(failure(409, "idempotency_error", "idempotency_key_in_use"));
            }
            Verdict::TooMany => return Ok(failure(429, "invalid_request_error", "rate_limit")),
            Verdict::Fails { afterwards } => {
                if afterwards {
                    carry_out(&self.scene, &self.sandbox, &request);
                }
                return Ok(failure(500, "api_error", ""));
            }
        }
        let answer = carry_out(&self.scene, &self.sandbox, &request);
        match self.scene.at(Point::Answer).await {
            Verdict::Go => Ok(answer),
            _ => Err("the answer was lost".into()),
        }
    }

    fn request_weakened(&self, mut request: ApiRequest) -> ApiRequest {
        let Some(key) = &mut request.idempotency_key else { return request };
        match self.mutation {
            Some(Mutation::NewKeyOnRetry) => *key = format!("{key}-{}", self.scene.new_id()),
            Some(Mutation::OtherBodyOnRetry) if request.path != "/v1/subscriptions" => {
                let attempt = format!("&metadata[attempt]={}", self.scene.new_id());
                request.body.extend(attempt.into_bytes());
            }
            _ => {}
        }
        request
    }

    fn answer_weakened(&self, mut answer: ApiAnswer) -> ApiAnswer {
        match self.mutation {
            Some(Mutation::ConflictIsRefused) if answer.status == 409 => {
                failure(400, "invalid_request_error", "")
            }
            Some(Mutation::FirstPageOnly) => {
                let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
                if let Some(has_more) = body.get_mut("has_more") {
                    *has_more = false.into();
                    answer.body = serde_json::to_vec(&body).unwrap();
                }
                answer
            }
            _ => answer,
        }
    }
}

/// Lets a request arrive at Stripe.
pub(crate) fn carry_out(scene: &Scene, sandbox: &InProcess, request: &ApiRequest) -> ApiAnswer {
    let response = sandbox.call(request);
    let mut state = scene.lock();
    state.counts.requests += 1;
    state.stripe_changed |= request.method != "GET";
    state.say(format_args!(
        "    stripe {} {}?{} {} key={} -> {} {} {}",
        request.method,
        request.path,
        request.query,
        String::from_utf8_lossy(&request.body),
        request.idempotency_key.as_deref().unwrap_or_default(),
        response.status,
        response.body["id"].as_str().unwrap_or_default(),
        response.body["error"]["message"].as_str().unwrap_or_default(),
    ));
    ApiAnswer {
        is_replayed: response.original_request.is_some(),
        status: response.status,
        body: serde_json::to_vec(&response.body).unwrap(),
    }
}

fn carried(request: &billing_stripe::ApiRequest) -> ApiRequest {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Delete => "DELETE",
    };
    let is_paged = !request.path.ends_with("/lines");
    ApiRequest {
        method: method.to_owned(),
        path: request.path.clone(),
        query: if is_paged { request.query.replace("limit=100", SHORT_PAGE) } else { request.query.clone() },
        content_type: request.body.is_some().then(|| "application/x-www-form-urlencoded".to_owned()),
        body: request.body.clone().unwrap_or_default().into_bytes(),
        authorization: Some(format!("Bearer {}", request.secret_key.expose_secret())),
        stripe_account: request.stripe_account.clone(),
        stripe_version: Some(billing_stripe::API_VERSION.to_owned()),
        idempotency_key: request.idempotency_key.clone(),
    }
}

fn failure(status: u16, kind: &str, code: &str) -> ApiAnswer {
    let error = json!({ "error": { "type": kind, "code": code, "message": "Injected." } });
    ApiAnswer { is_replayed: false, status, body: error.to_string().into_bytes() }
}
