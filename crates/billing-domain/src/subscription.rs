use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    AppId, EnvironmentId, GatewayAccountId, Payer, StripeSubscriptionId, SubscriptionId, WorkspaceId,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Our id.
    pub id: SubscriptionId,
    /// The selling tenant.
    pub workspace_id: WorkspaceId,
    /// The app that sells the plan.
    pub app_id: AppId,
    /// The payer's environment.
    pub environment_id: EnvironmentId,
    /// The charged payer.
    pub payer: Payer,
    /// The Stripe account that charges. Never changes.
    pub gateway_account_id: GatewayAccountId,
    /// Stripe's id.
    pub stripe_id: StripeSubscriptionId,
    /// The status Stripe last reported.
    pub status: SubscriptionStatus,
}

/// The mirror of a workspace's own subscription on the platform's Stripe account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceSubscription {
    /// The paying tenant.
    pub workspace_id: WorkspaceId,
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
