use async_trait::async_trait;
use billing_domain::{AppId, FeatureKey};

use super::FeatureError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// The number of plans that a refusal lists.
pub(crate) const PLANS_LISTED: u32 = 20;

/// Deletes a feature that is attached to no plan. A repeat finds it absent.
#[derive(Debug, Clone)]
pub struct DeleteFeature {
    /// The app.
    pub app_id: AppId,
    /// The feature's key.
    pub key: FeatureKey,
}

#[async_trait]
impl Change for DeleteFeature {
    const NAME: &'static str = "delete_feature";
    type Answer = ();
    type Refusal = FeatureError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<FeatureError>> {
        let feature = tx.feature(&self.app_id, &self.key).await?;
        let in_the_way = tx.work.plans().plans_with_feature(&feature, PLANS_LISTED).await?;
        if !in_the_way.is_empty() {
            return Err(FeatureError::InUse(in_the_way).into());
        }
        tx.work.features().delete_feature(&feature).await?;
        tx.audit_deleted(&feature).await?;
        Ok(Decision::Changed(()))
    }
}
