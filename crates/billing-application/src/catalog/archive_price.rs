use async_trait::async_trait;
use billing_domain::{AppId, PlanId, Price, PriceId};

use super::PlanError;
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::{Absent, Refused};

/// Ends the sale of a plan at one price; subscribers keep it. May be repeated.
#[derive(Debug, Clone)]
pub struct ArchivePrice {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// The price.
    pub price_id: PriceId,
}

#[async_trait]
impl Change for ArchivePrice {
    const NAME: &'static str = "archive_price";
    type Answer = Price;
    type Refusal = PlanError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Price>, Refused<PlanError>> {
        let offer = tx.plan(&self.app_id, self.plan_id).await?;
        let price = offer.price(self.price_id).ok_or(Absent::Price)?;
        let Some(archived) = price.archive(tx.now) else { return Ok(Decision::Unchanged(price.clone())) };
        tx.touch_plan(&offer).await?;
        tx.save_price(&offer.plan, price, &archived).await?;
        Ok(Decision::Changed(archived))
    }
}
