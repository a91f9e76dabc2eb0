//! Retention: deletes expired events and settled calls.
//!
//! Stripe sends an event again for 3 days, and a person for 30. A call is read again by a repeat of its request within 24
//! hours, and while its intent is not closed; what it made is known by links, mirrors and the audit log.

use std::future::Future;

use billing_domain::ports::{Retention, StoreError, error_chain};
use billing_domain::{GatewayAccountId, Timestamp, WorkspaceId};
use chrono::TimeDelta;

use super::Worker;

/// The age of what is deleted.
const KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// The number of rows that one transaction deletes.
const BATCH: u32 = 500;
/// The number of transactions for the rows of one kind of one account, so that a large one does not hold up the others.
/// The next call goes on.
const BATCHES: u32 = 20;
const PAGE: u32 = 100;

impl Worker {
    /// Deletes events and settled calls that are older than 30 days. Returns the number of rows. May be repeated.
    ///
    /// # Errors
    /// [`StoreError`] when the accounts cannot be listed. A workspace that cannot be reached is logged.
    pub async fn delete_expired(&self) -> Result<u64, StoreError> {
        delete_expired(self).await
    }
}

/// A workspace and an account that it uses, or on which it pays the platform.
type Pair = (WorkspaceId, GatewayAccountId);

async fn delete_expired(worker: &Worker) -> Result<u64, StoreError> {
    let store = &worker.ports.store;
    let (retention, links) = (store.retention(), store.gateway_links());
    let before = worker.ports.clock.now() - KEPT_FOR;
    let unplaced = in_batches(|| retention.delete_expired_unplaced_events(before, BATCH)).await?;
    let used = of_all(retention, before, |after| links.workspaces_with_accounts(after, PAGE)).await?;
    let paying = of_all(retention, before, |after| retention.paying_workspaces(after, PAGE)).await?;
    Ok(unplaced + used + paying)
}

/// Deletes what every listed pair has. Returns the number of rows.
async fn of_all<Listing>(
    retention: &dyn Retention,
    before: Timestamp,
    mut page_after: impl FnMut(Option<Pair>) -> Listing,
) -> Result<u64, StoreError>
where
    Listing: Future<Output = Result<Vec<Pair>, StoreError>>,
{
    let (mut after, mut deleted) = (None, 0);
    loop {
        let page = page_after(after).await?;
        for pair in &page {
            deleted += of_pair(retention, before, pair).await;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.clone()),
            _ => return Ok(deleted),
        }
    }
}

async fn of_pair(retention: &dyn Retention, before: Timestamp, (workspace, account): &Pair) -> u64 {
    let events = in_batches(|| retention.delete_expired_events(workspace, account, before, BATCH)).await;
    let calls = in_batches(|| retention.delete_expired_calls(workspace, account, before, BATCH)).await;
    let drifts = in_batches(|| retention.delete_expired_drifts(workspace, account, before, BATCH)).await;
    let mut rows = 0;
    for deleted in [events, calls, drifts] {
        match deleted {
            Ok(deleted) => rows += deleted,
            Err(error) => {
                let error = error_chain(&error);
                tracing::error!(workspace_id = %workspace, %error, "what is old is not deleted");
            }
        }
    }
    rows
}

/// Deletes until a batch is not full. Returns the number of rows.
async fn in_batches<Deleting>(mut delete: impl FnMut() -> Deleting) -> Result<u64, StoreError>
where
    Deleting: Future<Output = Result<u64, StoreError>>,
{
    let mut deleted = 0;
    for _ in 0..BATCHES {
        let batch = delete().await?;
        deleted += batch;
        if batch < u64::from(BATCH) {
            break;
        }
    }
    Ok(deleted)
}
