//! Replays work that was set aside.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::{SetAsideFilter, StoreError, error_chain};
use billing_domain::{Actor, WorkId};

use super::Worker;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// The largest number of rows of one replay.
const AT_MOST: u32 = 10_000;

impl Worker {
    /// Tries rows anew that were set aside, as if they had never been tried: the latest 10,000 of these. Returns their
    /// number, less those that are no longer set aside. May be repeated.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be listed. One that cannot be scheduled is logged.
    pub async fn replay(&self, which: &SetAsideFilter) -> Result<u64, StoreError> {
        replay(self, which).await
    }
}

async fn replay(worker: &Worker, which: &SetAsideFilter) -> Result<u64, StoreError> {
    let (listed, _) = worker.ports.store.work().work_set_aside(which, AT_MOST).await?;
    let mut replayed = 0;
    for id in listed.into_iter().map(|work| work.id) {
        let workspace = id.workspace_id.clone();
        match worker.executor.change_as(&workspace, &Actor::Recovery, &ReplayWork(id)).await {
            Ok(is_revived) => replayed += u64::from(is_revived),
            Err(error) => {
                let error = error_chain(&error);
                tracing::error!(workspace_id = %workspace, %error, "work is not tried again");
            }
        }
    }
    Ok(replayed)
}

/// Makes work due that was set aside, with all its attempts. Returns whether it was.
struct ReplayWork(WorkId);

#[async_trait]
impl Change for ReplayWork {
    const NAME: &'static str = "replay_work";
    type Answer = bool;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<bool>, Refused<Infallible>> {
        let revived = tx.work.work().ensure(&self.0, tx.now).await?;
        tx.wakes_worker = revived;
        Ok(if revived { Decision::Changed(true) } else { Decision::Unchanged(false) })
    }
}
