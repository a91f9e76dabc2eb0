//! Features as a request asks for them. What a request leaves out stays.

use serde::Deserialize;

use super::{
    customer::EDITED,
    features::{
        AdjustableQuantity, CancelMode, CustomerField, CustomerUpdate, Features, ItemField, PlanProduct,
        Reason, ScheduleCondition, SubscriptionCancel, SubscriptionUpdate, TrialUpdate,
    },
};
use crate::{
    resources::{
        prices::Price,
        products::Product,
        subscriptions::{AnchorChange, Proration},
    },
    store::Tx,
    wire::{ApiError, Patch, checks::check_absent},
};

const MOST_PRODUCTS: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedFeatures {
    customer_update: Option<AskedCustomerUpdate>,
    invoice_history: Option<Switch>,
    payment_method_update: Option<Switch>,
    subscription_cancel: Option<AskedCancel>,
    subscription_pause: Option<Switch>,
    subscription_update: Option<AskedUpdate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedCustomerUpdate {
    enabled: Option<bool>,
    #[serde(default)]
    allowed_updates: Patch<Vec<CustomerField>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedCancel {
    enabled: Option<bool>,
    mode: Option<CancelMode>,
    proration_behavior: Option<Proration>,
    cancellation_reason: Option<AskedReason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedReason {
    enabled: bool,
    #[serde(default)]
    options: Patch<Vec<Reason>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedUpdate {
    enabled: Option<bool>,
    billing_cycle_anchor: Option<AnchorChange>,
    #[serde(default)]
    default_allowed_updates: Patch<Vec<ItemField>>,
    #[serde(default)]
    products: Patch<Vec<AskedProduct>>,
    proration_behavior: Option<Proration>,
    schedule_at_period_end: Option<AskedSchedule>,
    trial_update_behavior: Option<TrialUpdate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedProduct {
    product: String,
    prices: Vec<String>,
    adjustable_quantity: Option<AskedQuantity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedQuantity {
    enabled: bool,
    maximum: Option<u64>,
    minimum: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedSchedule {
    #[serde(default)]
    conditions: Patch<Vec<AskedCondition>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedCondition {
    #[serde(rename = "type")]
    kind: ScheduleCondition,
}

/// Whether a configuration is made, where a feature that is named must be switched on or off, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    New,
    Change,
}

impl AskedFeatures {
    /// # Errors
    ///
    /// A feature that is neither switched on nor off, that the sandbox's portal does not have, or that names a
    /// product or price that cannot be changed to.
    pub fn apply(self, tx: &Tx<'_>, features: &mut Features, writing: Writing) -> Result<(), ApiError> {
        if let Some(asked) = self.customer_update {
            asked.apply(&mut features.customer_update, writing)?;
        }
        if let Some(asked) = self.invoice_history {
            features.invoice_history = asked.enabled;
        }
        if let Some(asked) = self.payment_method_update {
            features.payment_method_update = asked.enabled;
        }
        if let Some(asked) = self.subscription_cancel {
            asked.apply(&mut features.subscription_cancel, writing)?;
        }
        if self.subscription_pause.is_some_and(|asked| asked.enabled) {
            let message = "The sandbox's portal cannot pause subscriptions.";
            return Err(ApiError::invalid(message).about("features[subscription_pause][enabled]"));
        }
        match self.subscription_update {
            Some(asked) => asked.apply(tx, &mut features.subscription_update, writing),
            None => Ok(()),
        }
    }
}

fn switch(is_enabled: &mut bool, asked: Option<bool>, writing: Writing, name: &str) -> Result<(), ApiError> {
    match asked {
        None if writing == Writing::New => {
            Err(ApiError::missing_param(&format!("features[{name}][enabled]")))
        }
        None => Ok(()),
        Some(asked) => {
            *is_enabled = asked;
            Ok(())
        }
    }
}

/// A list that was sent takes the place of the old one; one that was sent empty leaves none.
fn put<T>(list: &mut Vec<T>, asked: Patch<Vec<T>>) {
    match asked {
        Patch::Keep => {}
        Patch::Clear => list.clear(),
        Patch::Set(asked) => *list = asked,
    }
}

impl AskedCustomerUpdate {
    fn apply(self, feature: &mut CustomerUpdate, writing: Writing) -> Result<(), ApiError> {
        if let Patch::Set(allowed) = &self.allowed_updates {
            for (index, field) in allowed.iter().enumerate() {
                let param = format!("features[customer_update][allowed_updates][{index}]");
                check_absent(!EDITED.contains(field), &param)?;
            }
        }
        put(&mut feature.allowed_updates, self.allowed_updates);
        switch(&mut feature.is_enabled, self.enabled, writing, "customer_update")
    }
}

impl AskedCancel {
    fn apply(self, feature: &mut SubscriptionCancel, writing: Writing) -> Result<(), ApiError> {
        feature.mode = self.mode.unwrap_or(feature.mode);
        feature.proration_behavior = self.proration_behavior.unwrap_or(feature.proration_behavior);
        if let Some(reason) = self.cancellation_reason {
            feature.asks_reason = reason.enabled;
            put(&mut feature.reasons, reason.options);
        }
        switch(&mut feature.is_enabled, self.enabled, writing, "subscription_cancel")
    }
}

impl AskedUpdate {
    fn apply(self, tx: &Tx<'_>, feature: &mut SubscriptionUpdate, writing: Writing) -> Result<(), ApiError> {
        switch(&mut feature.is_enabled, self.enabled, writing, "subscription_update")?;
        feature.billing_cycle_anchor = self.billing_cycle_anchor.or(feature.billing_cycle_anchor);
        feature.proration_behavior = self.proration_behavior.unwrap_or(feature.proration_behavior);
        feature.trial_update_behavior = self.trial_update_behavior.unwrap_or(feature.trial_update_behavior);
        if let Patch::Set(allowed) = &self.default_allowed_updates {
            for (index, field) in allowed.iter().enumerate() {
                let param = format!("features[subscription_update][default_allowed_updates][{index}]");
                check_absent(*field == ItemField::PromotionCode, &param)?;
            }
        }
        put(&mut feature.allowed_updates, self.default_allowed_updates);
        if let Some(schedule) = self.schedule_at_period_end {
            let kinds = |asked: Vec<AskedCondition>| asked.into_iter().map(|it| it.kind).collect();
            put(&mut feature.schedule_at_period_end, mapped(schedule.conditions, kinds));
        }
        match self.products {
            Patch::Set(asked) => feature.products = products(tx, asked)?,
            Patch::Clear => feature.products.clear(),
            Patch::Keep => {}
        }
        Ok(())
    }
}

fn mapped<A, B>(patch: Patch<A>, map: impl FnOnce(A) -> B) -> Patch<B> {
    match patch {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(value) => Patch::Set(map(value)),
    }
}

fn products(tx: &Tx<'_>, asked: Vec<AskedProduct>) -> Result<Vec<PlanProduct>, ApiError> {
    let param = "features[subscription_update][products]";
    if asked.len() > MOST_PRODUCTS {
        let message = format!("A configuration may have at most {MOST_PRODUCTS} products.");
        return Err(ApiError::invalid(message).about(param));
    }
    let each = asked.into_iter().enumerate();
    each.map(|(index, product)| product.checked(tx, &format!("{param}[{index}]"))).collect()
}

impl AskedProduct {
    fn checked(self, tx: &Tx<'_>, param: &str) -> Result<PlanProduct, ApiError> {
        tx.named::<Product>(&format!("{param}[product]"), &self.product)?;
        if self.prices.is_empty() {
            return Err(ApiError::missing_param(&format!("{param}[prices]")));
        }
        for (index, id) in self.prices.iter().enumerate() {
            let param = format!("{param}[prices][{index}]");
            let price = tx.named::<Price>(&param, id)?;
            let problem = if price.product != self.product {
                format!("The price '{id}' is not of the product '{}'.", self.product)
            } else if price.recurring.is_none() {
                format!("The price '{id}' is not recurring, and a subscription's must be.")
            } else if !price.is_active {
                format!("The price '{id}' is inactive. This field only accepts active prices.")
            } else {
                continue;
            };
            return Err(ApiError::invalid(problem).about(&param));
        }
        let adjustable_quantity = quantity(self.adjustable_quantity, param)?;
        Ok(PlanProduct { product: self.product, prices: self.prices, adjustable_quantity })
    }
}

fn quantity(asked: Option<AskedQuantity>, param: &str) -> Result<AdjustableQuantity, ApiError> {
    let asked = asked.unwrap_or(AskedQuantity { enabled: false, maximum: None, minimum: None });
    let minimum = asked.minimum.unwrap_or(1);
    if asked.maximum.is_some_and(|maximum| maximum < minimum) {
        let message = format!("The maximum must be at least the minimum, which is {minimum}.");
        return Err(ApiError::invalid(message).about(&format!("{param}[adjustable_quantity][maximum]")));
    }
    check_absent(asked.enabled, &format!("{param}[adjustable_quantity][enabled]"))?;
    Ok(AdjustableQuantity { enabled: asked.enabled, maximum: asked.maximum, minimum })
}
