use billing_domain::ports::UnitOfWork;
use billing_domain::{Administrator, AppId, AuditedChange, Change, FeatureKey};

use super::access::{Absent, lock_catalog};
use super::feature_error::FeatureError;
use crate::Ports;
use crate::transaction::{Decision, settle};

/// How many of the plans that are in the way are told.
pub(super) const PLANS_TOLD: u32 = 20;

/// Deletes a feature that is attached to no plan.
pub struct DeleteFeature {
    ports: Ports,
}

/// Which feature.
#[derive(Debug, Clone)]
pub struct DeleteFeatureRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app.
    pub app_id: AppId,
    /// The feature's key.
    pub key: FeatureKey,
}

impl DeleteFeature {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Deletes the feature. Repeated, it is not there any more.
    ///
    /// # Errors
    /// [`FeatureError`].
    pub async fn execute(&self, request: DeleteFeatureRequest) -> Result<(), FeatureError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, &request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: &DeleteFeatureRequest,
    ) -> Result<Decision<()>, FeatureError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let feature = work.feature_to_change(workspace, &request.app_id, &request.key).await?;
        let feature = feature.ok_or(Absent::Feature)?;
        let in_the_way = work.plans_with_feature(&feature, PLANS_TOLD).await?;
        if !in_the_way.is_empty() {
            return Err(FeatureError::InUse(in_the_way));
        }
        work.delete_feature(&feature).await?;
        let deleted = AuditedChange::Feature(Change::deleted(feature));
        self.ports.audit(work, &request.administrator, deleted).await?;
        Ok(Decision::Changed(()))
    }
}

#[cfg(test)]
mod tests;
