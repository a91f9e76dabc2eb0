use async_trait::async_trait;

use super::StoreError;
use crate::{AppId, Feature, PayerKind, Plan, PlanId, PlanKey, PlanOffer, Price, Version, WorkspaceId};

/// Reads the plans of an app. An app or workspace that does not exist sells nothing.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PlanReader: Send + Sync {
    /// Up to `limit` plans with their prices and features, newest first, made before `before`; the archived ones or
    /// the others.
    async fn plans(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        archived: bool,
        before: Option<PlanId>,
        limit: u32,
    ) -> Result<Vec<PlanOffer>, StoreError>;

    /// One plan with its prices and features, archived or not.
    async fn plan(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        plan: PlanId,
    ) -> Result<Option<PlanOffer>, StoreError>;

    /// Up to `limit` plans the feature is attached to, archived ones included, newest first.
    async fn plans_including(&self, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError>;
}

/// The plans and their prices inside a transaction, of a workspace that was
/// [locked](super::SwitchRepository::lock_workspace): a plan read here stays as it is until the transaction ends.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PlanRepository: Send {
    /// One plan with its prices and features, archived or not.
    async fn plan_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        plan: PlanId,
    ) -> Result<Option<PlanOffer>, StoreError>;

    /// The plan that is not archived and has this key.
    async fn sold_plan_with_key(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &PlanKey,
    ) -> Result<Option<Plan>, StoreError>;

    /// The default plan of this kind of payer.
    async fn default_plan(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer_kind: PayerKind,
    ) -> Result<Option<Plan>, StoreError>;

    /// Up to `limit` plans the feature is attached to, archived ones included, newest first.
    async fn plans_with_feature(&mut self, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError>;

    /// Adds a plan.
    ///
    /// Must fail with [`StoreError::Conflict`] when its id is taken, when a plan that is not archived has its key,
    /// or when it would be a second default plan of its kind of payer.
    async fn insert_plan(&mut self, plan: &Plan) -> Result<(), StoreError>;

    /// Saves a plan over the version that was loaded.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored version is another one, and for what
    /// [`insert_plan`](Self::insert_plan) fails for.
    async fn save_plan(&mut self, plan: &Plan, loaded: Version) -> Result<(), StoreError>;

    /// Adds a price to a plan of this workspace.
    ///
    /// Must fail with [`StoreError::Conflict`] when the plan is offered at another price of this currency and
    /// interval.
    async fn insert_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError>;

    /// Saves the archiving of a price; nothing else of it changes.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored price is archived already.
    async fn save_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError>;

    /// Attaches a feature to a plan of the same app, to which it is not attached.
    async fn attach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError>;

    /// Detaches a feature from a plan.
    ///
    /// Must fail with [`StoreError::Conflict`] when it is not attached.
    async fn detach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError>;
}
