use billing_application::Attention;
use billing_domain::wire_time;
use serde::Serialize;
use utoipa::ToSchema;

use super::{InvoiceAmountBody, InvoiceBody, SubscriptionBody};

/// A subscription that somebody has to look after.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttentionBody {
    /// Its status is `past_due`, `unpaid`, `incomplete` or `paused`.
    subscription: SubscriptionBody,
    /// Since when: the date of its oldest unpaid invoice or, of one that is paused, the end of its trial.
    #[schema(required = true, format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    since: Option<String>,
    /// What is due; null if nothing is, or if it is in several currencies.
    #[schema(required = true)]
    due: Option<InvoiceAmountBody>,
    /// When Stripe next tries to charge; null if it does not.
    #[schema(required = true, format = DateTime, example = "2026-11-25T12:34:56.789Z")]
    next_attempt_at: Option<String>,
    /// When access ends that is kept while past due; null for another status.
    #[schema(required = true, format = DateTime, example = "2026-11-29T12:34:56.789Z")]
    grace_ends_at: Option<String>,
    /// Its final and unpaid invoices, the oldest first.
    unpaid_invoices: Vec<InvoiceBody>,
}

impl From<Attention> for AttentionBody {
    fn from(attention: Attention) -> Self {
        Self {
            since: attention.since.map(wire_time),
            due: attention.due().map(InvoiceAmountBody::from),
            next_attempt_at: attention.next_attempt_at().map(wire_time),
            grace_ends_at: attention.grace_end.map(wire_time),
            subscription: attention.subscription.into(),
            unpaid_invoices: attention.unpaid.into_iter().map(InvoiceBody::from).collect(),
        }
    }
}
