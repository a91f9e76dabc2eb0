//! Drives a call that its caller did not bring to its end.

use billing_domain::{Actor, Claim, GatewayCallId};

use super::{Outcome, WorkError, Worker};

pub(super) async fn perform(worker: &Worker, claim: &Claim) -> Result<Outcome, WorkError> {
    let workspace = &claim.id.workspace_id;
    let Ok(id) = GatewayCallId::parse(&claim.id.key) else { return Err(WorkError::UnknownKey) };
    let call = worker.ports.store.gateway_calls().gateway_call(workspace, id).await?;
    let Some(call) = call.filter(billing_domain::GatewayCall::is_unresolved) else {
        worker.complete(claim).await?;
        return Ok(Outcome::Obsolete);
    };
    worker.executor.drive(&Actor::Recovery, &call, false).await?;
    // Recording the outcome has removed the row.
    match worker.complete(claim).await {
        Ok(()) | Err(WorkError::LeaseLost) => Ok(Outcome::Settled),
        Err(error) => Err(error),
    }
}

impl From<crate::calls::CallError> for WorkError {
    fn from(error: crate::calls::CallError) -> Self {
        match error {
            crate::calls::CallError::Gateway(error) => Self::Gateway(error),
            crate::calls::CallError::Store(error) => Self::Store(error),
        }
    }
}
