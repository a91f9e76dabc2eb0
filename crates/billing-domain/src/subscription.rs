use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    AppId, CheckoutIntentId, EnvironmentId, GatewayAccountId, Payer, PlanId, PriceId, Recurring, StripeId,
    StripeSubscriptionId, SubscriptionId, SubscriptionTimes, Timestamp, WorkspaceId, stored::stored,
    wire_time,
};

/// A subscription's status in Stripe's words.
///
/// Parsing never fails: an unknown status is kept and counts as live. Mistaking a charged subscription for an ended
/// one costs money; the opposite does not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SubscriptionStatus {
    /// The first payment is pending; after 23 hours the status becomes `incomplete_expired`.
    Incomplete,
    /// The first payment failed. Final.
    IncompleteExpired,
    /// In a trial.
    Trialing,
    /// Paid.
    Active,
    /// A renewal failed and is being retried.
    PastDue,
    /// Ended. Final.
    Canceled,
    /// Retries are exhausted; invoices are still drafted and payable.
    Unpaid,
    /// The trial ended without a payment method.
    Paused,
    /// An unknown status.
    Unrecognized(String),
}

impl SubscriptionStatus {
    /// Every status that has a name here.
    pub const KNOWN: [Self; 8] = [
        Self::Active,
        Self::Trialing,
        Self::PastDue,
        Self::Incomplete,
        Self::Unpaid,
        Self::Paused,
        Self::Canceled,
        Self::IncompleteExpired,
    ];

    /// Parses Stripe's `status`.
    #[must_use]
    pub fn from_stripe(status: &str) -> Self {
        match status {
            "incomplete" => Self::Incomplete,
            "incomplete_expired" => Self::IncompleteExpired,
            "trialing" => Self::Trialing,
            "active" => Self::Active,
            "past_due" => Self::PastDue,
            "canceled" => Self::Canceled,
            "unpaid" => Self::Unpaid,
            "paused" => Self::Paused,
            other => Self::Unrecognized(other.to_owned()),
        }
    }

    /// Stripe's status.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Canceled => "canceled",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Unrecognized(word) => word,
        }
    }

    /// Whether Stripe may still charge for the subscription: true except for `canceled` and `incomplete_expired`
    /// (contract, section 2).
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self {
            Self::Canceled | Self::IncompleteExpired => false,
            Self::Incomplete
            | Self::Trialing
            | Self::Active
            | Self::PastDue
            | Self::Unpaid
            | Self::Paused
            | Self::Unrecognized(_) => true,
        }
    }
}

impl fmt::Display for SubscriptionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<String> for SubscriptionStatus {
    fn from(status: String) -> Self {
        Self::from_stripe(&status)
    }
}

impl From<SubscriptionStatus> for String {
    fn from(status: SubscriptionStatus) -> Self {
        status.as_str().to_owned()
    }
}

/// The mirror of an end user's or organization's Stripe subscription.
///
/// Deserializes from stored JSON, without the rules for new input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Our id.
    pub id: SubscriptionId,
    /// The selling tenant.
    #[serde(deserialize_with = "stored")]
    pub workspace_id: WorkspaceId,
    /// The app that sells the plan.
    #[serde(deserialize_with = "stored")]
    pub app_id: AppId,
    /// The payer's environment.
    #[serde(deserialize_with = "stored")]
    pub environment_id: EnvironmentId,
    /// The charged payer.
    pub payer: Payer,
    /// The Stripe account that charges. Never changes.
    #[serde(deserialize_with = "stored")]
    pub gateway_account_id: GatewayAccountId,
    /// Stripe's id.
    #[serde(deserialize_with = "stored")]
    pub stripe_id: StripeSubscriptionId,
    /// The customer that is charged.
    #[serde(deserialize_with = "stored")]
    pub customer: StripeId,
    /// The intent through which it was sold; `None` if it was made at Stripe.
    pub intent_id: Option<CheckoutIntentId>,
    /// The part that follows Stripe.
    #[serde(flatten)]
    pub state: SubscriptionState,
    /// The moment of the latest fetch. Not audited.
    #[serde(skip_serializing, with = "wire_time")]
    pub synced_at: Timestamp,
}

