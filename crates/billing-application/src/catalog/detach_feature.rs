use async_trait::async_trait;
use billing_domain::{AppId, FeatureKey, PlanFeature, PlanId};

use super::PlanError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Detaches a feature from a plan: every subscriber of the plan loses it. May be repeated.
#[derive(Debug, Clone)]
pub struct DetachFeature {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// The feature's key.
    pub key: FeatureKey,
}

#[async_trait]
impl Change for DetachFeature {
    const NAME: &'static str = "detach_feature";
    type Answer = ();
    type Refusal = PlanError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<PlanError>> {
        let offer = tx.plan(&self.app_id, self.plan_id).await?;
        let feature = tx.feature(&self.app_id, &self.key).await?;
        if offer.feature(&feature.key).is_none() {
            return Ok(Decision::Unchanged(()));
        }
        tx.touch_plan(&offer).await?;
        tx.work.plans().detach_feature(&offer.plan, &feature).await?;
        tx.audit_deleted(&PlanFeature::new(&offer.plan, &feature)).await?;
        Ok(Decision::Changed(()))
    }
}
