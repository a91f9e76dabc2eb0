use billing_domain::ports::UnitOfWork;
use billing_domain::{
    Administrator, AppId, AuditedChange, Change, Description, DisplayName, Feature, FeatureDetails,
    FeatureKey, PlanFeature, PlanId, PlanOffer, RequestKey, Timestamp,
};

use super::access::{Absent, lock_catalog};
use super::plan_error::PlanError;
use super::{Made, new_feature};
use crate::Ports;
use crate::once::Once;
use crate::transaction::{Decision, settle};

/// Lets a plan include a feature, which is created if the app has none with that key.
pub struct AttachFeature {
    ports: Ports,
}

/// Which feature, and to which plan.
#[derive(Debug, Clone)]
pub struct AttachFeatureRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// The feature's key.
    pub key: FeatureKey,
    /// What people call the feature, if it is new. An existing feature keeps its name.
    pub name: Option<DisplayName>,
    /// What people say of the feature, if it is new.
    pub description: Option<Description>,
    /// Under which a repeat gets the first answer.
    pub request_key: Option<RequestKey>,
}

impl AttachFeature {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Attaches the feature. May be repeated: one that is attached already changes nothing.
    ///
    /// # Errors
    /// [`PlanError`].
    pub async fn execute(&self, request: AttachFeatureRequest) -> Result<Made<Feature>, PlanError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, &request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: &AttachFeatureRequest,
    ) -> Result<Decision<Made<Feature>>, PlanError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let now = self.ports.clock.now();
        let asked = (&request.app_id, request.plan_id, &request.key, &request.name, &request.description);
        let once = Once::new(workspace, request.request_key.as_ref(), now, "attach_feature", &asked)?;
        if let Some(made) = once.earlier_answer(work).await? {
            return Ok(Decision::Unchanged(made));
        }
        let offer = work.plan_to_change(workspace, &request.app_id, request.plan_id).await?;
        let offer = offer.ok_or(Absent::Plan)?;

        let made = if offer.attach(&request.key)? {
            let feature = self.feature(work, request, now).await?;
            self.save(work, &request.administrator, &offer, &feature).await?;
            Made { value: feature, is_new: true }
        } else {
            let attached = offer.feature(&request.key).cloned().ok_or(Absent::Feature)?;
            Made { value: attached, is_new: false }
        };
        once.remember(work, &made).await?;
        Ok(Decision::Changed(made))
    }

    /// The feature of that key, which is made if there is none.
    async fn feature(
        &self,
        work: &mut dyn UnitOfWork,
        request: &AttachFeatureRequest,
        now: Timestamp,
    ) -> Result<Feature, PlanError> {
        let workspace = &request.administrator.workspace_id;
        if let Some(feature) = work.feature_to_change(workspace, &request.app_id, &request.key).await? {
            return Ok(feature);
        }
        let name = request.name.clone().ok_or_else(|| PlanError::FeatureNameMissing(request.key.clone()))?;
        let details = FeatureDetails { name, description: request.description.clone() };
        let feature = new_feature(&self.ports, workspace, &request.app_id, request.key.clone(), details, now);
        work.insert_feature(&feature).await?;
        let created = AuditedChange::Feature(Change::created(feature.clone()));
        self.ports.audit(work, &request.administrator, created).await?;
        Ok(feature)
    }

    async fn save(
        &self,
        work: &mut dyn UnitOfWork,
        administrator: &Administrator,
        offer: &PlanOffer,
        feature: &Feature,
    ) -> Result<(), PlanError> {
        work.save_plan(&offer.changed_plan(), offer.plan.version).await?;
        work.attach_feature(&offer.plan, feature).await?;
        let attached = AuditedChange::PlanFeature(Change::created(PlanFeature {
            plan_id: offer.plan.id,
            plan_key: offer.plan.key.clone(),
            feature_key: feature.key.clone(),
        }));
        Ok(self.ports.audit(work, administrator, attached).await?)
    }
}

#[cfg(test)]
mod tests;
