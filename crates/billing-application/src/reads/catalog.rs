//! Reads of the catalog. Each is refused while billing is off. The app is looked up only when nothing was found: an
//! object of it proves that it exists.

use std::convert::Infallible;

use billing_domain::ports::{FeatureFilter, PlanFilter};
use billing_domain::{AppId, BillingSwitch, Feature, FeatureKey, PlanId, PlanOffer, WorkspaceId};

use super::{InvalidCursor, Page, PageRequest, Reads};
use crate::catalog::{FeatureError, PLANS_LISTED};
use crate::refusal::{Absent, Refusal, Refused};

/// A part of a list that is refused while billing is off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The workspace's billing switch, which is on.
    pub switch: BillingSwitch,
    /// The part of the list.
    pub page: Page<T>,
}

impl Reads {
    /// The plans of an app, newest first.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn plans(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &PlanFilter,
        page: &PageRequest,
    ) -> Result<Listed<PlanOffer>, Refused<InvalidCursor>> {
        let switch = self.require_open(workspace).await?;
        let plans = self.ports.store.plans();
        let page = Page::load(
            page,
            |offer: &PlanOffer| offer.plan.id,
            |edge, limit| plans.plans(workspace, app, filter, edge, limit),
            |than| plans.count_plans(workspace, app, filter, than),
        );
        let page = page.await?;
        if page.items.is_empty() {
            self.require_app(workspace, app).await?;
        }
        Ok(Listed { switch, page })
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
        if let Some(plan) = self.ports.store.plans().plan(workspace, app, plan).await? {
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
        filter: &FeatureFilter,
        page: &PageRequest,
    ) -> Result<Listed<Feature>, Refused<InvalidCursor>> {
        let switch = self.require_open(workspace).await?;
        let features = self.ports.store.features();
        let page = Page::load(
            page,
            |feature: &Feature| feature.id,
            |edge, limit| features.features(workspace, app, filter, edge, limit),
            |than| features.count_features(workspace, app, filter, than),
        );
        let page = page.await?;
        if page.items.is_empty() {
            self.require_app(workspace, app).await?;
        }
        Ok(Listed { switch, page })
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
        if let Some(feature) = self.ports.store.features().feature(workspace, app, key).await? {
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
        let plans = self.ports.store.plans().plans_including(feature, PLANS_LISTED).await?;
        Ok((!plans.is_empty()).then_some(FeatureError::InUse(plans)))
    }

    pub(super) async fn require_app<E: Refusal>(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
    ) -> Result<(), Refused<E>> {
        let app = self.ports.store.apps().app(workspace, app).await?;
        app.map(drop).ok_or(Refused::Absent(Absent::App))
    }
}
