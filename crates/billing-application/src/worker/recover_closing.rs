//! Ends a closing that its caller did not end, because the process was killed or the database unreachable. A live
//! caller may end it first.

use std::time::Duration;

use billing_domain::ports::{StoreError, error_chain};
use billing_domain::{Actor, ChargeableObject, Claim, WorkspaceId};

use super::claimed::ATTEMPTS;
use super::{Outcome, WorkError, Worker};
use crate::calls::CallError;
use crate::closing::{AbortClosing, FinishClosing, Finished, JoinClosing, ScheduleRecovery};

const PAGE: u32 = 100;
/// The time limit for the guard: a thousand customers, asked one by one six times at 25 requests a second, take four to
/// five minutes.
const GUARD_LIMIT: Duration = Duration::from_mins(10);
/// The time limit for the work of one claim.
pub(super) const TIME_LIMIT: Duration = Duration::from_mins(11);

pub(super) async fn perform(worker: &Worker, claim: &Claim) -> Result<Outcome, WorkError> {
    let workspace = &claim.id.workspace_id;
    let joined = worker.executor.change_as(workspace, &Actor::Recovery, &JoinClosing).await;
    let Some(version) = joined.map_err(StoreError::from)? else {
        worker.complete(claim).await?;
        return Ok(Outcome::Obsolete);
    };
    let Some(found) = found(worker, claim).await? else {
        worker.executor.complete_with(claim, &Actor::Recovery, &AbortClosing(version)).await?;
        return Ok(Outcome::Refused);
    };
    let finish = FinishClosing { version, found };
    Ok(match worker.executor.complete_with(claim, &Actor::Recovery, &finish).await? {
        Finished::Disabled => Outcome::Disabled,
        Finished::Refused(_) => Outcome::Refused,
        Finished::Superseded => Outcome::Obsolete,
    })
}

/// The findings of the guard; `None` if it cannot end: then billing stays on, for no workspace is closing for ever.
async fn found(worker: &Worker, claim: &Claim) -> Result<Option<Vec<ChargeableObject>>, WorkError> {
    let workspace = &claim.id.workspace_id;
    let guard = worker.executor.guard(workspace, &Actor::Recovery);
    let reason = match tokio::time::timeout(GUARD_LIMIT, guard).await {
        Ok(Ok(found)) => return Ok(Some(found)),
        Ok(Err(CallError::Store(error))) if claim.attempts < ATTEMPTS => return Err(error.into()),
        Ok(Err(error)) => error_chain(&error),
        Err(_elapsed) => format!("the guard took longer than {} seconds", GUARD_LIMIT.as_secs()),
    };
    tracing::warn!(workspace_id = %workspace, %reason, "billing stays on: it is not known what can be charged");
    Ok(None)
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
