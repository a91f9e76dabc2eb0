use async_trait::async_trait;
use billing_domain::{RequestMethod, ports::BoxError};
use secrecy::SecretString;

/// Carries requests to Stripe.
#[async_trait]
pub trait StripeTransport: Send + Sync {
    /// Sends a request and gives the answer, whatever its status. May send it several times, always with the same
    /// idempotency key.
    ///
    /// # Errors
    /// No answer came: the request may have been carried out.
    async fn send(&self, request: &ApiRequest) -> Result<ApiAnswer, BoxError>;
}

/// A request to Stripe's API.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    /// The method.
    pub method: Method,
    /// The path below the API's base, such as `/v1/customers`.
    pub path: String,
    /// The encoded query, without `?`; may be empty.
    pub query: String,
    /// The form-encoded body.
    pub body: Option<String>,
    /// The idempotency key.
    pub idempotency_key: Option<String>,
    /// The API key.
    pub secret_key: SecretString,
    /// The connected account to act for.
    pub stripe_account: Option<String>,
    /// Whether it goes before others where the rate is limited.
    pub is_important: bool,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `DELETE`.
    Delete,
}

impl From<RequestMethod> for Method {
    fn from(method: RequestMethod) -> Self {
        match method {
            RequestMethod::Post => Self::Post,
            RequestMethod::Delete => Self::Delete,
        }
    }
}

/// Stripe's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiAnswer {
    /// Whether it is the stored answer to an earlier request under the same key, and none of this one's attempts got another.
    pub is_replayed: bool,
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}
