//! Marks everything that an account of a workspace has as stale, so that whatever was lost is fetched.
//!
//! An account is reconciled in parts, each a row of work of its own whose key has the place at which it begins: a page of
//! the account's lists, or some customers of a shared account. So it takes as long as it needs, and holds up no worker. The
//! kept numbers of the workspace's sales are made anew too.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::{GatewayScope, ObjectPage, StoreError};
use billing_domain::{
    Actor, Claim, GatewayAccountId, StripeId, SyncTarget, WorkId, WorkKind, WorkPriority, WorkspaceId,
};
use chrono::TimeDelta;

use super::{Outcome, WorkError, Worker};
use crate::accounts::{RECONCILED_EVERY, reconciliation_of};
use crate::change::{Change, Decision, Gate, Tx};
use crate::guard::is_own_account;
use crate::refusal::Refused;

/// The number of customers of one part.
const CUSTOMERS: u32 = 20;
const PAGE: u32 = 100;
/// The lists of objects: one request each for a customer, or for a page of an account.
const LISTS: u32 = 2;
/// The requests to Stripe in a second for an account of a workspace: fewer than half of those that Stripe allows in test
/// mode. The next part waits until the objects of this one are due, and for as long as its lists take at this rate.
const REQUESTS_A_SECOND: u32 = 12;
/// The time between the beginnings of two reconciliations, when all begin.
const BETWEEN_ACCOUNTS: TimeDelta = TimeDelta::seconds(2);

pub(super) async fn perform(worker: &Worker, claim: &Claim) -> Result<Outcome, WorkError> {
    let workspace = &claim.id.workspace_id;
    let (account, after) = parse_key(&claim.id.key).ok_or(WorkError::UnknownKey)?;
    let Part { page: ObjectPage { ids, next }, requests } =
        part(worker, workspace, &account, after.clone()).await?;
    let mut targets: Vec<SyncTarget> = ids.into_iter().filter_map(SyncTarget::of).collect();
    if after.is_none() {
        targets.extend(open_sessions(worker, workspace, &account).await?);
    }
    let mark = MarkStale { account, targets, next, requests, is_first: after.is_none() };
    worker.executor.complete_with(claim, &Actor::Recovery, &mark).await?;
    Ok(Outcome::Synced)
}

/// The work that goes on after an object or a customer.
fn continuation_of(workspace: &WorkspaceId, account: &GatewayAccountId, after: &StripeId) -> WorkId {
    let key = format!("{account}/{after}");
    WorkId { workspace_id: workspace.clone(), kind: WorkKind::Reconcile, key }
}

fn parse_key(key: &str) -> Option<(GatewayAccountId, Option<StripeId>)> {
    let (account, after) = match key.split_once('/') {
        Some((account, after)) => (account, Some(StripeId::parse(after).ok()?)),
        None => (key, None),
    };
    Some((GatewayAccountId::parse(account).ok()?, after))
}

/// A part's objects, and the requests that list them.
struct Part {
    page: ObjectPage,
    requests: u32,
}

/// The part that begins after an object, or after a customer on a shared account. If the account has become shared or one's
/// own meanwhile, it begins anew.
async fn part(
    worker: &Worker,
    workspace: &WorkspaceId,
    account: &GatewayAccountId,
    after: Option<StripeId>,
) -> Result<Part, WorkError> {
    let gateway = &worker.ports.gateway;
    let is_own = is_own_account(&worker.ports, workspace, account).await?;
    let after = after.filter(|after| SyncTarget::of(after.clone()).is_some() == is_own);
    if is_own {
        let page = gateway.objects(account, &GatewayScope::Account, after).await?;
        return Ok(Part { page, requests: LISTS });
    }
    let links = worker.ports.store.gateway_links();
    let customers = links.customers(workspace, account, after, CUSTOMERS).await?;
    let next = customers.last().filter(|_| customers.len() == CUSTOMERS as usize).cloned();
    let requests = LISTS * u32::try_from(customers.len()).unwrap_or(CUSTOMERS);
    let objects = gateway.objects(account, &GatewayScope::Customers(customers), None).await?;
    Ok(Part { page: ObjectPage { next, ..objects }, requests })
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

/// Schedules the reconciliation of every account of every workspace, one after another from now on, as a process does at
/// its start and `billing-server reconcile` does.
pub(super) async fn all(worker: &Worker) -> Result<u64, StoreError> {
    let (mut after, mut scheduled) = (None, 0);
    loop {
        let page = worker.ports.store.gateway_links().workspaces_with_accounts(after, PAGE).await?;
        for (workspace, account) in &page {
            let after = BETWEEN_ACCOUNTS * i32::try_from(scheduled).unwrap_or(i32::MAX);
            let reconcile = ReconcileAnew { account: account.clone(), after };
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

/// Marks the objects of a part as stale, and schedules the next part or else the next reconciliation. With the first part the
/// sales are counted anew: a process of an older version saves them without counting.
struct MarkStale {
    account: GatewayAccountId,
    targets: Vec<SyncTarget>,
    next: Option<StripeId>,
    /// The number of requests that have listed them.
    requests: u32,
    is_first: bool,
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
        if self.is_first {
            tx.work.subscriptions().count_subscriptions_anew(&tx.workspace.id).await?;
            tx.work.invoices().count_invoices_anew(&tx.workspace.id).await?;
        }
        let mut keys: Vec<_> = self.targets.iter().map(|target| target.work_key(&self.account)).collect();
        // Sorted to avoid deadlocks with webhook batches.
        keys.sort_unstable();
        keys.dedup();
        let mut due_at = tx.now;
        for keys in keys.chunks(REQUESTS_A_SECOND as usize) {
            let (kind, priority) = (WorkKind::SyncObject, WorkPriority::Background);
            tx.work.work().schedule_all(&tx.workspace.id, kind, keys, priority, due_at).await?;
            due_at += TimeDelta::seconds(1);
        }
        let requests = u32::try_from(keys.len()).unwrap_or(u32::MAX).saturating_add(self.requests);
        let passed = TimeDelta::seconds(requests.div_ceil(REQUESTS_A_SECOND).into());
        tx.wakes_worker = true;
        let (next, after) = match &self.next {
            Some(next) => (continuation_of(&tx.workspace.id, &self.account, next), passed),
            None => (reconciliation_of(&tx.workspace.id, &self.account), RECONCILED_EVERY),
        };
        tx.schedule_in_background(&next, tx.now + after).await?;
        Ok(Decision::Changed(()))
    }
}

/// Schedules the reconciliation of an account, and removes its parts that were set aside: it begins anew.
struct ReconcileAnew {
    account: GatewayAccountId,
    /// The time until then.
    after: TimeDelta,
}

#[async_trait]
impl Change for ReconcileAnew {
    const NAME: &'static str = "reconcile_anew";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        for key in tx.work.work().keys_set_aside(&tx.workspace.id, WorkKind::Reconcile).await? {
            if let Some((account, Some(after))) = parse_key(&key)
                && account == self.account
            {
                let part = continuation_of(&tx.workspace.id, &account, &after);
                tx.work.work().cancel(&part).await?;
            }
        }
        let reconciliation = reconciliation_of(&tx.workspace.id, &self.account);
        tx.schedule_in_background(&reconciliation, tx.now + self.after).await?;
        tx.wakes_worker = true;
        Ok(Decision::Changed(()))
    }
}
