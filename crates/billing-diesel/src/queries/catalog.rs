use billing_domain::ports::{CatalogReader, CatalogRepository, StoreError};
use billing_domain::{
    AppId, Feature, FeatureId, FeatureKey, PayerKind, Plan, PlanId, PlanKey, PlanOffer, Price, Version,
    WorkspaceId,
};

use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use super::{features, plan_features, plan_offers, plans, prices};

#[async_trait::async_trait]
impl CatalogReader for DieselBillingStore {
    async fn plans(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        archived: bool,
        before: Option<PlanId>,
        limit: u32,
    ) -> Result<Vec<PlanOffer>, StoreError> {
        plan_offers::list(&mut *self.reader().await?, workspace, app, archived, before, limit).await
    }

    async fn plan(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        plan: PlanId,
    ) -> Result<Option<PlanOffer>, StoreError> {
        plan_offers::one(&mut *self.reader().await?, workspace, app, plan).await
    }

    async fn features(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        before: Option<FeatureId>,
        limit: u32,
    ) -> Result<Vec<Feature>, StoreError> {
        features::list(&mut *self.reader().await?, workspace, app, before, limit).await
    }

    async fn feature(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &FeatureKey,
    ) -> Result<Option<Feature>, StoreError> {
        features::with_key(&mut *self.reader().await?, workspace, app, key).await
    }

    async fn plans_including(&self, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError> {
        plans::with_feature(&mut *self.reader().await?, feature, limit).await
    }
}

#[async_trait::async_trait]
impl CatalogRepository for DieselUnitOfWork {
    async fn plan_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        plan: PlanId,
    ) -> Result<Option<PlanOffer>, StoreError> {
        plan_offers::one(self.conn()?, workspace, app, plan).await
    }

    async fn sold_plan_with_key(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &PlanKey,
    ) -> Result<Option<Plan>, StoreError> {
        plans::sold_with_key(self.conn()?, workspace, app, key).await
    }

    async fn default_plan(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer_kind: PayerKind,
    ) -> Result<Option<Plan>, StoreError> {
        plans::default_of(self.conn()?, workspace, app, payer_kind).await
    }

    async fn insert_plan(&mut self, plan: &Plan) -> Result<(), StoreError> {
        plans::insert(self.conn()?, plan).await
    }

    async fn save_plan(&mut self, plan: &Plan, loaded: Version) -> Result<(), StoreError> {
        plans::save(self.conn()?, plan, loaded).await
    }

    async fn insert_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError> {
        prices::insert(self.conn()?, workspace, price).await
    }

    async fn archive_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError> {
        prices::archive(self.conn()?, workspace, price).await
    }

    async fn feature_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &FeatureKey,
    ) -> Result<Option<Feature>, StoreError> {
        features::with_key(self.conn()?, workspace, app, key).await
    }

    async fn insert_feature(&mut self, feature: &Feature) -> Result<(), StoreError> {
        features::insert(self.conn()?, feature).await
    }

    async fn save_feature(&mut self, feature: &Feature, loaded: Version) -> Result<(), StoreError> {
        features::save(self.conn()?, feature, loaded).await
    }

    async fn delete_feature(&mut self, feature: &Feature) -> Result<(), StoreError> {
        features::delete(self.conn()?, feature).await
    }

    async fn plans_with_feature(&mut self, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError> {
        plans::with_feature(self.conn()?, feature, limit).await
    }

    async fn attach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError> {
        plan_features::attach(self.conn()?, plan, feature).await
    }

    async fn detach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError> {
        plan_features::detach(self.conn()?, plan, feature).await
    }
}
