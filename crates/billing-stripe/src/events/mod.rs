//! Webhooks: their signature, and the object that an event speaks of.

mod kinds;
mod object;
mod signature;

use billing_domain::{
    Gateway, GatewayAccountId, GatewayEvent, StripeId, Timestamp,
    ports::{GatewayEvents, WebhookRefused},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    gateway::{Source, StripePaymentGateway},
    transport::StripeTransport,
};
use signature::Header;

pub use kinds::{HANDLED, IGNORED};

/// An event, as far as it is needed.
#[derive(Deserialize)]
struct Event {
    id: StripeId,
    object: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    livemode: bool,
    account: Option<GatewayAccountId>,
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(default)]
    object: Value,
}

impl<C: StripeTransport> GatewayEvents for StripePaymentGateway<C> {
    fn verified_event(
        &self,
        body: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<GatewayEvent, WebhookRefused> {
        let source = self.signer(body, signature, now)?;
        let text = str::from_utf8(body).map_err(unreadable)?;
        let event: Event = serde_json::from_str(text).map_err(unreadable)?;
        if event.object != "event" {
            return Err(WebhookRefused::Body(format!("it is of type {}", event.object)));
        }
        let is_of_mode = event.livemode == source.is_live();
        // An endpoint for connected accounts in live mode hears of their test mode too: of no interest, but no error.
        if !(is_of_mode || source.is_live() && source.hears_of_connected_accounts()) {
            return Err(WebhookRefused::Mode);
        }
        let is_platforms = source.is_platforms(event.account.as_ref());
        Ok(GatewayEvent {
            account: source.account_of(event.account)?,
            object: object::spoken_of(&event.kind, &event.data.object, is_platforms).filter(|_| is_of_mode),
            created_at: Timestamp::from_timestamp(event.created, 0)
                .ok_or_else(|| WebhookRefused::Body("its time is none".to_owned()))?,
            id: event.id,
            kind: event.kind,
            body: text.to_owned(),
        })
    }
}

fn unreadable(error: impl std::fmt::Display) -> WebhookRefused {
    WebhookRefused::Body(error.to_string())
}

impl<C: StripeTransport> StripePaymentGateway<C> {
    /// The source with the secret that signed the body.
    fn signer(&self, body: &[u8], signature: &str, now: Timestamp) -> Result<&Source, WebhookRefused> {
        let header = Header::parse(signature)?;
        let is_signer = |source: &&Source| {
            source.webhook_secrets().iter().any(|secret| header.is_signed_with(secret, body))
        };
        let source = self.sources().find(is_signer).ok_or(signature::OTHER_SECRET)?;
        header.check_time(now)?;
        Ok(source)
    }
}

impl Source {
    /// Whether an event that names this account is of the platform's own, which the workspaces pay for their plan.
    fn is_platforms(&self, named: Option<&GatewayAccountId>) -> bool {
        match self.gateway {
            Gateway::Managed => false,
            Gateway::StripePlatform => true,
            Gateway::StripeConnect => named.is_none(),
        }
    }

    /// The account of an event: a connected account is named, and the key's own need not be.
    fn account_of(&self, named: Option<GatewayAccountId>) -> Result<GatewayAccountId, WebhookRefused> {
        let own = self.account.get().ok_or(WebhookRefused::NotReady)?;
        match named {
            Some(connected) if self.hears_of_connected_accounts() => Ok(connected),
            Some(other) if other != *own => Err(WebhookRefused::Body("it is of another account".to_owned())),
            _ => Ok(own.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
