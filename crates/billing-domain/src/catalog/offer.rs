use serde::{Deserialize, Serialize};

use super::{Feature, Plan, PlanDetails, Price, PriceTerms, UnsellableAmount};
use crate::{FeatureKey, PriceId, Timestamp};

/// A plan with its prices and features. Its rules return the values to save, or `None` when there is nothing to
/// change, so that requests may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanOffer {
    /// The plan.
    pub plan: Plan,
    /// The prices, archived ones included, oldest first.
    pub prices: Vec<Price>,
    /// The attached features, oldest first.
    pub features: Vec<Feature>,
}

/// The outcome of adding a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceAddition {
    /// The plan is offered at these terms already.
    AlreadyOffered(Price),
    /// A new price.
    New {
        /// The price to save.
        price: Price,
        /// The replaced price of the same currency and interval, archived now. Its subscribers keep it.
        replaced: Option<Price>,
    },
}

/// A refusal to change a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlanRefused {
    /// The plan is archived: it is not sold any more.
    #[error("This plan is archived and is not sold any more. Create a new plan instead.")]
    Archived,
    /// The default plan must be free: payers without a subscription have it.
    #[error(
        "The default plan is free: {}, or make it an ordinary plan.",
        match (.has_prices, .has_trial) {
            (true, true) => "archive its prices and set its trial to 0 days",
            (true, false) => "archive its prices",
            (false, _) => "set its trial to 0 days",
        }
    )]
    DefaultMustBeFree {
        /// Whether it has prices.
        has_prices: bool,
        /// Whether it has a trial.
        has_trial: bool,
    },
    /// The same of a plan that is being created.
    #[error("A default plan is free: leave its prices and its trial out, or make it an ordinary plan.")]
    NewDefaultMustBeFree,
    /// The same of a price that is added to the default plan.
    #[error("The default plan is free and takes no prices. Make it an ordinary plan first.")]
    DefaultTakesNoPrices,
    /// Stripe cannot charge the price.
    #[error(transparent)]
    Unsellable(#[from] UnsellableAmount),
    /// Two prices have the same currency and interval.
    #[error("A plan has one price per currency and interval. Leave one of the two out.")]
    PriceTwice,
    /// The plan has the maximum number of prices.
    #[error(
        "A plan can have at most {} prices, archived ones included. Create a new plan.",
        PlanOffer::MOST_PRICES
    )]
    TooManyPrices,
    /// The plan has the maximum number of features.
    #[error("A plan can have at most {} features.", PlanOffer::MOST_FEATURES)]
    TooManyFeatures,
}

impl PlanOffer {
    /// The maximum number of prices of a plan, archived ones included.
    pub const MOST_PRICES: usize = 200;
    /// The maximum number of features of a plan.
    pub const MOST_FEATURES: usize = 50;

    /// A new plan without prices and features.
    ///
    /// # Errors
    /// [`PlanRefused::NewDefaultMustBeFree`].
    pub fn new(plan: Plan) -> Result<Self, PlanRefused> {
        let offer = Self { plan, prices: Vec::new(), features: Vec::new() };
        offer.check_default(&offer.plan.details).map_err(|_| PlanRefused::NewDefaultMustBeFree)?;
        Ok(offer)
    }

    /// The prices for new subscribers: by currency, the first one the plan ever had a price in first, a month before a
    /// year. A replacement stands where the replaced price stood.
    pub fn offered_prices(&self) -> impl Iterator<Item = &Price> {
        let currency = |price: &Price| price.terms.amount().currency();
        let first_use = |of: &Price| self.prices.iter().position(|price| currency(price) == currency(of));
        let mut offered: Vec<_> = self.prices.iter().filter(|price| price.is_offered()).collect();
        offered.sort_by_cached_key(|price| (first_use(price), price.terms.interval()));
        offered.into_iter()
    }

    /// Whether the plan's sale can be changed.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        self.check_sold().is_ok()
    }

    /// Whether the plan can have prices.
    #[must_use]
    pub fn takes_prices(&self) -> bool {
        self.is_editable() && !self.plan.details.is_default
    }

    /// The plan with these details; `None` if they are unchanged.
    ///
    /// # Errors
    /// [`PlanRefused::Archived`] and [`PlanRefused::DefaultMustBeFree`].
    pub fn revise(&self, details: PlanDetails) -> Result<Option<Plan>, PlanRefused> {
        self.check_sold()?;
        self.check_default(&details)?;
        Ok((details != self.plan.details).then(|| Plan { details, ..self.changed_plan() }))
    }

    /// The plan archived at `now`; `None` if it is archived. An archived plan is not the default plan.
    #[must_use]
    pub fn archive(&self, now: Timestamp) -> Option<Plan> {
        let details = PlanDetails { is_default: false, ..self.plan.details.clone() };
        (!self.plan.is_archived()).then(|| Plan { details, archived_at: Some(now), ..self.changed_plan() })
    }

    /// Adds a price. A plan has one offered price per currency and interval; the new one replaces the old one.
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
            return Err(PlanRefused::DefaultTakesNoPrices);
        }
        terms.check_sellable()?;
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

    /// Whether the feature has to be attached. Allowed on an archived plan too: its subscribers get the feature.
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

    /// The price with this id, archived or not.
    #[must_use]
    pub fn price(&self, id: PriceId) -> Option<&Price> {
        self.prices.iter().find(|price| price.id == id)
    }

    /// The attached feature with this key.
    #[must_use]
    pub fn feature(&self, key: &FeatureKey) -> Option<&Feature> {
        self.features.iter().find(|feature| feature.key == *key)
    }

    /// The plan with its version bumped, for a change of its prices or features.
    #[must_use]
    pub fn changed_plan(&self) -> Plan {
        Plan { version: self.plan.version.next(), ..self.plan.clone() }
    }

    fn check_sold(&self) -> Result<(), PlanRefused> {
        if self.plan.is_archived() { Err(PlanRefused::Archived) } else { Ok(()) }
    }

    fn check_default(&self, details: &PlanDetails) -> Result<(), PlanRefused> {
        let (has_prices, has_trial) = (self.offered_prices().next().is_some(), details.has_trial());
        if details.is_default && (has_prices || has_trial) {
            return Err(PlanRefused::DefaultMustBeFree { has_prices, has_trial });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
