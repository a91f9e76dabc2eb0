//! Stripe's objects, as far as they are needed. Unknown fields, values and nulls are fine; an id, status or amount that
//! is missing is an error.

mod invoice;
mod listed;
mod payment;
mod recurring;
mod reference;
mod session;
mod subscription;

use billing_domain::{StripeId, StripeSubscriptionId, Timestamp};
use serde::de::DeserializeOwned;

use crate::answer::Unreadable;

pub(crate) use invoice::Invoice;
pub(crate) use listed::{Created, CreatedPage, HasId, Listed, Page};
pub(crate) use payment::{MadeBy, Payment, Refund};
pub(crate) use reference::Reference;
pub(crate) use session::CheckoutSession;
pub(crate) use subscription::Subscription;

/// Reads a body.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    Ok(serde_json::from_slice(body)?)
}

fn stripe_id(id: Option<&str>) -> Result<StripeId, Unreadable> {
    id.and_then(|id| StripeId::parse(id).ok()).ok_or(Unreadable::Field("id"))
}

fn subscription_id(id: &StripeId) -> Option<StripeSubscriptionId> {
    StripeSubscriptionId::parse(id.as_str()).ok()
}

/// A moment in unix seconds.
fn moment(seconds: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_timestamp(seconds?, 0)
}

#[cfg(test)]
mod tests;
