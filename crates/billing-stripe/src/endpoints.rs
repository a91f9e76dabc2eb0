//! The webhook endpoint that a development deployment registers for itself.

use billing_domain::{Gateway, StripeId, ports::GatewayError};
use secrecy::SecretString;
use serde::Deserialize;

use crate::{
    API_VERSION, HANDLED,
    accounts::Client,
    answer::{StripeError, Unreadable},
    gateway::StripePaymentGateway,
    transport::{Method, StripeTransport},
    wire::{HasId, Listed, read},
};

const PATH: &str = "/v1/webhook_endpoints";

#[derive(Deserialize)]
struct Endpoint {
    #[serde(flatten)]
    listed: Listed,
    url: Option<String>,
    secret: Option<SecretString>,
}

impl HasId for Endpoint {
    fn stripe_id(&self) -> Result<StripeId, Unreadable> {
        self.listed.stripe_id()
    }
}

impl<C: StripeTransport> StripePaymentGateway<C> {
    /// Registers a webhook endpoint at this address with the gateway's account, in place of those registered there
    /// before, and trusts its secret. For development, where no secret is configured: replicas that share an address
    /// would take each other's endpoint away.
    ///
    /// # Errors
    /// [`GatewayError`], also for an account that may not be used with its key. May be repeated.
    pub async fn register_webhook(&self, gateway: Gateway, url: &str) -> Result<(), GatewayError> {
        let source = self.source(gateway).ok_or(GatewayError::NotLinked)?;
        self.own_account(source).await?;
        let client = self.own_client(source);
        let listed = client.all::<Endpoint>(PATH, &[], true).await?;
        let is_replaced = |endpoint: &&Endpoint| endpoint.url.as_deref() == Some(url);
        let before: Result<Vec<_>, _> = listed.iter().filter(is_replaced).map(HasId::stripe_id).collect();
        let connect = if source.hears_of_connected_accounts() { "true" } else { "false" };
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("url", url), ("api_version", API_VERSION), ("connect", connect)])
            .extend_pairs(HANDLED.iter().map(|kind| ("enabled_events[]", kind)))
            .finish();
        let made = client.changed(Method::Post, PATH, Some(form)).await?;
        source.add_webhook_secret(made.secret.ok_or(Unreadable::Field("secret"))?);
        for id in before? {
            client.changed(Method::Delete, &format!("{PATH}/{id}"), None).await?;
        }
        Ok(())
    }
}

impl<C: StripeTransport> Client<'_, C> {
    /// The endpoint that a change gives. A second endpoint does no harm, so the change has no durable key.
    async fn changed(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Endpoint, GatewayError> {
        let mut request = self.request(method, path, true);
        request.body = body;
        let answer = self.send(&request).await?.body()?;
        Ok(read(&answer.map_err(StripeError::of_read)?)?)
    }
}
