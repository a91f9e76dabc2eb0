use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    AppId, EnvironmentId, GatewayAccountId, Payer, StripeSubscriptionId, SubscriptionId, WorkspaceId,
};

/// A subscription's status in Stripe's words.
///
/// Reading one never fails: a word this code does not know is kept as it came and counts as live, because
/// taking a charged subscription for an ended one costs somebody money and the opposite does not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SubscriptionStatus {
    /// The first payment has not succeeded yet; after 23 hours it becomes `incomplete_expired`.
    Incomplete,
    /// The first payment never came. Final.
    IncompleteExpired,
    /// In a trial.
    Trialing,
    /// Paid.
    Active,
    /// A renewal failed and is being retried.
    PastDue,
    /// Ended. Final.
    Canceled,
    /// Retries are used up; invoices are still drafted and stay payable.
    Unpaid,
    /// The trial ended without a payment method.
    Paused,
    /// A word Stripe added after this was written.
    Unrecognized(String),
}

impl SubscriptionStatus {
    /// Reads Stripe's `status`.
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

    /// Stripe's word.
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

    /// Whether Stripe may still charge for it: every status but `canceled` and `incomplete_expired`
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

/// Our mirror of an end user's or organization's Stripe subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Our id.
    pub id: SubscriptionId,
    /// The tenant that sells.
    pub workspace_id: WorkspaceId,
    /// The app whose plan it is.
    pub app_id: AppId,
    /// The environment the payer lives in.
    pub environment_id: EnvironmentId,
    /// Who is charged.
    pub payer: Payer,
    /// The Stripe account that charges, for the life of the subscription.
    pub gateway_account_id: GatewayAccountId,
    /// Stripe's id of it.
    pub stripe_id: StripeSubscriptionId,
    /// As Stripe last said.
    pub status: SubscriptionStatus,
}

/// Our mirror of what a workspace itself pays the platform: a Stripe subscription on the platform's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceSubscription {
    /// The tenant that pays.
    pub workspace_id: WorkspaceId,
    /// Stripe's id of it.
    pub stripe_id: StripeSubscriptionId,
    /// As Stripe last said.
    pub status: SubscriptionStatus,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every status of Stripe's API reference, and whether it can still lead to a charge.
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
    fn a_subscription_is_live_in_every_status_but_the_two_final_ones() {
        for (word, live) in STRIPE_STATUSES {
            let status = SubscriptionStatus::from_stripe(word);
            assert_eq!(status.is_live(), live, "{word}");
        }
    }

    #[test]
    fn a_known_status_keeps_its_word_and_an_unknown_one_too() {
        for (word, _) in STRIPE_STATUSES {
            let status = SubscriptionStatus::from_stripe(word);
            assert_eq!(status.as_str(), word);
            assert!(!matches!(status, SubscriptionStatus::Unrecognized(_)), "{word}");
        }
        assert_eq!(SubscriptionStatus::from_stripe("hibernating").as_str(), "hibernating");
    }

    #[test]
    fn a_status_stripe_adds_later_counts_as_live() {
        assert!(SubscriptionStatus::from_stripe("hibernating").is_live());
    }
}
