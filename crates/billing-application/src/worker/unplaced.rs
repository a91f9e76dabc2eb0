//! Accepts webhooks again that were set aside without a workspace and have one now: since their account is used, or their
//! customer is known.

use billing_domain::GatewayEvent;
use billing_domain::ports::{StoreError, UnplacedEvent, error_chain};

use super::Worker;

const PAGE: u32 = 100;
/// The number of events that one call accepts, so that the rest of the sweep does not wait. The next call goes on.
const ACCEPTED_AT_MOST: u64 = 5_000;

impl Worker {
    /// Accepts the events that were set aside without a workspace and have one now, 5,000 at most. Returns their
    /// number. May be repeated.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be listed, or the database is unavailable. One that cannot be accepted is logged
    /// and stays.
    pub async fn accept_unplaced(&self) -> Result<u64, StoreError> {
        accept(self).await
    }

    /// Up to `limit` events without a workspace, latest first, and the total number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unplaced(&self, limit: u32) -> Result<(Vec<UnplacedEvent>, u64), StoreError> {
        self.ports.store.events().unplaced_events(limit).await
    }
}

async fn accept(worker: &Worker) -> Result<u64, StoreError> {
    let (mut after, mut accepted) = (None, 0);
    while accepted < ACCEPTED_AT_MOST {
        let page = worker.ports.store.events().unplaced_to_accept(after, PAGE).await?;
        if page.last.is_none() {
            break;
        }
        after = page.last;
        accepted += accept_page(worker, page.events).await?;
    }
    if accepted > 0 {
        worker.ports.wake.notify_one();
        tracing::info!(accepted, "events that were set aside have a workspace now");
    }
    Ok(accepted)
}

/// Accepts events together, or one by one if one of them fails: it must not hold up the others.
async fn accept_page(worker: &Worker, events: Vec<GatewayEvent>) -> Result<u64, StoreError> {
    if events.is_empty() {
        return Ok(0);
    }
    let (inbox, now) = (worker.ports.store.events(), worker.ports.clock.now());
    let mut accepted = events.len() as u64;
    match inbox.accept(events.clone(), now).await {
        Ok(()) => return Ok(accepted),
        Err(error @ StoreError::Unavailable(_)) => return Err(error),
        Err(StoreError::Conflict | StoreError::Corrupt { .. } | StoreError::Unexpected(_)) => {}
    }
    for event in events {
        let id = event.id.clone();
        if let Err(error) = inbox.accept(vec![event], now).await {
            accepted -= 1;
            tracing::error!(event = %id, error = %error_chain(&error), "an event is not accepted again");
        }
    }
    Ok(accepted)
}
