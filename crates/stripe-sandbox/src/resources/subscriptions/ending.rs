//! Ends a subscription at once.

use serde::Deserialize;

use super::{
    Subscription,
    change::{CancellationDetails, tell_why},
};
use crate::{
    lifecycle::{
        billing,
        collection::Payer,
        proration::{Drafts, credit_unused, forget_pending},
        subscribing,
    },
    store::Tx,
    wire::{Answer, ApiError, Call, Reply},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    invoice_now: Option<bool>,
    prorate: Option<bool>,
    cancellation_details: Option<CancellationDetails>,
}

/// `DELETE /v1/subscriptions/{subscription}`
pub fn cancel(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut subscription = tx.get::<Subscription>(call.id("subscription"))?;
    let params: Cancel = call.params()?;
    if !subscription.status.is_live() {
        return Err(ApiError::no_such("subscription", &subscription.id));
    }
    tell_why(&mut subscription, params.cancellation_details);
    let (prorates, invoices) = (params.prorate == Some(true), params.invoice_now == Some(true));
    Ok(Answer::object(&end(tx, subscription, prorates, invoices)))
}

/// Ends it, crediting what is left of its period and billing what waits as it is told to. Prorations that wait are
/// deleted when it is told neither: no invoice would ever take them.
pub fn end(tx: &mut Tx<'_>, mut subscription: Subscription, prorates: bool, invoices: bool) -> Subscription {
    let now = tx.now(subscription.test_clock.as_deref());
    subscription.cancellation.reason.get_or_insert_with(|| "cancellation_requested".to_owned());
    match (prorates, invoices) {
        (true, _) if subscription.is_billed() => credit_unused(tx, &subscription, now, Drafts::AreStranded),
        (false, false) => forget_pending(tx, &subscription),
        _ => {}
    }
    if invoices
        && subscribing::something_waits(tx, &subscription)
        && let Some(invoice) = billing::bill_change(tx, &mut subscription, Vec::new(), false)
    {
        tx.put(subscription.clone());
        subscribing::settle_now(tx, invoice, Payer::Absent);
    }
    subscribing::cancel(tx, subscription)
}
