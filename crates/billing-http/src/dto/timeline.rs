use billing_application::Timeline;
use billing_domain::{Upcoming, wire_time};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AuditEntryBody, InvoiceAmountBody};

/// What happened to a subscription, the last first, and what is to happen to it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimelineBody {
    /// What is to happen as far as is known, the soonest first; the same with every part.
    upcoming: Vec<UpcomingBody>,
    /// The entries of the audit log about the subscription, its invoices and its calls to Stripe.
    items: Vec<AuditEntryBody>,
    /// Asks for the next part as `cursor`; null when there is none.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// Something that is to happen to a subscription.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpcomingBody {
    /// `trial_end` (the trial ends, and the first period is charged), `renewal` (the next period is), `payment_attempt`
    /// (Stripe tries again to charge for the invoice), `grace_end` (access ends although the subscription goes on) or
    /// `end` (the subscription ends).
    #[schema(example = "renewal")]
    kind: &'static str,
    #[schema(format = DateTime, example = "2026-12-22T12:34:56.789Z")]
    at: String,
    /// What is to be charged, before discounts and taxes; null if nothing is, or at a price made at Stripe.
    #[schema(required = true)]
    amount: Option<InvoiceAmountBody>,
    /// The invoice that is to be paid.
    #[schema(required = true, example = "inv_01kapzv5e8f6ws8j4kq1bdx0mp")]
    invoice_id: Option<String>,
}

impl From<Timeline> for TimelineBody {
    fn from(timeline: Timeline) -> Self {
        Self {
            upcoming: timeline.upcoming.into_iter().map(UpcomingBody::from).collect(),
            items: timeline.page.items.into_iter().map(AuditEntryBody::from).collect(),
            next_cursor: timeline.page.next_cursor,
        }
    }
}

impl From<Upcoming> for UpcomingBody {
    fn from(upcoming: Upcoming) -> Self {
        Self {
            kind: upcoming.kind.as_str(),
            at: wire_time(upcoming.at),
            amount: upcoming.amount.map(InvoiceAmountBody::from),
            invoice_id: upcoming.invoice_id.map(String::from),
        }
    }
}
