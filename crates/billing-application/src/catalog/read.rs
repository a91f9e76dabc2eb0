//! Looking at the catalog. Every read is refused while billing is off. What is in an app proves that the app is there, so
//! the app is looked for only when nothing was found.

use std::sync::Arc;

use billing_domain::ports::BillingStore;
use billing_domain::{AppId, Feature, FeatureKey, PlanId, PlanOffer, WorkspaceId};

use super::access::{Absent, CatalogError, require_app, require_open};
use super::delete_feature::PLANS_TOLD;
use super::feature_error::FeatureError;
use crate::page::{Page, PageRequest};

/// Tells what an app sells.
pub struct ReadCatalog {
    store: Arc<dyn BillingStore>,
}

impl ReadCatalog {
    /// The use case over this store.
    #[must_use]
    pub fn new(store: Arc<dyn BillingStore>) -> Self {
        Self { store }
    }

    /// Passes while billing is on.
    ///
    /// # Errors
    /// [`CatalogError::NotEnabled`], and [`CatalogError::Store`].
    pub async fn require_open(&self, workspace: &WorkspaceId) -> Result<(), CatalogError> {
        require_open(&*self.store, workspace).await
    }

    /// The plans of an app, newest first: those that are sold, or those that are archived.
    ///
    /// # Errors
    /// [`CatalogError`].
    pub async fn plans(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        archived: bool,
        page: &PageRequest,
    ) -> Result<Page<PlanOffer>, CatalogError> {
        require_open(&*self.store, workspace).await?;
        let before = page.position()?;
        let plans = self.store.plans(workspace, app, archived, before, page.limit.and_one_more()).await?;
        if plans.is_empty() {
            require_app(&*self.store, workspace, app).await?;
        }
        Ok(Page::cut(plans, page.limit, |offer| offer.plan.id))
    }

    /// One plan with its prices and features, archived or not.
    ///
    /// # Errors
    /// [`CatalogError`].
    pub async fn plan(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        plan: PlanId,
    ) -> Result<PlanOffer, CatalogError> {
        require_open(&*self.store, workspace).await?;
        if let Some(plan) = self.store.plan(workspace, app, plan).await? {
            return Ok(plan);
        }
        require_app(&*self.store, workspace, app).await?;
        Err(CatalogError::NotFound(Absent::Plan))
    }

    /// The features of an app, newest first.
    ///
    /// # Errors
    /// [`CatalogError`].
    pub async fn features(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        page: &PageRequest,
    ) -> Result<Page<Feature>, CatalogError> {
        require_open(&*self.store, workspace).await?;
        let before = page.position()?;
        let features = self.store.features(workspace, app, before, page.limit.and_one_more()).await?;
        if features.is_empty() {
            require_app(&*self.store, workspace, app).await?;
        }
        Ok(Page::cut(features, page.limit, |feature| feature.id))
    }

    /// What deleting a feature would be refused for, if it would be.
    ///
    /// A forecast that changes nothing; only [`DeleteFeature`](crate::DeleteFeature) decides.
    ///
    /// # Errors
    /// [`CatalogError`].
    pub async fn preflight_delete(&self, feature: &Feature) -> Result<Option<FeatureError>, CatalogError> {
        let plans = self.store.plans_including(feature, PLANS_TOLD).await?;
        Ok((!plans.is_empty()).then_some(FeatureError::InUse(plans)))
    }

    /// One feature.
    ///
    /// # Errors
    /// [`CatalogError`].
    pub async fn feature(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &FeatureKey,
    ) -> Result<Feature, CatalogError> {
        require_open(&*self.store, workspace).await?;
        if let Some(feature) = self.store.feature(workspace, app, key).await? {
            return Ok(feature);
        }
        require_app(&*self.store, workspace, app).await?;
        Err(CatalogError::NotFound(Absent::Feature))
    }
}

#[cfg(test)]
mod tests;
