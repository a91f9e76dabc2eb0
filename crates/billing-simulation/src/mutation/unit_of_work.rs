//! A transaction with a weakened rule.

mod answers;
mod calls;

use std::sync::Arc;

use async_trait::async_trait;
use billing_domain::ports::{
    AnsweredRequests, AppRepository, AuditLog, BillingStore, CheckoutIntentRepository, FeatureRepository,
    GatewayCallRepository, GatewayLinkRepository, InvoiceRepository, PlanRepository, StoreError,
    SubscriptionRepository, SwitchRepository, UnitOfWork, WorkRepository,
};
use billing_domain::{
    Actor, AppId, AuditEntry, BillingSwitch, Blockers, Claim, Completion, GatewayAccountId, Payer,
    StripeSubscriptionId, Subscription, SubscriptionId, Timestamp, Version, WorkId, WorkKind, WorkPriority,
    WorkspaceBilling, WorkspaceId, WorkspaceSubscription,
};

use super::Mutation;

pub(super) struct WeakUnitOfWork {
    /// Absent only while one transaction follows another.
    inner: Option<Box<dyn UnitOfWork>>,
    store: Arc<dyn BillingStore>,
    mutation: Mutation,
    /// The entries to write after the commit.
    entries: Vec<AuditEntry>,
}

impl WeakUnitOfWork {
    pub(super) fn new(inner: Box<dyn UnitOfWork>, store: Arc<dyn BillingStore>, mutation: Mutation) -> Self {
        Self { inner: Some(inner), store, mutation, entries: Vec::new() }
    }

    fn is(&self, mutation: Mutation) -> bool {
        self.mutation == mutation
    }

    fn inner(&mut self) -> &mut dyn UnitOfWork {
        self.inner.as_mut().unwrap().as_mut()
    }

    /// Whether work of this kind is never done.
    fn forgets(&self, kind: WorkKind) -> bool {
        let forgotten = match self.mutation {
            Mutation::ClosingNotRecovered => WorkKind::RecoverClosing,
            Mutation::CallsNotSettled => WorkKind::SettleCall,
            Mutation::NoReconciliation => WorkKind::Reconcile,
            _ => return false,
        };
        kind == forgotten
    }
}

#[async_trait]
impl UnitOfWork for WeakUnitOfWork {
    fn switches(&mut self) -> &mut dyn SwitchRepository {
        self
    }

    fn apps(&mut self) -> &mut dyn AppRepository {
        self.inner().apps()
    }

    fn plans(&mut self) -> &mut dyn PlanRepository {
        self.inner().plans()
    }

    fn features(&mut self) -> &mut dyn FeatureRepository {
        self.inner().features()
    }

    fn checkout_intents(&mut self) -> &mut dyn CheckoutIntentRepository {
        self.inner().checkout_intents()
    }

    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepository {
        self
    }

    fn invoices(&mut self) -> &mut dyn InvoiceRepository {
        self.inner().invoices()
    }

    fn gateway_calls(&mut self) -> &mut dyn GatewayCallRepository {
        self
    }

    fn gateway_links(&mut self) -> &mut dyn GatewayLinkRepository {
        self.inner().gateway_links()
    }

    fn answered_requests(&mut self) -> &mut dyn AnsweredRequests {
        self
    }

    fn audit_log(&mut self) -> &mut dyn AuditLog {
        self
    }

    fn work(&mut self) -> &mut dyn WorkRepository {
        self
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.inner.take().unwrap().commit().await?;
        let Some(first) = self.entries.first() else { return Ok(()) };
        let mut work = self.store.begin(&first.workspace_id).await?;
        work.switches().lock_workspace(&first.workspace_id).await?;
        for entry in &self.entries {
            work.audit_log().append_audit_entry(entry).await?;
        }
        work.commit().await
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        match self.inner.take() {
            Some(inner) => inner.rollback().await,
            None => Ok(()),
        }
    }
}

#[async_trait]
impl SwitchRepository for WeakUnitOfWork {
    async fn lock_workspace(&mut self, workspace: &WorkspaceId) -> Result<WorkspaceBilling, StoreError> {
        let locked = self.inner().switches().lock_workspace(workspace).await?;
        match (self.mutation, locked.switch) {
            (Mutation::NoLock, _) => {
                self.inner.take().unwrap().rollback().await?;
                self.inner = Some(self.store.begin(workspace).await?);
                self.inner().switches().lock_workspace(workspace).await?;
                Ok(locked)
            }
            (Mutation::NoClosing, BillingSwitch::Closing { since, gateway, .. }) => {
                Ok(WorkspaceBilling { switch: BillingSwitch::Enabled { since, gateway }, ..locked })
            }
            _ => Ok(locked),
        }
    }

