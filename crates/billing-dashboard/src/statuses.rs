//! The words and tones of statuses.

use billing_domain::{
    BillingSwitch, ChargeableKind, ChargeableObject, CheckoutIntentState, InvoiceDetails, InvoiceStatus,
    PlanOffer, RefundStatus, Refunded, Subscription, SubscriptionStatus, Visibility,
};

use crate::present::capitalized;
use crate::views::Status;

impl Status {
    fn of(label: &str, tone: &'static str) -> Self {
        Self { label: label.to_owned(), tone }
    }

    pub(crate) fn plan(offer: &PlanOffer) -> Self {
        let plan = &offer.plan;
        if plan.is_archived() {
            Self::of("Archived", "")
        } else if plan.details.is_default {
            Self::of("Default", "info")
        } else if offer.offered_prices().next().is_none() {
            Self::of("No prices", "warn")
        } else if offer.offered_prices().all(|price| price.terms.check_sellable().is_err()) {
            Self::of("Not sellable", "warn")
        } else if plan.details.visibility == Visibility::Hidden {
            Self::of("Hidden", "")
        } else {
            Self::of("On sale", "good")
        }
    }

    pub(crate) fn switch(switch: &BillingSwitch) -> Self {
        match switch {
            BillingSwitch::Disabled => Self::of("Off", ""),
            BillingSwitch::Enabled { .. } => Self::of("On", "good"),
            BillingSwitch::Closing { .. } => Self::of("Being disabled", "warn"),
        }
    }

    pub(crate) fn subscription(status: &SubscriptionStatus) -> Self {
        match status {
            SubscriptionStatus::Active => Self::of("Active", "good"),
            SubscriptionStatus::Trialing => Self::of("Trialing", "info"),
            SubscriptionStatus::PastDue => Self::of("Past due", "warn"),
            SubscriptionStatus::Incomplete => Self::of("Incomplete", "warn"),
            SubscriptionStatus::IncompleteExpired => Self::of("Expired", ""),
            SubscriptionStatus::Unpaid => Self::of("Unpaid", "bad"),
            SubscriptionStatus::Paused => Self::of("Paused", ""),
            SubscriptionStatus::Canceled => Self::of("Canceled", ""),
            SubscriptionStatus::Unrecognized(word) => Self::of(&words(word), ""),
        }
    }

    /// The status, or that it is to end.
    pub(crate) fn of_subscription(subscription: &Subscription) -> Self {
        match &subscription.state.status {
            SubscriptionStatus::Active | SubscriptionStatus::Trialing if subscription.is_ending() => {
                Self::of("Ending", "")
            }
            status => Self::subscription(status),
        }
    }

    pub(crate) fn invoice(status: &InvoiceStatus) -> Self {
        match status {
            InvoiceStatus::Draft => Self::of("Draft", ""),
            InvoiceStatus::Open => Self::of("Open", "info"),
            InvoiceStatus::Paid => Self::of("Paid", "good"),
            InvoiceStatus::Void => Self::of("Void", ""),
            InvoiceStatus::Uncollectible => Self::of("Uncollectible", "bad"),
            InvoiceStatus::Unrecognized(word) => Self::of(&words(word), ""),
        }
    }

    /// The status, or that a paid invoice was refunded.
    pub(crate) fn of_invoice(invoice: &InvoiceDetails) -> Self {
        match (&invoice.status, invoice.how_refunded()) {
            (InvoiceStatus::Paid, Refunded::Fully) => Self::of("Refunded", ""),
            (InvoiceStatus::Paid, Refunded::Partly) => Self::of("Partly refunded", ""),
            (status, _) => Self::invoice(status),
        }
    }

    pub(crate) fn refund(status: &RefundStatus) -> Self {
        match status {
            RefundStatus::Succeeded => Self::of("Refunded", "good"),
            RefundStatus::Pending => Self::of("Pending", "info"),
            RefundStatus::RequiresAction => Self::of("Needs the payer", "warn"),
            RefundStatus::Failed => Self::of("Failed", "bad"),
            RefundStatus::Canceled => Self::of("Canceled", ""),
            RefundStatus::Unrecognized(word) => Self::of(&words(word), ""),
        }
    }

    /// The status that Stripe lists.
    pub(crate) fn chargeable(object: &ChargeableObject) -> Self {
        let word = object.status.as_deref().unwrap_or("pending");
        match object.kind {
            ChargeableKind::Subscription => Self::subscription(&SubscriptionStatus::from_stripe(word)),
            ChargeableKind::Invoice => Self::invoice(&InvoiceStatus::from_stripe(word)),
            ChargeableKind::CheckoutSession
            | ChargeableKind::SubscriptionSchedule
            | ChargeableKind::InvoiceItem => Self::of(&words(word), "info"),
        }
    }

    pub(crate) fn checkout(state: CheckoutIntentState) -> Self {
        match state {
            CheckoutIntentState::Unresolved => Self::of("Outcome unknown", "warn"),
            CheckoutIntentState::Open => Self::of("Open", "info"),
            CheckoutIntentState::Complete | CheckoutIntentState::Synced => Self::of("Completed", "good"),
            CheckoutIntentState::Expired => Self::of("Expired", ""),
            CheckoutIntentState::Refused => Self::of("Refused", ""),
        }
    }
}

/// A word of Stripe's that has no label of its own.
fn words(word: &str) -> String {
    capitalized(&word.replace('_', " "))
}
