use billing_domain::ports::UnitOfWork;
use billing_domain::{
    Administrator, AppId, AuditedChange, Change, Feature, FeatureDetails, FeatureKey, RequestKey,
};

use super::access::lock_catalog;
use super::feature_error::FeatureError;
use super::new_feature;
use crate::Ports;
use crate::once::Once;
use crate::transaction::{Decision, settle};

/// Adds a feature to an app's catalog, attached to no plan yet.
pub struct CreateFeature {
    ports: Ports,
}

/// The feature that is wanted.
#[derive(Debug, Clone)]
pub struct CreateFeatureRequest {
    /// Who wants it.
    pub administrator: Administrator,
    /// The app.
    pub app_id: AppId,
    /// By which code will ask for it.
    pub key: FeatureKey,
    /// What can be changed later.
    pub details: FeatureDetails,
    /// Under which a repeat gets the first answer.
    pub request_key: Option<RequestKey>,
}

impl CreateFeature {
    /// The use case over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Creates the feature. May be repeated under the same request key, which gives the first answer again.
    ///
    /// # Errors
    /// [`FeatureError`].
    pub async fn execute(&self, request: CreateFeatureRequest) -> Result<Feature, FeatureError> {
        let mut work = self.ports.store.begin().await?;
        let decided = self.decide(&mut *work, request).await;
        settle(work, decided).await
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        request: CreateFeatureRequest,
    ) -> Result<Decision<Feature>, FeatureError> {
        let workspace = &request.administrator.workspace_id;
        lock_catalog(work, workspace, &request.app_id).await?;
        let now = self.ports.clock.now();
        let asked = (&request.app_id, &request.key, &request.details);
        let once = Once::new(workspace, request.request_key.as_ref(), now, "create_feature", &asked)?;
        if let Some(created) = once.earlier_answer(work).await? {
            return Ok(Decision::Unchanged(created));
        }
        if work.feature_to_change(workspace, &request.app_id, &request.key).await?.is_some() {
            return Err(FeatureError::KeyTaken(request.key));
        }

        let feature = new_feature(
            &self.ports,
            workspace,
            &request.app_id,
            request.key.clone(),
            request.details.clone(),
            now,
        );
        work.insert_feature(&feature).await?;
        let created = AuditedChange::Feature(Change::created(feature.clone()));
        self.ports.audit(work, &request.administrator, created).await?;
        once.remember(work, &feature).await?;
        Ok(Decision::Changed(feature))
    }
}

#[cfg(test)]
mod tests;
