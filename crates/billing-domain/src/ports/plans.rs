use async_trait::async_trait;

use super::{Counted, Edge, Part, SearchText, StoreError};
use crate::{
    AppId, Feature, PayerKind, Plan, PlanId, PlanKey, PlanOffer, Price, PriceId, Version, WorkspaceId,
};

/// The plans of a list. A search or a kind of payer looks at the newest [`SCANNED`](super::SCANNED) plans of the list only, so
/// that its time is bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanFilter {
    /// Archived plans instead of the others.
    pub archived: bool,
    /// Plans with this in their name or key.
    pub search: Option<SearchText>,
    /// Plans for this kind of payer.
    pub payer_kind: Option<PayerKind>,
}

impl PlanFilter {
    /// Whether the plans have to be looked at one by one.
    #[must_use]
    pub fn is_scan(&self) -> bool {
        self.search.is_some() || self.payer_kind.is_some()
    }
}

/// Reads the plans of an app. An unknown app or workspace has none.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PlanReader: Send + Sync {
    /// Up to `limit` plans with their prices and features, newest first.
    async fn plans(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &PlanFilter,
        edge: Edge<PlanId>,
        limit: u32,
    ) -> Result<Part<PlanOffer>, StoreError>;

    /// The number of these plans, and of those that are newer than the plan `than`.
    async fn count_plans(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &PlanFilter,
        than: Option<PlanId>,
    ) -> Result<Counted, StoreError>;

    /// One plan with its prices and features, archived or not.
    async fn plan(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        plan: PlanId,
    ) -> Result<Option<PlanOffer>, StoreError>;

    /// The default plan for this kind of payer, with its prices and features.
    async fn default_offer(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer_kind: PayerKind,
    ) -> Result<Option<PlanOffer>, StoreError>;

    /// Up to `limit` plans the feature is attached to, archived ones included, newest first.
    async fn plans_including(&self, feature: &Feature, limit: u32) -> Result<Vec<Plan>, StoreError>;
}

/// The plans and their prices inside a transaction, of a workspace that is
/// [locked](super::SwitchRepository::lock_workspace): nobody else changes them until the transaction ends.
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

    /// The plan with this key that is not archived.
    async fn sold_plan_with_key(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &PlanKey,
    ) -> Result<Option<Plan>, StoreError>;

    /// The plan of a price, archived or not.
    async fn plan_of_price(
        &mut self,
        workspace: &WorkspaceId,
        price: PriceId,
    ) -> Result<Option<PlanId>, StoreError>;

    /// The default plan for this kind of payer.
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
    /// Must fail with [`StoreError::Conflict`] when its id is taken, its key belongs to a plan that is not archived,
    /// or there is a default plan for its kind of payer already.
    async fn insert_plan(&mut self, plan: &Plan) -> Result<(), StoreError>;

    /// Saves a plan over the version that was loaded.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored version is another one, and as
    /// [`insert_plan`](Self::insert_plan) does.
    async fn save_plan(&mut self, plan: &Plan, loaded: Version) -> Result<(), StoreError>;

    /// Adds a price to a plan of this workspace.
    ///
    /// Must fail with [`StoreError::Conflict`] when the plan has an offered price of this currency and interval.
    async fn insert_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError>;

    /// Saves the archiving of a price; nothing else changes.
    ///
    /// Must fail with [`StoreError::Conflict`] when the stored price is archived already.
    async fn save_price(&mut self, workspace: &WorkspaceId, price: &Price) -> Result<(), StoreError>;

    /// Attaches a feature to a plan of the same app that does not have it.
    async fn attach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError>;

    /// Detaches a feature from a plan.
    ///
    /// Must fail with [`StoreError::Conflict`] when it is not attached.
    async fn detach_feature(&mut self, plan: &Plan, feature: &Feature) -> Result<(), StoreError>;
}
