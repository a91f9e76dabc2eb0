use billing_domain::ports::UnitOfWork;
use billing_domain::{
    Administrator, AppId, AuditedChange, Change, Description, DisplayName, Feature, FeatureDetails,
    FeatureKey, Version,
};

use super::access::{Absent, lock_catalog};
use super::feature_error::FeatureError;
use crate::Ports;
use crate::transaction::{Decision, settle};

/// Changes what can be changed of a feature.
pub struct UpdateFeature {
    ports: Ports,
}

/// What is to be different.
#[derive(Debug, Clone)]
pub struct UpdateFeatureRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app.
    pub app_id: AppId,
    /// The feature's key.
    pub key: FeatureKey,
    /// The version the decision was made on. When it is given and the feature has changed since, nothing is done.
    pub expected_version: Option<Version>,
    /// What people call it, if that changes.
    pub name: Option<DisplayName>,
    /// What people say of it, if that changes; `Some(None)` removes it.
    pub description: Option<Option<Description>>,
}

impl UpdateFeature {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Changes the feature and returns it as it is then. May be repeated: the second time changes nothing.
    ///
    /// # Errors
    /// [`FeatureError`].
    pub async fn execute(&self, request: UpdateFeatureRequest) -> Result<Feature, FeatureError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: UpdateFeatureRequest,
    ) -> Result<Decision<Feature>, FeatureError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let feature = work.feature_to_change(workspace, &request.app_id, &request.key).await?;
        let feature = feature.ok_or(Absent::Feature)?;

        let details = FeatureDetails {
            name: request.name.unwrap_or_else(|| feature.details.name.clone()),
            description: request.description.unwrap_or_else(|| feature.details.description.clone()),
        };
        let Some(revised) = feature.revise(details) else { return Ok(Decision::Unchanged(feature)) };
        if request.expected_version.is_some_and(|expected| expected != feature.version) {
            return Err(FeatureError::EditedMeanwhile(Box::new(feature)));
        }
        work.save_feature(&revised, feature.version).await?;
        let change = AuditedChange::Feature(Change::changed(feature, revised.clone()));
        self.ports.audit(work, &request.administrator, change).await?;
        Ok(Decision::Changed(revised))
    }
}

#[cfg(test)]
mod tests;
