//! Marks everything that an account of a workspace has as stale, so that whatever was lost is fetched.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{Actor, Claim, GatewayAccountId, StripeId, SyncTarget, WorkspaceId};
use chrono::TimeDelta;

use super::{Outcome, WorkError, Worker};
use crate::accounts::{RECONCILED_EVERY, reconciliation_of};
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;
use crate::sync::sync_of;

/// The number of objects that one transaction marks.
const CHUNK: usize = 200;
const PAGE: u32 = 100;
/// The time between two chunks, so that webhooks do not wait behind all that is fetched again.
const BETWEEN_CHUNKS: TimeDelta = TimeDelta::seconds(10);
/// The time over which all chunks are spread at most. With [`RECONCILED_EVERY`] it is within 15 minutes (I5).
const SPREAD_AT_MOST: TimeDelta = TimeDelta::minutes(4);

pub(super) async fn perform(worker: &Worker, claim: &Claim) -> Result<Outcome, WorkError> {
    let workspace = &claim.id.workspace_id;
    let account = GatewayAccountId::parse(claim.id.key.as_str()).map_err(|_| WorkError::UnknownKey)?;
    let scope = worker.executor.scope_of(workspace, &account).await?;
    let mut targets: Vec<SyncTarget> = worker
        .ports
        .gateway
        .objects(&account, &scope)
        .await?
        .into_iter()
        .filter_map(SyncTarget::of)
        .collect();
    targets.extend(open_sessions(worker, workspace, &account).await?);
    // In the order in which webhooks mark, so that neither waits for the other in a circle.
    targets.sort_by_cached_key(|target| target.work_key(&account));
    let chunks = targets.chunks(CHUNK);
    let count = i32::try_from(chunks.len()).unwrap_or(i32::MAX).max(1);
    let spacing = BETWEEN_CHUNKS.min(SPREAD_AT_MOST / count);
    for (chunk, number) in chunks.zip(0..) {
        let after = spacing * number;
        let mark = MarkStale { account: account.clone(), targets: chunk.to_vec(), after };
        let marked = worker.executor.change_as(workspace, &Actor::Recovery, &mark).await;
        marked.map_err(StoreError::from)?;
    }
    worker.executor.complete_with(claim, &Actor::Recovery, &ReconcileAgain(account)).await?;
    Ok(Outcome::Synced)
}

/// The sessions of the intents that are not closed.
async fn open_sessions(
    worker: &Worker,
    workspace: &WorkspaceId,
    account: &GatewayAccountId,
) -> Result<Vec<SyncTarget>, StoreError> {
    let mut sessions: Vec<StripeId> = Vec::new();
    let mut after = None;
    loop {
        let intents = worker.ports.store.checkout_intents();
        let page = intents.unclosed_checkout_intents(workspace, after, PAGE).await?;
        let of_account = page.iter().filter(|intent| intent.account == *account);
        sessions.extend(of_account.filter_map(|intent| intent.session.clone()).map(|session| session.id));
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.id),
            _ => return Ok(sessions.into_iter().map(SyncTarget::CheckoutSession).collect()),
        }
    }
}

/// Schedules the reconciliation of every account of every workspace now, as a process does at its start and
/// `billing-server reconcile` does.
pub(super) async fn all(worker: &Worker) -> Result<u64, StoreError> {
    let (mut after, mut scheduled) = (None, 0);
    loop {
        let page = worker.ports.store.gateway_links().workspaces_with_accounts(after, PAGE).await?;
        for (workspace, account) in &page {
            let reconcile = ReconcileNow(account.clone());
            match worker.executor.change_as(workspace, &Actor::Recovery, &reconcile).await {
                Ok(()) => scheduled += 1,
                Err(error) => {
                    let error = billing_domain::ports::error_chain(&error);
                    tracing::error!(workspace_id = %workspace, %error, "a reconciliation is not scheduled");
                }
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.clone()),
            _ => return Ok(scheduled),
        }
    }
}

struct MarkStale {
    account: GatewayAccountId,
    targets: Vec<SyncTarget>,
    after: TimeDelta,
}

#[async_trait]
impl Change for MarkStale {
    const NAME: &'static str = "mark_stale";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        for target in &self.targets {
            let id = sync_of(&tx.workspace.id, &self.account, target);
            tx.work.work().schedule(&id, tx.now + self.after).await?;
        }
        tx.wakes_worker = true;
        Ok(Decision::Changed(()))
    }
}

/// Schedules the next reconciliation of an account.
struct ReconcileAgain(GatewayAccountId);

#[async_trait]
impl Change for ReconcileAgain {
    const NAME: &'static str = "reconcile_again";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        let reconciliation = reconciliation_of(&tx.workspace.id, &self.0);
        tx.work.work().schedule(&reconciliation, tx.now + RECONCILED_EVERY).await?;
        Ok(Decision::Changed(()))
    }
}

/// Schedules the reconciliation of an account now.
struct ReconcileNow(GatewayAccountId);

#[async_trait]
impl Change for ReconcileNow {
    const NAME: &'static str = "reconcile_now";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        let reconciliation = reconciliation_of(&tx.workspace.id, &self.0);
        tx.schedule_now(&reconciliation).await?;
        Ok(Decision::Changed(()))
    }
}
