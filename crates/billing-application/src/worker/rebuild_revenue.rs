//! Makes the figures of revenue anew from the facts.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::Actor;
use billing_domain::ports::{StoreError, error_chain};

use super::Worker;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

const PAGE: u32 = 100;

impl Worker {
    /// Makes the totals of revenue and the counts of subscriptions of every workspace anew, from the changes and the
    /// mirrors. Returns the numbers of workspaces whose figures were made, and of those whose could not be. May be repeated.
    ///
    /// # Errors
    /// [`StoreError`] when the workspaces cannot be listed. One whose figures cannot be made is logged.
    pub async fn rebuild_revenue(&self) -> Result<(u64, u64), StoreError> {
        rebuild(self).await
    }
}

async fn rebuild(worker: &Worker) -> Result<(u64, u64), StoreError> {
    let (mut after, mut rebuilt, mut failed) = (None, 0, 0);
    loop {
        let page = worker.ports.store.gateway_links().workspaces_with_accounts(after, PAGE).await?;
        let mut workspaces: Vec<_> = page.iter().map(|(workspace, _)| workspace).collect();
        workspaces.dedup();
        for workspace in workspaces {
            match worker.executor.change_as(workspace, &Actor::Recovery, &RebuildRevenue).await {
                Ok(()) => rebuilt += 1,
                Err(error) => {
                    failed += 1;
                    let error = error_chain(&error);
                    tracing::error!(workspace_id = %workspace, %error, "the figures of revenue are not made anew");
                }
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.clone()),
            _ => return Ok((rebuilt, failed)),
        }
    }
}

/// Makes the figures of a workspace anew.
struct RebuildRevenue;

#[async_trait]
impl Change for RebuildRevenue {
    const NAME: &'static str = "rebuild_revenue";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        // It has no audit entry: figures are derived, and the facts stay as they are.
        tx.work.revenue().rebuild_revenue(&tx.workspace.id).await?;
        Ok(Decision::Changed(()))
    }
}
