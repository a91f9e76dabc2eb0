use async_trait::async_trait;
use billing_domain::{AppId, PlanId, PlanOffer};

use super::PlanError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Ends the sale of a plan; subscribers keep it. May be repeated.
#[derive(Debug, Clone)]
pub struct ArchivePlan {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
}

#[async_trait]
impl Change for ArchivePlan {
    const NAME: &'static str = "archive_plan";
    type Answer = PlanOffer;
    type Refusal = PlanError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<PlanOffer>, Refused<PlanError>> {
        let offer = tx.plan(&self.app_id, self.plan_id).await?;
        let Some(archived) = offer.archive(tx.now) else { return Ok(Decision::Unchanged(offer)) };
        tx.save_plan(&offer.plan, &archived).await?;
        Ok(Decision::Changed(PlanOffer { plan: archived, ..offer }))
    }
}
