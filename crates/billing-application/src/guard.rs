//! The guard: nothing that Stripe can still charge is overlooked before billing is disabled (contract, section 5, I1).
//!
//! It runs while the workspace is closing, so that no checkout begins. Unknown outcomes are settled first, since a call
//! on its way may make something that a list does not show yet. Then every session is ended, and at last Stripe is
//! asked for all that it can charge for.

use std::collections::HashSet;

use billing_domain::ports::{GatewayScope, StoreError, error_chain};
use billing_domain::{
    Actor, ChargeableKind, ChargeableObject, CheckoutIntentId, CheckoutIntentState, GatewayAccountId,
    SyncTarget, WorkspaceId,
};

use crate::Ports;
use crate::calls::CallError;
use crate::change::Executor;
use crate::checkout::{MOST_CALLS_TO_END, PrepareEnd};
use crate::sync::sync_of;

const PAGE: u32 = 100;

impl Executor {
    /// Settles what is unknown, ends every open session, and lists what Stripe can charge for.
    ///
    /// # Errors
    /// [`CallError`]: it is not known whether someone can be charged.
    pub(crate) async fn guard(
        &self,
        workspace: &WorkspaceId,
        actor: &Actor,
    ) -> Result<Vec<ChargeableObject>, CallError> {
        self.settle_calls(workspace, actor).await?;
        self.end_sessions(workspace, actor).await?;
        let found = chargeable(&self.ports, workspace).await?;
        self.sync_missing(workspace, &found).await?;
        Ok(found)
    }

    /// Drives every call of unknown outcome to its end. One through which nobody is charged may stay unknown.
    async fn settle_calls(&self, workspace: &WorkspaceId, actor: &Actor) -> Result<(), CallError> {
        let mut after = None;
        loop {
            let calls = self.ports.store.gateway_calls().unresolved_calls(workspace, after, PAGE).await?;
            for call in &calls {
                match self.drive(actor, call, true).await {
                    Err(CallError::Gateway(error)) if call.purpose.leaves_charges_alone() => {
                        tracing::warn!(call = %call.id, error = %error_chain(&error), "a call stays unresolved");
                    }
                    driven => drop(driven?),
                }
            }
            match calls.last() {
                Some(last) if calls.len() == PAGE as usize => after = Some(last.id),
                _ => return Ok(()),
            }
        }
    }

    /// Ends the session of every intent that is not closed. One that was paid meanwhile is a sale: its subscription is
    /// fetched.
    async fn end_sessions(&self, workspace: &WorkspaceId, actor: &Actor) -> Result<(), CallError> {
        let mut after = None;
        loop {
            let intents = self.ports.store.checkout_intents();
            let page = intents.unclosed_checkout_intents(workspace, after, PAGE).await?;
            for intent in &page {
                for _ in 0..MOST_CALLS_TO_END {
                    let prepared = self.change_as(workspace, actor, &PrepareEnd(intent.id)).await;
                    let Some(call) = prepared.map_err(StoreError::from)? else { break };
                    self.drive(actor, &call, true).await?;
                }
                self.sync_sale(workspace, intent.id).await?;
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = Some(last.id),
                _ => return Ok(()),
            }
        }
    }

    /// Fetches the subscription of an intent that was paid.
    async fn sync_sale(&self, workspace: &WorkspaceId, intent: CheckoutIntentId) -> Result<(), CallError> {
        let intent = self.ports.store.checkout_intents().checkout_intent(workspace, intent).await?;
        let Some(intent) = intent.filter(|intent| intent.state == CheckoutIntentState::Complete) else {
            return Ok(());
        };
        let Some(session) = &intent.session else { return Ok(()) };
        let session = self.ports.gateway.checkout_session(&intent.account, &session.id).await?;
        if let Some(subscription) = session.and_then(|session| session.subscription) {
            let target = SyncTarget::Subscription(subscription.into());
            self.sync_all_now(&[sync_of(workspace, &intent.account, &target)]).await;
        }
        Ok(())
    }

    /// Fetches the live subscriptions of the mirror that Stripe does not list as live: the mirror is stale.
    async fn sync_missing(
        &self,
        workspace: &WorkspaceId,
        found: &[ChargeableObject],
    ) -> Result<(), CallError> {
        let subscriptions = found.iter().filter(|object| object.kind == ChargeableKind::Subscription);
        let found: HashSet<_> = subscriptions.map(|object| (&object.account, &object.id)).collect();
        let mut after = None;
        loop {
            let live = self.ports.store.subscriptions().live_subscriptions(workspace, after, PAGE).await?;
            let missing = live.iter().filter(|it| !found.contains(&(&it.account, &it.stripe_id)));
            let stale: Vec<_> = missing
                .map(|it| sync_of(workspace, &it.account, &SyncTarget::Subscription(it.stripe_id.clone())))
                .collect();
            self.sync_all_now(&stale).await;
            match live.last() {
                Some(last) if live.len() == PAGE as usize => after = Some(last.id),
                _ => return Ok(()),
            }
        }
    }
}

/// All that Stripe can charge for on every account that the workspace ever used.
///
/// # Errors
/// [`CallError`].
pub(crate) async fn chargeable(
    ports: &Ports,
    workspace: &WorkspaceId,
) -> Result<Vec<ChargeableObject>, CallError> {
    let mut found = Vec::new();
    for account in ports.store.gateway_links().gateway_accounts(workspace).await? {
        let scope = scope_of(ports, workspace, &account).await?;
        found.extend(ports.gateway.chargeable(&account, &scope).await?);
    }
    Ok(found)
}

async fn scope_of(
    ports: &Ports,
    workspace: &WorkspaceId,
    account: &GatewayAccountId,
) -> Result<GatewayScope, StoreError> {
    if is_own_account(ports, workspace, account).await? {
        return Ok(GatewayScope::Account);
    }
    let mut customers = Vec::new();
    loop {
        let links = ports.store.gateway_links();
        let page = links.customers(workspace, account, customers.last().cloned(), PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        customers.extend(page);
        if is_last {
            return Ok(GatewayScope::Customers(customers));
        }
    }
}

/// Whether everything on the account is the workspace's: an account of one key may serve several workspaces.
pub(crate) async fn is_own_account(
    ports: &Ports,
    workspace: &WorkspaceId,
    account: &GatewayAccountId,
) -> Result<bool, StoreError> {
    Ok(ports.gateway.serves_one_workspace(account)
        && !ports.store.gateway_links().is_used_by_others(workspace, account).await?)
}
