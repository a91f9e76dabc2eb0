use async_trait::async_trait;
use billing_domain::{AppId, Description, DisplayName, Feature, FeatureDetails, FeatureKey, Version};

use super::FeatureError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Changes a feature's name or description; `None` keeps a value. May be repeated, unless it is based on a
/// version.
#[derive(Debug, Clone)]
pub struct UpdateFeature {
    /// The app.
    pub app_id: AppId,
    /// The feature's key.
    pub key: FeatureKey,
    /// The version the change is based on, if given. Refused if the feature has changed since, whatever the values.
    pub expected_version: Option<Version>,
    /// The displayed name.
    pub name: Option<DisplayName>,
    /// The displayed description; `Some(None)` removes it.
    pub description: Option<Option<Description>>,
}

#[async_trait]
impl Change for UpdateFeature {
    const NAME: &'static str = "update_feature";
    type Answer = Feature;
    type Refusal = FeatureError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Feature>, Refused<FeatureError>> {
        let feature = tx.feature(&self.app_id, &self.key).await?;
        if self.expected_version.is_some_and(|expected| expected != feature.version) {
            return Err(FeatureError::EditedMeanwhile(Box::new(feature)).into());
        }
        let details = FeatureDetails {
            name: self.name.clone().unwrap_or_else(|| feature.details.name.clone()),
            description: self.description.clone().unwrap_or_else(|| feature.details.description.clone()),
        };
        let Some(revised) = feature.revise(details) else { return Ok(Decision::Unchanged(feature)) };
        tx.work.features().save_feature(&revised, feature.version).await?;
        tx.audit_changed(&feature, &revised).await?;
        Ok(Decision::Changed(revised))
    }
}
