//! Finds the subscriptions by which workspaces pay the platform whose events were all lost. No list of a workspace's own
//! accounts has them.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::{PayingWorkspace, error_chain};
use billing_domain::{Actor, Gateway, SyncTarget, WorkspaceId};

use super::Worker;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;
use crate::sync::sync_of;

impl Worker {
    /// Has every live subscription by which a workspace pays the platform fetched, unless its fetch is scheduled, as that of
    /// each mirrored one is. Returns how many were not. May be repeated. What cannot be listed or scheduled is logged.
    pub async fn reconcile_paying_workspaces(&self) -> u64 {
        let mut scheduled = 0;
        for gateway in Gateway::ALL {
            let listed = self.ports.gateway.paying_workspaces(gateway).await;
            let paying = listed.unwrap_or_else(|error| {
                tracing::warn!(%gateway, error = %error_chain(&error), "what workspaces pay cannot be listed");
                Vec::new()
            });
            for paying in paying {
                let (workspace, ensure) = (paying.workspace_id.clone(), EnsureFetch(paying));
                match self.executor.change_as(&workspace, &Actor::Recovery, &ensure).await {
                    Ok(is_new) => scheduled += u64::from(is_new),
                    Err(error) => log_unscheduled(&workspace, &error),
                }
            }
        }
        scheduled
    }
}

fn log_unscheduled(workspace: &WorkspaceId, error: &Refused<Infallible>) {
    let error = error_chain(error);
    tracing::error!(workspace_id = %workspace, %error, "what a workspace pays is not fetched");
}

/// Schedules the fetch of a subscription that has none scheduled. Returns whether it had none.
struct EnsureFetch(PayingWorkspace);

#[async_trait]
impl Change for EnsureFetch {
    const NAME: &'static str = "ensure_fetch";
    type Answer = bool;
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<bool>, Refused<Infallible>> {
        let PayingWorkspace { account, subscription, .. } = &self.0;
        let fetch =
            sync_of(&tx.workspace.id, account, &SyncTarget::Subscription(subscription.clone().into()));
        if !tx.work.work().ensure(&fetch, tx.now).await? {
            return Ok(Decision::Unchanged(false));
        }
        tx.wakes_worker = true;
        Ok(Decision::Changed(true))
    }
}
