//! Reads of the catalog. Each is refused while billing is off. The app is looked up only when nothing was found: an
//! object of it proves that it exists.

use std::convert::Infallible;

use billing_domain::{AppId, Feature, FeatureKey, PlanId, PlanOffer, WorkspaceId};

use super::{InvalidCursor, Page, PageRequest, Reads};
use crate::catalog::{FeatureError, PLANS_LISTED};
use crate::refusal::{Absent, Refusal, Refused};

impl Reads {
    /// The plans of an app, newest first: archived or not archived ones.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn plans(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        archived: bool,
        page: &PageRequest,
    ) -> Result<Page<PlanOffer>, Refused<InvalidCursor>> {
        self.require_open(workspace).await?;
        let before = page.position()?;
        let plans =
            self.store.plans().plans(workspace, app, archived, before, page.limit.and_one_more()).await?;
        if plans.is_empty() {
            self.require_app(workspace, app).await?;
        }
        Ok(Page::cut(plans, page.limit, |offer| offer.plan.id))
    }

    /// One plan with its prices and features, archived or not.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn plan(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        plan: PlanId,
    ) -> Result<PlanOffer, Refused<Infallible>> {
        self.require_open(workspace).await?;
        if let Some(plan) = self.store.plans().plan(workspace, app, plan).await? {
            return Ok(plan);
        }
        self.require_app(workspace, app).await?;
        Err(Absent::Plan.into())
    }

    /// The features of an app, newest first.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn features(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        page: &PageRequest,
    ) -> Result<Page<Feature>, Refused<InvalidCursor>> {
        self.require_open(workspace).await?;
        let before = page.position()?;
        let features =
            self.store.features().features(workspace, app, before, page.limit.and_one_more()).await?;
        if features.is_empty() {
            self.require_app(workspace, app).await?;
        }
        Ok(Page::cut(features, page.limit, |feature| feature.id))
    }

    /// One feature.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn feature(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        key: &FeatureKey,
    ) -> Result<Feature, Refused<Infallible>> {
        self.require_open(workspace).await?;
        if let Some(feature) = self.store.features().feature(workspace, app, key).await? {
            return Ok(feature);
        }
        self.require_app(workspace, app).await?;
        Err(Absent::Feature.into())
    }

    /// The refusal of deleting the feature, if any. A forecast: only [`DeleteFeature`](crate::DeleteFeature) decides.
    ///
    /// # Errors
    /// [`Refused::Store`].
    pub async fn preflight_delete(
        &self,
        feature: &Feature,
    ) -> Result<Option<FeatureError>, Refused<Infallible>> {
        let plans = self.store.plans().plans_including(feature, PLANS_LISTED).await?;
        Ok((!plans.is_empty()).then_some(FeatureError::InUse(plans)))
    }

    async fn require_app<E: Refusal>(&self, workspace: &WorkspaceId, app: &AppId) -> Result<(), Refused<E>> {
        let app = self.store.apps().app(workspace, app).await?;
        app.map(drop).ok_or(Refused::Absent(Absent::App))
    }
}
