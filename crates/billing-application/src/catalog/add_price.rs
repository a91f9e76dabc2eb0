use async_trait::async_trait;
use billing_domain::{AppId, PlanId, Price, PriceAddition, PriceId, PriceTerms, Version};
use serde::Serialize;

use super::tx::require_version;
use super::{Made, PlanError};
use crate::change::{Change, Decision, Gate, Tx};
use crate::refusal::Refused;

/// Adds a price to a plan. A new amount replaces the price of the same currency and interval, which subscribers keep.
/// May be repeated: terms that are offered already change nothing.
#[derive(Debug, Clone, Serialize)]
pub struct AddPrice {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The plan.
    pub plan_id: PlanId,
    /// Amount and interval.
    pub terms: PriceTerms,
    /// The version the change is based on, if given. Refused if the plan has changed since, whatever the terms.
    pub expected_version: Option<Version>,
}

#[async_trait]
impl Change for AddPrice {
    const NAME: &'static str = "add_price";
    type Answer = Made<Price>;
    type Refusal = PlanError;

    fn gate(&self) -> Gate<'_> {
        Gate::OpenFor(&self.app_id)
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<Made<Price>>, Refused<PlanError>> {
        let offer = tx.plan(&self.app_id, self.plan_id).await?;
        require_version(&offer, self.expected_version)?;
        let id = PriceId::from_uuid(tx.ports.ids.uuid_v7());
        let (price, replaced) = match offer.add_price(id, self.terms, tx.now)? {
            PriceAddition::AlreadyOffered(price) => {
                return Ok(Decision::Unchanged(Made { value: price, is_new: false }));
            }
            PriceAddition::New { price, replaced } => (price, replaced),
        };
        tx.touch_plan(&offer).await?;
        match replaced {
            Some(replaced) => tx.replace_price(&offer, &replaced, &price).await?,
            None => tx.insert_price(&offer.plan, &price).await?,
        }
        Ok(Decision::Changed(Made { value: price, is_new: true }))
    }
}
