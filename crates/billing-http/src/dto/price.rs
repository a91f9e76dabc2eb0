use billing_domain::{Currency, Money, Price, PriceTerms, Version, wire_time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::given::given;
use super::words::IntervalName;
use crate::error::ApiError;

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
            archived_at: price.archived_at.map(wire_time),
            created_at: wire_time(price.created_at),
        }
    }
}

/// Money: 1250 minor units of USD are 12.50 USD, 1200 of JPY are 1200 JPY, 4500 of KWD are 4.500 KWD.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AmountBody {
    /// In the smallest unit of the currency; of a price, from 1 to 999999999999.
    #[schema(example = 1250)]
    minor_units: i64,
    /// A code of ISO 4217.
    #[schema(value_type = String, min_length = 3, max_length = 3, example = "USD")]
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
    amount: AmountBody,
    interval: IntervalName,
}

impl PriceTermsBody {
    /// The terms; an error names this field of the body.
    pub(super) fn terms(self, field: &str) -> Result<PriceTerms, ApiError> {
        let amount = Money::new(self.amount.minor_units, self.amount.currency);
        PriceTerms::new(amount, self.interval.into()).map_err(|error| ApiError::invalid_field(field, error))
    }
}

/// A price to add to a plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddPriceBody {
    amount: AmountBody,
    interval: IntervalName,
    /// The version of the plan the decision is based on. When the plan has changed since, nothing is done.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = u32, required = false)]
    version: Option<u32>,
}

impl AddPriceBody {
    pub(crate) fn read(self) -> Result<(PriceTerms, Option<Version>), ApiError> {
        let terms =
            PriceTermsBody { amount: self.amount, interval: self.interval }.terms("amount.minorUnits")?;
        Ok((terms, self.version.map(Version::from_stored)))
    }
}
