//! What a product costs. A legacy plan is a recurring price seen the old way.

mod endpoints;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::endpoints::routes;
use crate::{
    clock::Timestamp,
    currency,
    store::{Resource, Tx, stored_as},
    unit_amount::UnitAmount,
    wire::{ApiError, Metadata, checks::under, values::new_metadata},
};

const LARGEST_AMOUNT: i64 = 99_999_999_999;
const LONGEST_TRIAL_DAYS: u32 = 730;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Price {
    pub id: String,
    pub created: Timestamp,
    pub product: String,
    pub currency: String,
    pub unit_amount: UnitAmount,
    pub recurring: Option<Recurring>,
    pub is_active: bool,
    pub nickname: Option<String>,
    pub lookup_key: Option<String>,
    pub tax_behavior: TaxBehavior,
    pub metadata: Metadata,
    /// As a plan. It stays for those who pay it.
    #[serde(default)]
    pub is_deleted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    Day,
    Week,
    Month,
    Year,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxBehavior {
    Inclusive,
    Exclusive,
    Unspecified,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurring {
    pub interval: Interval,
    pub interval_count: u32,
    pub trial_period_days: Option<u32>,
}

impl Resource for Price {
    stored_as!(Price);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let recurring = self.recurring.map(|recurring| {
            json!({
                "interval": recurring.interval,
                "interval_count": recurring.interval_count,
                "meter": null,
                "trial_period_days": recurring.trial_period_days,
                "usage_type": "licensed",
            })
        });
        json!({
            "id": self.id,
            "object": "price",
            "active": self.is_active,
            "billing_scheme": "per_unit",
            "created": self.created,
            "currency": self.currency,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": self.lookup_key,
            "metadata": self.metadata,
            "nickname": self.nickname,
            "product": self.product,
            "recurring": recurring,
            "tax_behavior": self.tax_behavior,
            "tiers_mode": null,
            "transform_quantity": null,
            "type": if self.recurring.is_some() { "recurring" } else { "one_time" },
            "unit_amount": self.unit_amount.whole(),
            "unit_amount_decimal": self.unit_amount.to_string(),
        })
    }

    /// A price has no other currency than its own here.
    fn includable(&self, _tx: &Tx<'_>, field: &str) -> Option<Value> {
        let option = json!({
            "custom_unit_amount": null,
            "tax_behavior": self.tax_behavior,
            "unit_amount": self.unit_amount.whole(),
            "unit_amount_decimal": self.unit_amount.to_string(),
        });
        (field == "currency_options").then(|| json!({ self.currency.as_str(): option }))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRecurring {
    pub interval: Interval,
    pub interval_count: Option<u32>,
    pub trial_period_days: Option<u32>,
    #[serde(rename = "usage_type")]
    _usage_type: Option<Licensed>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Licensed {
    Licensed,
}

/// A price that is given where it is needed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPrice {
    pub currency: String,
    pub unit_amount: Option<i64>,
    pub unit_amount_decimal: Option<String>,
    pub recurring: Option<NewRecurring>,
    pub tax_behavior: Option<TaxBehavior>,
    pub metadata: Option<Metadata>,
    /// Where the product is not said otherwise.
    pub product: Option<String>,
}

impl Price {
    /// Checks and stores a price, and tells nobody yet.
    pub fn new(tx: &mut Tx<'_>, new: NewPrice, product: &str, param: &str) -> Result<Self, ApiError> {
        let under = |name: &str| under(param, name);
        let currency = currency::checked(&new.currency, &under("currency"))?;
        let decimal = new.unit_amount_decimal.as_deref();
        let unit_amount = checked_unit_amount(new.unit_amount, decimal, &currency, &under("unit_amount"))?;
        let recurring = new.recurring.map(|recurring| recurring.checked(&under("recurring"))).transpose()?;
        let price = Self {
            id: tx.new_id("price_"),
            created: tx.now(None),
            product: product.to_owned(),
            currency,
            unit_amount,
            recurring,
            is_active: true,
            nickname: None,
            lookup_key: None,
            tax_behavior: new.tax_behavior.unwrap_or(TaxBehavior::Unspecified),
            metadata: new_metadata(new.metadata)?,
            is_deleted: false,
        };
        tx.put(price.clone());
        Ok(price)
    }

    /// A price that is there for those who do not pay it yet.
    ///
    /// # Errors
    ///
    /// There is none, or it was deleted as a plan; `param` says where its id came from.
    pub fn present(tx: &Tx<'_>, param: &str, id: &str) -> Result<Self, ApiError> {
        let price = tx.named::<Self>(param, id)?;
        if price.is_deleted {
            return Err(ApiError::invalid(format!("No such price: '{id}'"))
                .about(param)
                .coded("resource_missing"));
        }
        Ok(price)
    }

    /// A recurring price is announced as a plan too, as in Stripe.
    pub fn announce(&self, tx: &mut Tx<'_>) {
        if self.recurring.is_some() {
            super::plans::tell(tx, self, "plan.created");
        }
        tx.create(self, "price.created");
    }
}

/// From `{param}` in minor units, or from `{param}_decimal` with fractions of them.
///
/// # Errors
///
/// Neither or both of them, or one that is no amount of the currency.
pub fn checked_unit_amount(
    amount: Option<i64>,
    decimal: Option<&str>,
    currency: &str,
    param: &str,
) -> Result<UnitAmount, ApiError> {
    let decimal_param = match param.strip_suffix(']') {
        Some(open) => format!("{open}_decimal]"),
        None => format!("{param}_decimal"),
    };
    match (amount, decimal) {
        (Some(_), Some(_)) => {
            let message = format!("You may only specify one of these parameters: {param}, {decimal_param}.");
            Err(ApiError::invalid(message).about(&decimal_param))
        }
        (None, None) => Err(ApiError::missing_param(param)),
        (Some(amount), None) => {
            check_amount(amount, currency, param)?;
            Ok(amount.into())
        }
        (None, Some(text)) => {
            let decimal: UnitAmount =
                text.parse().map_err(|error: String| ApiError::invalid(error).about(&decimal_param))?;
            let least = decimal.times(1, currency);
            let checked = if decimal < UnitAmount::ZERO { -1 } else { decimal.whole().unwrap_or(least) };
            check_amount(checked, currency, &decimal_param)?;
            Ok(decimal)
        }
    }
}

/// # Errors
///
/// An amount that is negative, too large, or finer than the currency's cards take.
pub fn check_amount(amount: i64, currency: &str, param: &str) -> Result<(), ApiError> {
    if !(0..=LARGEST_AMOUNT).contains(&amount) {
        let message =
            format!("Invalid amount: must be between 0 and {LARGEST_AMOUNT} minor units, and not {amount}.");
        return Err(ApiError::invalid(message).about(param).coded("parameter_invalid_integer"));
    }
    currency::check_step(amount, currency).map_err(|error| error.about(param))
}

impl NewRecurring {
    pub fn new(interval: Interval, interval_count: Option<u32>, trial_period_days: Option<u32>) -> Self {
        Self { interval, interval_count, trial_period_days, _usage_type: None }
    }

    /// # Errors
    ///
    /// An interval or a trial that is too long; `param` is where they came under, if under any.
    pub fn checked(&self, param: &str) -> Result<Recurring, ApiError> {
        let refuse = |name: &str, message: &str| Err(ApiError::invalid(message).about(&under(param, name)));
        let count = self.interval_count.unwrap_or(1);
        let most = match self.interval {
            Interval::Day => 1095,
            Interval::Week => 156,
            Interval::Month => 36,
            Interval::Year => 3,
        };
        if !(1..=most).contains(&count) {
            let message = "An interval may be at most three years long, and its count at least 1.";
            return refuse("interval_count", message);
        }
        if self.trial_period_days.is_some_and(|days| days > LONGEST_TRIAL_DAYS) {
            let message = format!("A trial may last at most {LONGEST_TRIAL_DAYS} days.");
            return refuse("trial_period_days", &message);
        }
        Ok(Recurring {
            interval: self.interval,
            interval_count: count,
            trial_period_days: self.trial_period_days,
        })
    }
}