    async fn save_switch(
        &mut self,
        workspace: &WorkspaceId,
        loaded: Version,
        switch: &BillingSwitch,
    ) -> Result<Version, StoreError> {
        self.inner().switches().save_switch(workspace, loaded, switch).await
    }

    async fn blockers(&mut self, workspace: &WorkspaceId) -> Result<Blockers, StoreError> {
        self.inner().switches().blockers(workspace).await
    }
}

#[async_trait]
impl AuditLog for WeakUnitOfWork {
    async fn append_audit_entry(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        match self.mutation {
            Mutation::AuditAfterCommit => {
                self.entries.push(entry.clone());
                Ok(())
            }
            Mutation::WorkerNotAudited if entry.actor == Actor::Recovery => Ok(()),
            _ => self.inner().audit_log().append_audit_entry(entry).await,
        }
    }
}

#[async_trait]
impl SubscriptionRepository for WeakUnitOfWork {
    async fn subscription_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscription: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        self.inner().subscriptions().subscription_to_change(workspace, app, subscription).await
    }

    async fn mirrored_subscription(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeSubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        self.inner().subscriptions().mirrored_subscription(workspace, account, stripe_id).await
    }

    async fn live_subscriptions_of(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<Vec<Subscription>, StoreError> {
        if self.is(Mutation::DuplicateGoesOn) {
            return Ok(Vec::new());
        }
        self.inner().subscriptions().live_subscriptions_of(workspace, app, payer).await
    }

    async fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError> {
        self.inner().subscriptions().save_subscription(subscription).await
    }

    async fn count_subscriptions_anew(&mut self, workspace: &WorkspaceId) -> Result<(), StoreError> {
        self.inner().subscriptions().count_subscriptions_anew(workspace).await
    }

    async fn workspace_subscription(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeSubscriptionId,
    ) -> Result<Option<WorkspaceSubscription>, StoreError> {
        self.inner().subscriptions().workspace_subscription(workspace, account, stripe_id).await
    }

    async fn save_workspace_subscription(
        &mut self,
        subscription: &WorkspaceSubscription,
    ) -> Result<(), StoreError> {
        self.inner().subscriptions().save_workspace_subscription(subscription).await
    }

    async fn had_trial(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<bool, StoreError> {
        let had = self.inner().subscriptions().had_trial(workspace, app, payer).await?;
        Ok(had && !self.is(Mutation::TrialTwice))
    }

    async fn record_trial(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.inner().subscriptions().record_trial(workspace, app, payer, at).await
    }
}

#[async_trait]
impl WorkRepository for WeakUnitOfWork {
    async fn schedule(&mut self, id: &WorkId, due_at: Timestamp) -> Result<(), StoreError> {
        if self.forgets(id.kind) {
            return Ok(());
        }
        self.inner().work().schedule(id, due_at).await
    }

    async fn schedule_all(
        &mut self,
        workspace: &WorkspaceId,
        kind: WorkKind,
        keys: &[String],
        priority: WorkPriority,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        if self.forgets(kind) {
            return Ok(());
        }
        self.inner().work().schedule_all(workspace, kind, keys, priority, due_at).await
    }

    async fn ensure(&mut self, id: &WorkId, due_at: Timestamp) -> Result<bool, StoreError> {
        if self.forgets(id.kind) {
            return Ok(false);
        }
        self.inner().work().ensure(id, due_at).await
    }

    async fn keys_set_aside(
        &mut self,
        workspace: &WorkspaceId,
        kind: WorkKind,
    ) -> Result<Vec<String>, StoreError> {
        self.inner().work().keys_set_aside(workspace, kind).await
    }

    async fn cancel(&mut self, id: &WorkId) -> Result<(), StoreError> {
        self.inner().work().cancel(id).await
    }

    async fn claim(
        &mut self,
        id: &WorkId,
        lease: &str,
        now: Timestamp,
        horizon: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        self.inner().work().claim(id, lease, now, horizon, until).await
    }

    async fn renew(&mut self, claim: &Claim, until: Timestamp) -> Result<bool, StoreError> {
        self.inner().work().renew(claim, until).await
    }

    async fn complete(&mut self, claim: &Claim, now: Timestamp) -> Result<Completion, StoreError> {
        self.inner().work().complete(claim, now).await
    }

    async fn postpone(
        &mut self,
        claim: &Claim,
        due_at: Timestamp,
        reason: &str,
    ) -> Result<Completion, StoreError> {
        self.inner().work().postpone(claim, due_at, reason).await
    }

    async fn set_aside(
        &mut self,
        claim: &Claim,
        now: Timestamp,
        reason: &str,
    ) -> Result<Completion, StoreError> {
        self.inner().work().set_aside(claim, now, reason).await
    }
}
