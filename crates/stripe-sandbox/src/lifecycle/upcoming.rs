//! A renewal is told of before it comes.

use crate::{
    clock::{DAY, HOUR, Timestamp},
    resources::{
        events::Event,
        invoices::{Period, preview_renewal},
        subscriptions::{Status, Subscription},
    },
    store::Tx,
};

/// How long before, unless the period is shorter; then it is when the last renewal is done.
const NOTICE: Timestamp = 7 * DAY;
const RENEWAL_TAKES: Timestamp = HOUR;

/// When a subscription's next renewal is told of, if it is to be and was not yet. Nobody is told while nothing is
/// collected.
pub fn due(subscription: &Subscription) -> Option<Timestamp> {
    let Period { start, end } = subscription.period;
    let renews = matches!(subscription.status, Status::Active | Status::PastDue)
        && subscription.pause_collection.is_none()
        && subscription.cancels_at().is_none_or(|at| at > end);
    let is_told = subscription.renewal_told == Some(end);
    (renews && !is_told).then(|| (end - NOTICE).max(start + RENEWAL_TAKES))
}

/// Tells of the next renewal, if it is time to.
pub fn tell(tx: &mut Tx<'_>, id: &str) {
    let Some(subscription) = tx.find::<Subscription>(id).cloned() else { return };
    let now = tx.now(subscription.test_clock.as_deref());
    if due(&subscription).is_none_or(|at| at > now) || subscription.period.end <= now {
        return;
    }
    if let Some(invoice) = preview_renewal(tx, id) {
        Event::record(tx, "invoice.upcoming", invoice, None, subscription.test_clock.as_deref());
    }
    tx.put(Subscription { renewal_told: Some(subscription.period.end), ..subscription });
}
