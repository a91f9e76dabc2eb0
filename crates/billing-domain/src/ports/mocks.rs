//! Doubles of the ports for unit tests.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use mockall::mock;

use super::{
    AnsweredRequest, AnsweredRequests, AppReader, AppRepository, AuditLog, BillingStore, CatalogReader,
    CatalogRepository, CheckoutIntentRepository, Clock, IdGenerator, StoreError, SubscriptionRepository,
    SwitchRepository, UnitOfWork,
};
use crate::{
    App, AppId, AuditEntry, AuditEntryId, BillingSwitch, Blockers, CheckoutIntent, CheckoutIntentId,
    CheckoutIntentState, Feature, FeatureId, FeatureKey, PayerKind, Plan, PlanId, PlanKey, PlanOffer, Price,
    RequestKey, Subscription, Timestamp, Version, WorkspaceBilling, WorkspaceId, WorkspaceSubscription,
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
    impl AppReader for BillingStore {
        async fn apps(
            &self,
            workspace: &WorkspaceId,
            after: Option<(Timestamp, AppId)>,
            limit: u32,
        ) -> Result<Vec<App>, StoreError>;
        async fn app(&self, workspace: &WorkspaceId, app: &AppId) -> Result<Option<App>, StoreError>;
    }

    #[async_trait]
    impl CatalogReader for BillingStore {
        async fn plans(
            &self,
            workspace: &WorkspaceId,
            app: &AppId,
            archived: bool,
            before: Option<PlanId>,
            limit: u32,
        ) -> Result<Vec<PlanOffer>, StoreError>;
        async fn plan(
            &self,
            workspace: &WorkspaceId,
            app: &AppId,
            plan: PlanId,
        ) -> Result<Option<PlanOffer>, StoreError>;
        async fn features(
            &self,
            workspace: &WorkspaceId,
            app: &AppId,
            before: Option<FeatureId>,
            limit: u32,
        ) -> Result<Vec<Feature>, StoreError>;
        async fn feature(
            &self,
            workspace: &WorkspaceId,
            app: &AppId,
            key: &FeatureKey,
        ) -> Result<Option<Feature>, StoreError>;
        async fn plans_including(&self, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError>;
    }

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
            before: Option<AuditEntryId>,
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
        async fn lock_workspace(&mut self, workspace: &WorkspaceId) -> Result<WorkspaceBilling, StoreError>;
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
        async fn app_to_change(
            &mut self,
            workspace: &WorkspaceId,
            app: &AppId,
        ) -> Result<Option<App>, StoreError>;
        async fn insert_app(&mut self, app: &App) -> Result<(), StoreError>;
        async fn save_app(&mut self, app: &App, loaded: Version) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl CatalogRepository for UnitOfWork {
        async fn plan_to_change(
            &mut self,
            workspace: &WorkspaceId,
            app: &AppId,
            plan: PlanId,
        ) -> Result<Option<PlanOffer>, StoreError>;
        async fn sold_plan_with_key(
            &mut self,
            workspace: &WorkspaceId,
            app: &AppId,
            key: &PlanKey,
        ) -> Result<Option<Plan>, StoreError>;
        async fn default_plan(
            &mut self,
            workspace: &WorkspaceId,
            app: &AppId,
            payer_kind: PayerKind,
        ) -> Result<Option<Plan>, StoreError>;
        async fn insert_plan(&mut self, plan: &Plan) -> Result<(), StoreError>;
        async fn save_plan(&mut self, plan: &Plan, loaded: Version) -> Result<(), StoreError>;
        async fn insert_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError>;
        async fn archive_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError>;
        async fn feature_to_change(
            &mut self,
            workspace: &WorkspaceId,
            app: &AppId,
            key: &FeatureKey,
        ) -> Result<Option<Feature>, StoreError>;
        async fn insert_feature(&mut self, feature: &Feature) -> Result<(), StoreError>;
        async fn save_feature(&mut self, feature: &Feature, loaded: Version) -> Result<(), StoreError>;
        async fn delete_feature(&mut self, feature: &Feature) -> Result<(), StoreError>;
        async fn plans_with_feature(&mut self, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError>;
        async fn attach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError>;
        async fn detach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl CheckoutIntentRepository for UnitOfWork {
        async fn insert_checkout_intent(&mut self, intent: &CheckoutIntent) -> Result<(), StoreError>;
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
        async fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError>;
        async fn save_workspace_subscription(
            &mut self,
            subscription: &WorkspaceSubscription,
        ) -> Result<(), StoreError>;
    }

    #[async_trait]
    impl AnsweredRequests for UnitOfWork {
        async fn answered_request(
            &mut self,
            workspace: &WorkspaceId,
            key: &RequestKey,
            since: Timestamp,
        ) -> Result<Option<AnsweredRequest>, StoreError>;
        async fn remember_request(
            &mut self,
            workspace: &WorkspaceId,
            key: &RequestKey,
            answered: &AnsweredRequest,
            since: Timestamp,
            now: Timestamp,
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
