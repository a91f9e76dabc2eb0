use serde::{Deserialize, Serialize};

use super::{Feature, Plan, PlanDetails, Price, PriceTerms};
use crate::{FeatureKey, PriceId, Timestamp};

/// A plan with what it costs and what it gives. Its rules return the values to save, or `None` when there is
/// nothing to change; repeating a request is therefore harmless.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanOffer {
    /// The plan.
    pub plan: Plan,
    /// Its prices, archived ones included, the oldest first.
    pub prices: Vec<Price>,
    /// The features attached to it, the oldest first.
    pub features: Vec<Feature>,
}

/// What adding a price comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceAddition {
    /// The plan is sold at these terms already.
    AlreadyOffered(Price),
    /// A new price.
    New {
        /// It.
        price: Price,
        /// The price of the same currency and interval it takes the place of, archived now. Who subscribed at it
        /// keeps it.
        replaced: Option<Price>,
    },
}

/// Why a plan cannot be that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefused {
    /// Nobody new can subscribe to an archived plan, so nothing about its sale can change.
    #[error("This plan is archived and is not sold any more. Create a new plan instead.")]
    Archived,
    /// The default plan is what everyone has who has not subscribed.
    #[error(
        "The default plan is free: it has no prices and no trial. Archive its prices and set the trial to 0 days, or make it an ordinary plan."
    )]
    DefaultMustBeFree,
    /// Two prices of one currency and interval were asked for at once.
    #[error("A plan has one price per currency and interval. Leave one of the two out.")]
    PriceTwice,
    /// The plan has as many prices as it can keep.
    #[error(
        "A plan can have at most {} prices, archived ones included. Create a new plan.",
        PlanOffer::MOST_PRICES
    )]
    TooManyPrices,
    /// The plan has as many features as it can have.
    #[error("A plan can have at most {} features.", PlanOffer::MOST_FEATURES)]
    TooManyFeatures,
}

impl PlanOffer {
    /// How many prices a plan can have, archived ones included.
    pub const MOST_PRICES: usize = 200;
    /// How many features can be attached to a plan.
    pub const MOST_FEATURES: usize = 50;

    /// A new plan, not sold at any price and with no features yet.
    ///
    /// # Errors
    /// [`PlanRefused::DefaultMustBeFree`].
    pub fn new(plan: Plan) -> Result<Self, PlanRefused> {
        let offer = Self { plan, prices: Vec::new(), features: Vec::new() };
        offer.check_default(&offer.plan.details)?;
        Ok(offer)
    }

    /// The prices somebody new can subscribe at.
    pub fn offered_prices(&self) -> impl Iterator<Item = &Price> {
        self.prices.iter().filter(|price| price.is_offered())
    }

    /// Whether anything about its sale can change.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        self.check_sold().is_ok()
    }

    /// Whether it can be sold at prices.
    #[must_use]
    pub fn takes_prices(&self) -> bool {
        self.is_editable() && !self.plan.details.is_default
    }

    /// The plan with these details, or `None` when it has them already.
    ///
    /// # Errors
    /// [`PlanRefused::Archived`] and [`PlanRefused::DefaultMustBeFree`].
    pub fn revise(&self, details: PlanDetails) -> Result<Option<Plan>, PlanRefused> {
        self.check_sold()?;
        self.check_default(&details)?;
        Ok((details != self.plan.details).then(|| Plan { details, ..self.changed_plan() }))
    }

    /// The plan archived at `now`, or `None` when it is already. Archived, it is not the default plan any more.
    #[must_use]
    pub fn archive(&self, now: Timestamp) -> Option<Plan> {
        let details = PlanDetails { is_default: false, ..self.plan.details.clone() };
        (!self.plan.is_archived()).then(|| Plan { details, archived_at: Some(now), ..self.changed_plan() })
    }

    /// A price at these terms. A plan has one price per currency and interval, so it takes the place of another
    /// one that is offered.
    ///
    /// # Errors
    /// [`PlanRefused`].
    pub fn add_price(
        &self,
        id: PriceId,
        terms: PriceTerms,
        now: Timestamp,
    ) -> Result<PriceAddition, PlanRefused> {
        self.check_sold()?;
        if !self.takes_prices() {
            return Err(PlanRefused::DefaultMustBeFree);
        }
        let in_the_way = self.offered_prices().find(|price| !price.terms.stand_beside(terms));
        if let Some(price) = in_the_way.filter(|price| price.terms == terms) {
            return Ok(PriceAddition::AlreadyOffered(price.clone()));
        }
        if self.prices.len() >= Self::MOST_PRICES {
            return Err(PlanRefused::TooManyPrices);
        }
        Ok(PriceAddition::New {
            price: Price { id, plan_id: self.plan.id, terms, archived_at: None, created_at: now },
            replaced: in_the_way.and_then(|price| price.archive(now)),
        })
    }

    /// Whether the feature is still to be attached. Allowed on an archived plan too: it changes what those get who
    /// have it.
    ///
    /// # Errors
    /// [`PlanRefused::TooManyFeatures`].
    pub fn attach(&self, key: &FeatureKey) -> Result<bool, PlanRefused> {
        if self.feature(key).is_some() {
            return Ok(false);
        }
        if self.features.len() >= Self::MOST_FEATURES {
            return Err(PlanRefused::TooManyFeatures);
        }
        Ok(true)
    }

    /// The price of this id, archived or not.
    #[must_use]
    pub fn price(&self, id: PriceId) -> Option<&Price> {
        self.prices.iter().find(|price| price.id == id)
    }

    /// The attached feature with this key.
    #[must_use]
    pub fn feature(&self, key: &FeatureKey) -> Option<&Feature> {
        self.features.iter().find(|feature| feature.key == *key)
    }

    /// The plan as it is after its prices or features were changed.
    #[must_use]
    pub fn changed_plan(&self) -> Plan {
        Plan { version: self.plan.version.next(), ..self.plan.clone() }
    }

    fn check_sold(&self) -> Result<(), PlanRefused> {
        if self.plan.is_archived() { Err(PlanRefused::Archived) } else { Ok(()) }
    }

    fn check_default(&self, details: &PlanDetails) -> Result<(), PlanRefused> {
        let is_free = !details.has_trial() && self.offered_prices().next().is_none();
        if details.is_default && !is_free { Err(PlanRefused::DefaultMustBeFree) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
