use async_trait::async_trait;
use billing_domain::{
    AppId, Description, DisplayName, Feature, FeatureDetails, FeatureKey, PlanFeature, PlanId,
};
use serde::Serialize;

use super::{Made, PlanError};
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::{Absent, Refused};

/// Attaches a feature to a plan, and creates it if the app has none with that key. May be repeated: an attached
/// feature changes nothing.
#[derive(Debug, Clone, Serialize)]
pub struct AttachFeature {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// The feature's key.
    pub key: FeatureKey,
    /// The name of a feature to create. An existing feature keeps its name.
    pub name: Option<DisplayName>,
    /// The description of a feature to create.
    pub description: Option<Description>,
}

#[async_trait]
impl Change for AttachFeature {
    const NAME: &'static str = "attach_feature";
    type Answer = Made<Feature>;
    type Refusal = PlanError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Made<Feature>>, Refused<PlanError>> {
        let offer = tx.plan(&self.app_id, self.plan_id).await?;
        if !offer.attach(&self.key)? {
            let attached = offer.feature(&self.key).cloned().ok_or(Absent::Feature)?;
            return Ok(Decision::Unchanged(Made { value: attached, is_new: false }));
        }
        let feature = self.feature(tx).await?;
        tx.touch_plan(&offer).await?;
        tx.work.plans().attach_feature(&offer.plan, &feature).await?;
        tx.audit_created(&PlanFeature::new(&offer.plan, &feature)).await?;
        Ok(Decision::Changed(Made { value: feature, is_new: true }))
    }
}

impl AttachFeature {
    /// The app's feature with the key, created if absent.
    async fn feature(&self, tx: &mut Tx) -> Result<Feature, Refused<PlanError>> {
        let existing =
            tx.work.features().feature_to_change(&tx.workspace.id, &self.app_id, &self.key).await?;
        if let Some(feature) = existing {
            return Ok(feature);
        }
        let name = self.name.clone().ok_or_else(|| PlanError::FeatureNameMissing(self.key.clone()))?;
        let details = FeatureDetails { name, description: self.description.clone() };
        Ok(tx.insert_feature(&self.app_id, &self.key, details).await?)
    }
}
