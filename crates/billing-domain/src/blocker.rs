use crate::{
    AppId, CheckoutIntentId, CheckoutIntentState, Payer, StripeSubscriptionId, SubscriptionId,
    SubscriptionStatus, Timestamp,
};

/// One reason why billing cannot be switched off: something through which Stripe can still charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    /// A live subscription of an end user or organization.
    Subscription {
        /// Our id of it.
        id: SubscriptionId,
        /// The app whose plan it is.
        app_id: AppId,
        /// Who is charged.
        payer: Payer,
        /// A live status.
        status: SubscriptionStatus,
    },
    /// The live subscription of the workspace to the platform.
    WorkspaceSubscription {
        /// Stripe's id of it.
        id: StripeSubscriptionId,
        /// A live status.
        status: SubscriptionStatus,
    },
    /// A checkout that is open, paid and not yet mirrored, or of unknown outcome.
    CheckoutIntent {
        /// Our id of it.
        id: CheckoutIntentId,
        /// The app whose plan is being bought.
        app_id: AppId,
        /// Who is buying.
        payer: Payer,
        /// A state that can still lead to a charge.
        state: CheckoutIntentState,
        /// When its Checkout Session expires at the latest.
        expires_at: Timestamp,
    },
}

/// Everything that blocks switching off, in bounded size: the first
/// [`LISTED_AT_MOST`](Self::LISTED_AT_MOST), and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blockers {
    listed: Vec<Blocker>,
    total: u64,
}

impl Blockers {
    /// How many are listed one by one.
    pub const LISTED_AT_MOST: usize = 100;

    /// The first blockers and the number of all. What is listed beyond
    /// [`LISTED_AT_MOST`](Self::LISTED_AT_MOST) is cut off; a `total` smaller than the list is raised to it.
    #[must_use]
    pub fn new(mut listed: Vec<Blocker>, total: u64) -> Self {
        let total = total.max(listed.len() as u64);
        listed.truncate(Self::LISTED_AT_MOST);
        Self { listed, total }
    }

    /// Nothing blocks.
    #[must_use]
    pub fn none() -> Self {
        Self { listed: Vec::new(), total: 0 }
    }

    /// Whether nothing blocks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The first blockers.
    #[must_use]
    pub fn listed(&self) -> &[Blocker] {
        &self.listed
    }

    /// How many there are, listed or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocker() -> Blocker {
        Blocker::WorkspaceSubscription {
            id: StripeSubscriptionId::parse("sub_1").unwrap(),
            status: SubscriptionStatus::Active,
        }
    }

    #[test]
    fn the_list_is_bounded_and_the_total_is_not() {
        let blockers = Blockers::new(vec![blocker(); 130], 4_000);
        assert_eq!(blockers.listed().len(), Blockers::LISTED_AT_MOST);
        assert_eq!(blockers.total(), 4_000);
    }

    #[test]
    fn a_listed_blocker_always_counts() {
        assert!(!Blockers::new(vec![blocker()], 0).is_empty());
        assert!(!Blockers::new(Vec::new(), 1).is_empty());
        assert!(Blockers::none().is_empty());
    }
}
