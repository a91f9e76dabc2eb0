use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::{WorkId, WorkKind};
use serde::Serialize;

use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Tries work of the workspace again that was set aside, as if it had never been tried. Answers whether it was set aside.
/// May be repeated.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayWork {
    /// The kind of work.
    #[serde(serialize_with = "word")]
    pub kind: WorkKind,
    /// The object of the work.
    pub key: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference to the field")]
fn word<S: serde::Serializer>(kind: &WorkKind, serializer: S) -> Result<S::Ok, S::Error> {
    kind.as_str().serialize(serializer)
}

#[async_trait]
impl Change for ReplayWork {
    const NAME: &'static str = "replay_work_set_aside";
    type Answer = bool;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<bool>, Refused<Infallible>> {
        let (workspace_id, key) = (tx.workspace.id.clone(), self.key.clone());
        let id = WorkId { workspace_id, kind: self.kind, key };
        // Only what is there may be scheduled: the key comes from outside.
        let Some(set_aside) = tx.work.work().row_set_aside(&id).await? else {
            return Ok(Decision::Unchanged(false));
        };
        tx.work.work().ensure(&id, tx.now).await?;
        tx.audit_deleted(&set_aside).await?;
        tx.wakes_worker = true;
        Ok(Decision::Changed(true))
    }
}
