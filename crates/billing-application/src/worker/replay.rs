//! Tries work again that was set aside.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::{StoreError, error_chain};
use billing_domain::{Actor, WorkId, WorkKind, WorkspaceId};

use super::Worker;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// The largest number of rows of one replay.
const AT_MOST: u32 = 10_000;

/// Work that was set aside. Each condition that is not given holds for all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetAsideFilter {
    /// The work of this workspace.
    pub workspace_id: Option<WorkspaceId>,
    /// The work of this kind.
    pub kind: Option<WorkKind>,
    /// The work with this key.
    pub key: Option<String>,
}

impl SetAsideFilter {
    fn matches(&self, id: &WorkId) -> bool {
        self.workspace_id.as_ref().is_none_or(|workspace| *workspace == id.workspace_id)
            && self.kind.is_none_or(|kind| kind == id.kind)
            && self.key.as_ref().is_none_or(|key| *key == id.key)
    }
}

impl Worker {
    /// Tries rows anew that were set aside, as if they had never been tried. Returns their number.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be listed. One that cannot be scheduled is logged.
    pub async fn replay(&self, which: &SetAsideFilter) -> Result<u64, StoreError> {
        replay(self, which).await
    }
}

async fn replay(worker: &Worker, which: &SetAsideFilter) -> Result<u64, StoreError> {
    let (listed, _) = worker.set_aside(AT_MOST).await?;
    let mut replayed = 0;
    for id in listed.into_iter().map(|work| work.id).filter(|id| which.matches(id)) {
        let workspace = id.workspace_id.clone();
        match worker.executor.change_as(&workspace, &Actor::Recovery, &ReplayWork(id)).await {
            Ok(()) => replayed += 1,
            Err(error) => {
                let error = error_chain(&error);
                tracing::error!(workspace_id = %workspace, %error, "work is not tried again");
            }
        }
    }
    Ok(replayed)
}

/// Makes work due that was set aside, with all its attempts.
struct ReplayWork(WorkId);

#[async_trait]
impl Change for ReplayWork {
    const NAME: &'static str = "replay_work";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        let revived = tx.work.work().ensure(&self.0, tx.now).await?;
        tx.wakes_worker = true;
        Ok(if revived { Decision::Changed(()) } else { Decision::Unchanged(()) })
    }
}