/// The part of a subscription that follows Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionState {
    /// The status.
    pub status: SubscriptionStatus,
    /// The plan of its price; `None` for a price that is not ours.
    pub plan_id: Option<PlanId>,
    /// Its price; `None` for one that is not ours.
    pub price_id: Option<PriceId>,
    /// The number of seats.
    pub quantity: u32,
    /// What it charges; `None` if that could not be read, or was never fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurring: Option<Recurring>,
    /// The moments in its life.
    #[serde(flatten)]
    pub times: SubscriptionTimes,
}

impl SubscriptionState {
    /// The state without the discounts that have ended by a moment, of which Stripe does not tell.
    #[must_use]
    pub fn lasting_at(&self, moment: Timestamp) -> Self {
        let mut lasting = self.clone();
        if let Some(recurring) = &mut lasting.recurring {
            recurring.discounts.retain(|discount| discount.ends_at.is_none_or(|end| moment < end));
        }
        lasting
    }
}

impl Subscription {
    /// Whether Stripe may still charge for it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state.status.is_live()
    }

    /// Stripe's id, as that of any object.
    #[must_use]
    pub fn stripe_object(&self) -> StripeId {
        self.stripe_id.clone().into()
    }

    /// Whether it is to end, at the end of its period or at another moment.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.is_live() && self.state.times.cancel_at.is_some()
    }

    /// Whether a state differs from this one only in what a version before did not fetch.
    #[must_use]
    pub fn is_completed_by(&self, state: &SubscriptionState) -> bool {
        let fetched_before = |state: &SubscriptionState| {
            let times = SubscriptionTimes { trial_start: None, ..state.times.clone() };
            SubscriptionState { recurring: None, times, ..state.clone() }
        };
        self.state.recurring.is_none() && fetched_before(&self.state) == fetched_before(state)
    }

    /// The subscription in the state that was fetched at `now`; `None` if nothing changed.
    #[must_use]
    pub fn follow(&self, state: SubscriptionState, now: Timestamp) -> Option<Self> {
        (state != self.state).then(|| Self { state, synced_at: now, ..self.clone() })
    }
}

/// The mirror of a workspace's own subscription on the platform's Stripe account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceSubscription {
    /// The paying tenant.
    pub workspace_id: WorkspaceId,
    /// The platform's account.
    pub gateway_account_id: GatewayAccountId,
    /// Stripe's id.
    pub stripe_id: StripeSubscriptionId,
    /// The status Stripe last reported.
    pub status: SubscriptionStatus,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every status of Stripe's API reference, and whether it is live.
    const STRIPE_STATUSES: [(&str, bool); 8] = [
        ("incomplete", true),
        ("incomplete_expired", false),
        ("trialing", true),
        ("active", true),
        ("past_due", true),
        ("canceled", false),
        ("unpaid", true),
        ("paused", true),
    ];

    #[test]
    fn a_subscription_is_live_unless_its_status_is_final() {
        for (word, live) in STRIPE_STATUSES {
            let status = SubscriptionStatus::from_stripe(word);
            assert_eq!(status.is_live(), live, "{word}");
        }
    }

    #[test]
    fn a_status_round_trips_even_if_unknown() {
        for (word, _) in STRIPE_STATUSES {
            let status = SubscriptionStatus::from_stripe(word);
            assert_eq!(status.as_str(), word);
            assert!(!matches!(status, SubscriptionStatus::Unrecognized(_)), "{word}");
        }
        assert_eq!(SubscriptionStatus::from_stripe("hibernating").as_str(), "hibernating");
    }

    #[test]
    fn an_unknown_status_is_live() {
        assert!(SubscriptionStatus::from_stripe("hibernating").is_live());
    }
}
