//! The steps shared by the changes of the catalog.

use billing_domain::ports::StoreError;
use billing_domain::{
    AppId, Feature, FeatureDetails, FeatureId, FeatureKey, Plan, PlanId, PlanOffer, PlanPrice, Price, Version,
};

use super::PlanError;
use crate::change::Tx;
use crate::refusal::{Absent, Refusal, Refused};
use crate::worker::{following_of, following_of_price};

impl Tx {
    /// The plan with its prices and features.
    pub(super) async fn plan(&mut self, app: &AppId, plan: PlanId) -> Result<PlanOffer, Refused<PlanError>> {
        let offer = self.work.plans().plan_to_change(&self.workspace.id, app, plan).await?;
        Ok(offer.ok_or(Absent::Plan)?)
    }

    /// The feature with this key.
    pub(super) async fn feature<E: Refusal>(
        &mut self,
        app: &AppId,
        key: &FeatureKey,
    ) -> Result<Feature, Refused<E>> {
        let feature = self.work.features().feature_to_change(&self.workspace.id, app, key).await?;
        Ok(feature.ok_or(Absent::Feature)?)
    }

    /// Adds a feature with a key that is free.
    pub(super) async fn insert_feature(
        &mut self,
        app: &AppId,
        key: &FeatureKey,
        details: FeatureDetails,
    ) -> Result<Feature, StoreError> {
        let feature = Feature {
            id: FeatureId::from_uuid(self.ports.ids.uuid_v7()),
            workspace_id: self.workspace.id.clone(),
            app_id: app.clone(),
            key: key.clone(),
            details,
            version: Version::NEW,
            created_at: self.now,
        };
        self.work.features().insert_feature(&feature).await?;
        self.audit_created(&feature).await?;
        Ok(feature)
    }

    /// Saves the details or the archiving of the plan.
    pub(super) async fn save_plan(&mut self, before: &Plan, after: &Plan) -> Result<(), StoreError> {
        self.work.plans().save_plan(after, before.version).await?;
        if before.details.name != after.details.name || before.is_archived() != after.is_archived() {
            let following = following_of(&self.workspace.id, &after.app_id, after.id);
            self.schedule_now(&following).await?;
        }
        self.audit_changed(before, after).await
    }

    /// Bumps the version of a plan whose prices or features change.
    pub(super) async fn touch_plan(&mut self, offer: &PlanOffer) -> Result<(), StoreError> {
        self.work.plans().save_plan(&offer.changed_plan(), offer.plan.version).await
    }

    /// Saves the archiving of a price.
    pub(super) async fn save_price(
        &mut self,
        plan: &Plan,
        before: &Price,
        after: &Price,
    ) -> Result<(), StoreError> {
        self.archive_price(plan, after).await?;
        self.audit_changed(&PlanPrice::new(plan, before), &PlanPrice::new(plan, after)).await
    }

    /// Saves a price that was archived, which Stripe's follows.
    async fn archive_price(&mut self, plan: &Plan, archived: &Price) -> Result<(), StoreError> {
        self.work.plans().save_price(&self.workspace.id, archived).await?;
        let following = following_of_price(&self.workspace.id, &plan.app_id, plan.id, archived.id);
        self.schedule_now(&following).await
    }

    /// Adds a price.
    pub(super) async fn insert_price(&mut self, plan: &Plan, price: &Price) -> Result<(), StoreError> {
        self.work.plans().insert_price(&self.workspace.id, price).await?;
        self.audit_created(&PlanPrice::new(plan, price)).await
    }

    /// Adds a price in place of an offered one, which was archived as `replaced`.
    pub(super) async fn replace_price(
        &mut self,
        offer: &PlanOffer,
        replaced: &Price,
        price: &Price,
    ) -> Result<(), StoreError> {
        self.archive_price(&offer.plan, replaced).await?;
        self.work.plans().insert_price(&self.workspace.id, price).await?;
        let before = offer.price(replaced.id).unwrap_or(replaced);
        let after = PlanPrice::in_place_of(replaced, &offer.plan, price);
        self.audit_replaced(&PlanPrice::new(&offer.plan, before), &after).await
    }

    /// Checks that no other plan is the default for this one's kind of payer.
    pub(super) async fn require_free_default(&mut self, plan: &Plan) -> Result<(), Refused<PlanError>> {
        match self.work.plans().default_plan(&plan.workspace_id, &plan.app_id, plan.payer_kind).await? {
            Some(default) if default.id != plan.id => Err(PlanError::DefaultTaken(Box::new(default)).into()),
            _ => Ok(()),
        }
    }
}

/// Checks the expected version, if any.
pub(super) fn require_version(offer: &PlanOffer, expected: Option<Version>) -> Result<(), PlanError> {
    match expected {
        Some(expected) if expected != offer.plan.version => {
            Err(PlanError::EditedMeanwhile(Box::new(offer.clone())))
        }
        _ => Ok(()),
    }
}
