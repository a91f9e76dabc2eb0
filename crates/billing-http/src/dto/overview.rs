use billing_domain::{CurrencyRevenue, MonthlyRevenue, RevenueOverview, wire_time};
use serde::Serialize;
use utoipa::ToSchema;

use super::price::AmountBody;

/// What an app earns in one of its environments.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OverviewBody {
    #[schema(example = "env_01kapzv5e8f6ws8j4kq1bdx0mf")]
    environment_id: String,
    /// The moment of the figures.
    #[schema(format = DateTime, example = "2026-11-29T12:04:00.000Z")]
    as_of: String,
    subscriptions: LiveCountsBody,
    /// Every currency in which anything was charged in the last twelve months, by code.
    currencies: Vec<CurrencyRevenueBody>,
}

/// The numbers of subscriptions in every currency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LiveCountsBody {
    /// Active now, those that are to end included.
    #[schema(example = 1102)]
    active: u64,
    #[schema(example = 64)]
    trialing: u64,
    #[schema(example = 21)]
    past_due: u64,
    /// Live, and to end.
    #[schema(example = 33)]
    ending: u64,
    /// Those that counted for the first time this month.
    #[schema(example = 48)]
    new_this_month: u64,
    /// Those that had counted and ended this month.
    #[schema(example = 17)]
    churned_this_month: u64,
}

/// The revenue in one currency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CurrencyRevenueBody {
    #[schema(pattern = "^[A-Z]{3}$", example = "USD")]
    currency: String,
    monthly_recurring_revenue: AmountBody,
    /// The growth since the end of the month before, in thousandths; null if there was no revenue then.
    #[schema(required = true, example = 87)]
    growth_permille: Option<i64>,
    /// The last twelve months, oldest first. The last one is the present month up to now.
    #[schema(min_items = 12, max_items = 12)]
    months: Vec<MonthlyRevenueBody>,
}

/// The revenue of one month.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MonthlyRevenueBody {
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}$", example = "2026-11")]
    month: String,
    /// At the end of the month, or now.
    monthly_recurring_revenue: AmountBody,
    /// The number of subscriptions that counted for the first time.
    #[schema(example = 48)]
    new: u64,
    /// The number of subscriptions that had counted and ended.
    #[schema(example = 17)]
    churned: u64,
}

impl From<RevenueOverview> for OverviewBody {
    fn from(overview: RevenueOverview) -> Self {
        let counts = overview.subscriptions;
        Self {
            environment_id: overview.environment_id.to_string(),
            as_of: wire_time(overview.as_of),
            subscriptions: LiveCountsBody {
                active: counts.active,
                trialing: counts.trialing,
                past_due: counts.past_due,
                ending: counts.ending,
                new_this_month: overview.new,
                churned_this_month: overview.churned,
            },
            currencies: overview.currencies.iter().filter_map(CurrencyRevenueBody::new).collect(),
        }
    }
}

impl CurrencyRevenueBody {
    fn new(revenue: &CurrencyRevenue) -> Option<Self> {
        Some(Self {
            currency: revenue.currency.to_string(),
            monthly_recurring_revenue: revenue.now()?.revenue.into(),
            growth_permille: revenue.growth_permille(),
            months: revenue.months.iter().map(Into::into).collect(),
        })
    }
}

impl From<&MonthlyRevenue> for MonthlyRevenueBody {
    fn from(month: &MonthlyRevenue) -> Self {
        Self {
            month: month.month.to_string(),
            monthly_recurring_revenue: month.revenue.into(),
            new: month.new,
            churned: month.churned,
        }
    }
}
