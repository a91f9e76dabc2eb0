use billing_domain::{Currency, Money, Price, PriceTerms, Version, wire_time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::given::{Object, given};
use super::version::VersionNumber;
use super::words::IntervalName;
use crate::error::{ApiError, Part};

/// A price of a plan. It never changes: another amount is another price.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceBody {
    #[schema(example = "price_01kapzv5e8f6ws8j4kq1bdx0mg")]
    id: String,
    #[schema(example = "plan_01kapzv5e8f6ws8j4kq1bdx0mh")]
    plan_id: String,
    amount: AmountBody,
    interval: IntervalName,
    /// Whether Stripe can charge the amount. False only of a price from before that was checked: it can only be
    /// archived.
    sellable: bool,
    /// Since when nobody new can subscribe at it; null while it is offered.
    #[schema(required = true, format = DateTime)]
    archived_at: Option<String>,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    created_at: String,
}

impl From<Price> for PriceBody {
    fn from(price: Price) -> Self {
        Self {
            id: price.id.to_string(),
            plan_id: price.plan_id.to_string(),
            amount: price.terms.amount().into(),
            interval: price.terms.interval().into(),
            sellable: price.terms.check_sellable().is_ok(),
            archived_at: price.archived_at.map(wire_time),
            created_at: wire_time(price.created_at),
        }
    }
}

/// Money: 1250 minor units of USD are $12.50, 1200 of JPY are ¥1,200, 4500 of KWD are KWD 4.500.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AmountBody {
    /// In the smallest unit of the currency.
    #[schema(minimum = 0, example = 1250)]
    minor_units: i64,
    /// A code of ISO 4217.
    #[schema(value_type = String, pattern = "^[A-Z]{3}$", example = "USD")]
    currency: Currency,
}

/// The amount of a price to make, which Stripe must be able to charge.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PriceAmountBody {
    /// In the smallest unit of the currency. Most currencies take up to 99999999; BHD, JOD, KWD, OMR and TND take tens
    /// only, MGA hundreds.
    #[schema(minimum = 1, maximum = 999_999_999_999_i64, example = 1250)]
    minor_units: i64,
    /// The ISO 4217 code of a currency that Stripe can charge (<https://docs.stripe.com/currencies>).
    #[schema(value_type = String, pattern = "^[A-Za-z]{3}$", example = "USD")]
    currency: Currency,
}

impl From<Money> for AmountBody {
    fn from(money: Money) -> Self {
        Self { minor_units: money.minor_units(), currency: money.currency() }
    }
}

/// The price of a new plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceTermsBody {
    #[schema(value_type = PriceAmountBody)]
    amount: Object<PriceAmountBody>,
    interval: IntervalName,
}

impl PriceTermsBody {
    /// The terms; an error names this field of the body.
    pub(super) fn terms(self, field: &str) -> Result<PriceTerms, ApiError> {
        let Object(amount) = self.amount;
        let amount = Money::new(amount.minor_units, amount.currency);
        PriceTerms::new(amount, self.interval.into())
            .map_err(|error| ApiError::unusable(&Part::Field(field), error))
    }
}

/// A price to add to a plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddPriceBody {
    #[schema(value_type = PriceAmountBody)]
    amount: Object<PriceAmountBody>,
    interval: IntervalName,
    /// The version of the plan the decision is based on. When the plan has changed since, nothing is done.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = VersionNumber, required = false)]
    version: Option<VersionNumber>,
}

impl AddPriceBody {
    pub(crate) fn read(self) -> Result<(PriceTerms, Option<Version>), ApiError> {
        let terms =
            PriceTermsBody { amount: self.amount, interval: self.interval }.terms("amount.minorUnits")?;
        Ok((terms, self.version.map(Version::from)))
    }
}
