//! The transport over HTTP: timeouts, retries and the rate of requests.

mod budget;
mod retry;

use std::time::Duration;

use async_trait::async_trait;
use billing_domain::ports::BoxError;
use reqwest::{
    Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use crate::{
    API_VERSION,
    settings::RateLimit,
    transport::{ApiAnswer, ApiRequest, Method, StripeTransport},
};
use budget::Budgets;
use retry::{Next, Retries};

/// The time for one attempt.
const ATTEMPT: Duration = Duration::from_secs(10);
/// The time for a request with all its attempts and its wait for the rate. A person's browser waits for 30 seconds.
const TOTAL: Duration = Duration::from_secs(24);
const CONNECT: Duration = Duration::from_millis(2_500);
/// Stripe's largest pages have some hundred kilobytes.
const LARGEST_BODY: usize = 16 << 20;

/// The transport over HTTP.
///
/// A request ends within 24 seconds. Within them it is repeated after a lost connection, a conflict, a rate limit and
/// a failure of Stripe's, under the same key and with jitter. The rate is limited per account, and important requests
/// go first.
pub struct HttpTransport {
    http: reqwest::Client,
    base: String,
    budgets: Budgets,
}

/// The transport cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The address of the API is none.
    #[error("the address of Stripe's API is not an HTTP address: {0}")]
    Base(String),
    /// The client cannot be built, such as without certificates to trust.
    #[error("the HTTP client cannot be built")]
    Client(#[from] reqwest::Error),
}

/// No answer came in time.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("no answer within {} seconds", TOTAL.as_secs())]
    Timeout,
    #[error("the answer is larger than {LARGEST_BODY} bytes")]
    TooLarge,
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

/// An answer with what it says about a repeat.
struct Attempt {
    answer: ApiAnswer,
    retry_after: Option<Duration>,
    should_retry: Option<bool>,
}

impl HttpTransport {
    /// A transport to the API at this address.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn new(api_base: &str, rate_limit: RateLimit) -> Result<Self, Unusable> {
        let base = api_base.trim_end_matches('/').to_owned();
        let is_http = Url::parse(&base).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_http {
            return Err(Unusable::Base(base));
        }
        // A redirect would carry the request, and its key, elsewhere.
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ATTEMPT)
            .redirect(Policy::none())
            .user_agent(concat!("kolaylogin-billing/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { http, base, budgets: Budgets::new(rate_limit) })
    }

    /// Repeats the request until it is answered for good.
    async fn answered(&self, request: &ApiRequest) -> Result<ApiAnswer, Lost> {
        let deadline = Instant::now() + TOTAL;
        let mut retries = Retries::default();
        let mut is_first = true;
        loop {
            let attempt = tokio::time::timeout_at(deadline, self.attempt(request));
            let Ok(mut attempted) = attempt.await else { return Err(Lost::Timeout) };
            let next = match &mut attempted {
                Ok(Attempt { answer, retry_after, should_retry }) => {
                    // What is stored stays as it is.
                    let should_retry = if answer.is_replayed { Some(false) } else { *should_retry };
                    answer.is_replayed &= is_first;
                    retries.after_answer(answer.status, *retry_after, should_retry)
                }
                Err(_) => retries.after_loss(),
            };
            is_first = false;
            match next {
                Next::Wait(pause) if Instant::now() + pause < deadline => {
                    tracing::debug!(path = request.path, ?pause, "a request to Stripe is repeated");
                    tokio::time::sleep(pause).await;
                }
                Next::Wait(_) | Next::Stop => return attempted.map(|attempt| attempt.answer),
            }
        }
    }

    async fn attempt(&self, request: &ApiRequest) -> Result<Attempt, Lost> {
        self.budgets.take(request).await;
        let mut response = self.request(request).send().await?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after =
            header(RETRY_AFTER.as_str()).and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let should_retry = header("stripe-should-retry").and_then(|text| text.parse().ok());
        let is_replayed = header("idempotent-replayed") == Some("true");
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LARGEST_BODY {
                return Err(Lost::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Attempt { answer: ApiAnswer { is_replayed, status, body }, retry_after, should_retry })
    }

    fn request(&self, request: &ApiRequest) -> reqwest::RequestBuilder {
        let ApiRequest { path, query, .. } = request;
        let separator = if query.is_empty() { "" } else { "?" };
        let url = format!("{}{path}{separator}{query}", self.base);
        let mut builder = match request.method {
            Method::Get => self.http.get(url),
            Method::Post => self.http.post(url),
            Method::Delete => self.http.delete(url),
        };
        builder = builder.header("stripe-version", API_VERSION);
        let bearer = format!("Bearer {}", request.secret_key.expose_secret());
        if let Ok(mut bearer) = HeaderValue::from_str(&bearer) {
            bearer.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, bearer);
        }
        if let Some(account) = &request.stripe_account {
            builder = builder.header("stripe-account", account);
        }
        if let Some(key) = &request.idempotency_key {
            builder = builder.header("idempotency-key", key);
        }
        match &request.body {
            Some(body) => {
                builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.clone())
            }
            None => builder,
        }
    }
}

#[async_trait]
impl StripeTransport for HttpTransport {
    async fn send(&self, request: &ApiRequest) -> Result<ApiAnswer, BoxError> {
        Ok(self.answered(request).await?)
    }
}

#[cfg(test)]
mod tests;
