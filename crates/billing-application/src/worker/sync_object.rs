//! Fetches an object whose mirror is stale, and writes what it got.

use std::time::Duration;

use billing_domain::ports::{StoreError, error_chain};
use billing_domain::{Actor, Claim, GatewayAccountId, SyncTarget, WorkId, WorkspaceId};

use super::{Outcome, WorkError, Worker};
use crate::change::Executor;
use crate::guard::is_own_account;
use crate::sync::{FollowInvoice, FollowSession, FollowSubscription, sync_of};

pub(super) async fn perform(worker: &Worker, claim: &Claim) -> Result<Outcome, WorkError> {
    let (account, target) = SyncTarget::parse_work_key(&claim.id.key).ok_or(WorkError::UnknownKey)?;
    let (gateway, executor) = (&worker.ports.gateway, &worker.executor);
    match target {
        SyncTarget::CheckoutSession(id) => match gateway.checkout_session(&account, &id).await? {
            Some(session) => {
                let follow = FollowSession { account, session };
                executor.complete_with(claim, &Actor::Stripe, &follow).await?;
            }
            None => worker.complete(claim).await?,
        },
        SyncTarget::Subscription(id) => {
            let id = id.into();
            let fetched = gateway.subscription(&account, &id).await?;
            let is_own_account = is_own_account(&worker.ports, &claim.id.workspace_id, &account).await?;
            executor
                .complete_with(
                    claim,
                    &Actor::Stripe,
                    &FollowSubscription { account, id, fetched, is_own_account },
                )
                .await?;
        }
        SyncTarget::Invoice(id) => {
            let fetched = gateway.invoice(&account, &id).await?;
            executor.complete_with(claim, &Actor::Stripe, &FollowInvoice { account, id, fetched }).await?;
        }
    }
    Ok(Outcome::Synced)
}

/// The number of times a row that another worker holds is tried, and the time between.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

impl Executor {
    /// Fetches an object now and writes what it got, so that the next read shows it. If that fails, the mirror is stale
    /// and follows later.
    pub(crate) async fn sync_now(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        target: &SyncTarget,
    ) {
        let worker = Worker::new(self.ports.clone());
        if let Err(error) = worker.sync_now(&sync_of(workspace, account, target)).await {
            let error = error_chain(&error);
            tracing::warn!(workspace_id = %workspace, object = %target.id(), %error, "not fetched at once");
        }
    }
}

impl Worker {
    async fn sync_now(&self, id: &WorkId) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            if let Some(claim) = self.schedule_and_claim(id).await? {
                if let Err(failure) = perform(self, &claim).await {
                    self.end_failed(&claim, &failure).await?;
                }
                return Ok(());
            }
            // The worker that holds the row may have fetched before the change: it has to fetch again, or we do.
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
        Ok(())
    }
}
