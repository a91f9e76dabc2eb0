//! Doubles of the ports for unit tests.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use mockall::mock;

use super::{
    AppRepository, AuditLog, BillingStore, CheckoutIntentRepository, Clock, IdGenerator, StoreError,
    SubscriptionRepository, SwitchRepository, UnitOfWork,
};
use crate::{
    AppId, AuditEntry, BillingSwitch, Blockers, CheckoutIntent, CheckoutIntentId, CheckoutIntentState,
    Subscription, Timestamp, Version, WorkspaceBilling, WorkspaceId, WorkspaceSubscription,
};

/// A clock that stands still.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Ids that count up from one.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl IdGenerator for SequentialIds {
    fn uuid_v7(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

mock! {
    pub BillingStore {}

    #[async_trait]
    impl BillingStore for BillingStore {
        async fn billing_switch(&self, workspace: &WorkspaceId) -> Result<BillingSwitch, StoreError>;
        async fn blockers(&self, workspace: &WorkspaceId) -> Result<Blockers, StoreError>;
        async fn closing_workspaces(
            &self,
            after: Option<WorkspaceId>,
            limit: u32,
        ) -> Result<Vec<WorkspaceId>, StoreError>;
        async fn audit_entries(
            &self,
            workspace: &WorkspaceId,
            limit: u32,
        ) -> Result<Vec<AuditEntry>, StoreError>;
        async fn readiness(&self) -> Result<(), StoreError>;
        async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;
    }
}

mock! {
    pub UnitOfWork {}

    #[async_trait]
    impl SwitchRepository for UnitOfWork {
        async fn lock_workspace(
            &mut self,
            workspace: &WorkspaceId,
        ) -> Result<WorkspaceBilling, StoreError>;
        async fn save_switch(
            &mut self,
            workspace: &WorkspaceId,
            loaded: Version,
            switch: &BillingSwitch,
        ) -> Result<Version, StoreError>;
        async fn blockers(&mut self, workspace: &WorkspaceId) -> Result<Blockers, StoreError>;
    }

    #[async_trait]
    impl AppRepository for UnitOfWork {
        async fn insert_app_if_absent(
            &mut self,
            workspace: &WorkspaceId,
            app: &AppId,
            name: &str,
            now: Timestamp,
        ) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl CheckoutIntentRepository for UnitOfWork {
        async fn insert_checkout_intent(
            &mut self,
            intent: &CheckoutIntent,
        ) -> Result<(), StoreError>;
        async fn advance_checkout_intent(
            &mut self,
            workspace: &WorkspaceId,
            intent: CheckoutIntentId,
            from: CheckoutIntentState,
            to: CheckoutIntentState,
        ) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl SubscriptionRepository for UnitOfWork {
        async fn save_subscription(
            &mut self,
            subscription: &Subscription,
        ) -> Result<(), StoreError>;
        async fn save_workspace_subscription(
            &mut self,
            subscription: &WorkspaceSubscription,
        ) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl AuditLog for UnitOfWork {
        async fn append_audit_entry(&mut self, entry: &AuditEntry) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl UnitOfWork for UnitOfWork {
        async fn commit(self: Box<Self>) -> Result<(), StoreError>;
        async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
    }
}
