//! Ends a closing that its caller did not end, because the process was killed or the database unreachable. A live
//! caller may end it first.

use billing_domain::ports::{StoreError, error_chain};
use billing_domain::{Actor, Claim, WorkspaceId};

use super::{Outcome, WorkError, Worker};
use crate::calls::CallError;
use crate::closing::{AbortClosing, FinishClosing, Finished, JoinClosing, ScheduleRecovery};

const PAGE: u32 = 100;

pub(super) async fn perform(worker: &Worker, claim: &Claim) -> Result<Outcome, WorkError> {
    let workspace = &claim.id.workspace_id;
    let joined = worker.executor.change_as(workspace, &Actor::Recovery, &JoinClosing).await;
    let Some(version) = joined.map_err(StoreError::from)? else {
        worker.complete(claim).await?;
        return Ok(Outcome::Obsolete);
    };
    let found = match worker.executor.guard(workspace, &Actor::Recovery).await {
        Ok(found) => found,
        Err(CallError::Store(error)) => return Err(error.into()),
        Err(CallError::Gateway(error)) => {
            tracing::warn!(
                workspace_id = %workspace, error = %error_chain(&error),
                "billing stays on: Stripe could not be asked"
            );
            worker.executor.complete_with(claim, &Actor::Recovery, &AbortClosing(version)).await?;
            return Ok(Outcome::Refused);
        }
    };
    Ok(
        match worker
            .executor
            .complete_with(claim, &Actor::Recovery, &FinishClosing { version, found })
            .await?
        {
            Finished::Disabled => Outcome::Disabled,
            Finished::Refused(_) => Outcome::Refused,
            Finished::Superseded => Outcome::Obsolete,
        },
    )
}

pub(super) async fn sweep(worker: &Worker) -> Result<(), StoreError> {
    let mut after: Option<WorkspaceId> = None;
    loop {
        let page = worker.ports.store.switches().unscheduled_closings(after, PAGE).await?;
        for workspace in &page {
            let scheduled = worker.executor.change_as(workspace, &Actor::Recovery, &ScheduleRecovery).await;
            if let Err(error) = scheduled {
                let error = error_chain(&error);
                tracing::error!(workspace_id = %workspace, %error, "the recovery of a closing is not scheduled");
            }
        }
        after = match page.last() {
            Some(last) if page.len() == PAGE as usize => Some(last.clone()),
            _ => return Ok(()),
        };
    }
}
