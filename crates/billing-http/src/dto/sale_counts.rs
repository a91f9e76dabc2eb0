use std::collections::BTreeMap;

use billing_domain::ports::{InvoiceCounts, SubscriptionCounts};
use billing_domain::{InvoiceStatus, SubscriptionStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// The numbers of an app's subscriptions.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionCountsBody {
    /// All of them.
    #[schema(example = 1290)]
    total: u64,
    /// Those that are live and to end, whatever their status.
    #[schema(example = 33)]
    ending: u64,
    /// Of each status of Stripe.
    #[schema(example = json!({ "active": 1102, "trialing": 64, "canceled": 124 }))]
    by_status: BTreeMap<String, u64>,
}

/// The numbers of an app's invoices.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvoiceCountsBody {
    /// All of them.
    #[schema(example = 3412)]
    total: u64,
    /// Of each status of Stripe.
    #[schema(example = json!({ "draft": 4, "open": 12, "paid": 3396 }))]
    by_status: BTreeMap<String, u64>,
}

impl From<SubscriptionCounts> for SubscriptionCountsBody {
    fn from(counts: SubscriptionCounts) -> Self {
        let known = SubscriptionStatus::KNOWN.iter().map(|status| (status.to_string(), 0));
        let counted = counts.by_status.iter().map(|(status, count)| (status.to_string(), count.total));
        Self {
            total: counts.of(None, false),
            ending: counts.of(None, true),
            by_status: known.chain(counted).collect(),
        }
    }
}

impl From<InvoiceCounts> for InvoiceCountsBody {
    fn from(counts: InvoiceCounts) -> Self {
        let known = InvoiceStatus::KNOWN.iter().map(|status| (status.as_str().to_owned(), 0));
        let counted = counts.by_status.iter().map(|(status, number)| (status.as_str().to_owned(), *number));
        Self { total: counts.of(None), by_status: known.chain(counted).collect() }
    }
}
