use billing_domain::{GatewayCheckoutSession, SessionStatus};
use serde::Deserialize;

use super::{Reference, stripe_id, subscription_id};
use crate::{answer::Unreadable, metadata::Metadata};

/// A Checkout Session.
#[derive(Debug, Deserialize)]
pub(crate) struct CheckoutSession {
    id: Option<String>,
    status: Option<String>,
    url: Option<String>,
    subscription: Option<Reference>,
    metadata: Option<Metadata>,
}

impl CheckoutSession {
    pub(crate) fn mirrored(self) -> Result<GatewayCheckoutSession, Unreadable> {
        let status = match self.status.as_deref().ok_or(Unreadable::Field("status"))? {
            "open" => SessionStatus::Open,
            "complete" => SessionStatus::Complete,
            "expired" => SessionStatus::Expired,
            _ => SessionStatus::Unrecognized,
        };
        let metadata = self.metadata.unwrap_or_default();
        Ok(GatewayCheckoutSession {
            id: stripe_id(self.id.as_deref())?,
            status,
            url: self.url,
            subscription: self.subscription.and_then(|subscription| subscription_id(&subscription.id()?)),
            intent_id: metadata.intent(),
            call_id: metadata.call(),
        })
    }
}
