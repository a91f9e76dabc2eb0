use async_trait::async_trait;
use billing_domain::{AppId, Feature, FeatureDetails, FeatureKey};
use serde::Serialize;

use super::FeatureError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Adds a feature to an app's catalog, attached to no plan yet.
#[derive(Debug, Clone, Serialize)]
pub struct CreateFeature {
    /// The app.
    pub app_id: AppId,
    /// The name of the feature in code.
    pub key: FeatureKey,
    /// The changeable part.
    pub details: FeatureDetails,
}

#[async_trait]
impl Change for CreateFeature {
    const NAME: &'static str = "create_feature";
    type Answer = Feature;
    type Refusal = FeatureError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Feature>, Refused<FeatureError>> {
        if tx.work.features().feature_to_change(&tx.workspace.id, &self.app_id, &self.key).await?.is_some() {
            return Err(FeatureError::KeyTaken(self.key.clone()).into());
        }
        Ok(Decision::Changed(tx.insert_feature(&self.app_id, &self.key, self.details.clone()).await?))
    }
}
