use billing_domain::ports::UnitOfWork;
use billing_domain::{Administrator, AppId, AuditedChange, Change, FeatureKey, PlanFeature, PlanId};

use super::access::{Absent, lock_catalog};
use super::plan_error::PlanError;
use crate::Ports;
use crate::transaction::{Decision, settle};

/// Lets a plan not include a feature any more. Everyone who has the plan loses it.
pub struct DetachFeature {
    ports: Ports,
}

/// Which feature, and from which plan.
#[derive(Debug, Clone)]
pub struct DetachFeatureRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// The feature's key.
    pub key: FeatureKey,
}

impl DetachFeature {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Detaches the feature. May be repeated: one that is not attached any more changes nothing.
    ///
    /// # Errors
    /// [`PlanError`]; a feature the app does not have is not there.
    pub async fn execute(&self, request: DetachFeatureRequest) -> Result<(), PlanError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, &request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: &DetachFeatureRequest,
    ) -> Result<Decision<()>, PlanError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let offer = work.plan_to_change(workspace, &request.app_id, request.plan_id).await?;
        let offer = offer.ok_or(Absent::Plan)?;
        let feature = work.feature_to_change(workspace, &request.app_id, &request.key).await?;
        let feature = feature.ok_or(Absent::Feature)?;

        if offer.feature(&feature.key).is_none() {
            return Ok(Decision::Unchanged(()));
        }
        work.save_plan(&offer.changed_plan(), offer.plan.version).await?;
        work.detach_feature(&offer.plan, &feature).await?;
        let detached = AuditedChange::PlanFeature(Change::deleted(PlanFeature {
            plan_id: offer.plan.id,
            plan_key: offer.plan.key,
            feature_key: feature.key,
        }));
        self.ports.audit(work, &request.administrator, detached).await?;
        Ok(Decision::Changed(()))
    }
}

#[cfg(test)]
mod tests;
