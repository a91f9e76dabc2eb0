use billing_domain::{
    AppId, BillingInterval, ChangeFrom, Currency, Money, Plan, PlanKey, PreviewedInvoice, Price, ShownChange,
    SubscriptionId, Timestamp,
};
use serde::Serialize;

/// A change of a subscription's plan, interval or seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanChange {
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The plan after the change. With the present plan and interval the subscription keeps its price, even one that is
    /// not offered any more.
    pub plan: PlanKey,
    /// The interval after the change.
    pub interval: BillingInterval,
    /// The currency, which cannot change; `None` for the present one.
    pub currency: Option<Currency>,
    /// The number of seats after the change; `None` for the present one.
    pub quantity: Option<u32>,
    /// The moment of the change.
    pub from: ChangeFrom,
}

/// Makes a change of plan that was previewed. What is charged is what was shown, or nothing is changed. Repeated under the
/// same idempotency key, it goes on where it ended; repeated when the subscription is as asked, it changes nothing.
#[derive(Debug, Clone, Serialize)]
pub struct ChangePlan {
    /// The change.
    pub change: PlanChange,
    /// The previewed cost.
    pub shown: ShownChange,
}

/// The cost of a change of plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChangePreview {
    /// The plan after the change.
    pub plan: Plan,
    /// The price after the change.
    pub price: Price,
    /// The number of seats after the change.
    pub quantity: u32,
    /// The moment of the change.
    pub from: ChangeFrom,
    /// The invoice of today; without lines when nothing is billed.
    pub invoice: PreviewedInvoice,
    /// The amount of each period after the change, before discounts and taxes.
    pub recurring: Money,
    /// The moment from which that is charged.
    pub recurs_from: Option<Timestamp>,
    /// The proof to confirm the change with.
    pub shown: ShownChange,
}

/// A preview that does not hold any more, and the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutdatedPreview {
    /// The previewed cost.
    pub shown: ShownChange,
    /// The present cost.
    pub present: PlanChangePreview,
}
