//! Deletes what is needed no longer.
//!
//! Stripe sends an event again for 3 days, and a person for 30. A call is read again by a repeat of its request within 24
//! hours, and while its intent is not closed; what it made is known by links, mirrors and the audit log.

use std::future::Future;

use billing_domain::ports::{StoreError, error_chain};
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
    pub async fn forget_expired(&self) -> Result<u64, StoreError> {
        forget(self).await
    }
}

async fn forget(worker: &Worker) -> Result<u64, StoreError> {
    let before = worker.ports.clock.now() - KEPT_FOR;
    let retention = worker.ports.store.retention();
    let mut forgotten = in_batches(|| retention.forget_unplaced_events(before, BATCH)).await?;
    let mut after = None;
    loop {
        let page = worker.ports.store.gateway_links().workspaces_with_accounts(after, PAGE).await?;
        for (workspace, account) in &page {
            let events = in_batches(|| retention.forget_events(workspace, account, before, BATCH)).await;
            let calls = in_batches(|| retention.forget_calls(workspace, account, before, BATCH)).await;
            for deleted in [events, calls] {
                match deleted {
                    Ok(deleted) => forgotten += deleted,
                    Err(error) => {
                        let error = error_chain(&error);
                        tracing::error!(workspace_id = %workspace, %error, "what is old is not deleted");
                    }
                }
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.clone()),
            _ => return Ok(forgotten),
        }
    }
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
