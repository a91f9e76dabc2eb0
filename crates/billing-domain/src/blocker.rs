use crate::{
    AppId, ChargeableKind, ChargeableObject, CheckoutIntentId, CheckoutIntentState, Payer,
    StripeSubscriptionId, SubscriptionId, SubscriptionStatus, Timestamp,
};

/// A reason to refuse disabling billing: something through which Stripe can still charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    /// A live subscription of an end user or organization.
    Subscription {
        /// Our subscription id.
        id: SubscriptionId,
        /// Stripe's id.
        stripe_id: StripeSubscriptionId,
        /// The app that sells the plan.
        app_id: AppId,
        /// The charged payer.
        payer: Payer,
        /// A live status.
        status: SubscriptionStatus,
    },
    /// The live subscription of the workspace to the platform.
    WorkspaceSubscription {
        /// Stripe's subscription id.
        id: StripeSubscriptionId,
        /// A live status.
        status: SubscriptionStatus,
    },
    /// A checkout that is open, paid and not yet mirrored, or of unknown outcome.
    CheckoutIntent {
        /// Our checkout intent id.
        id: CheckoutIntentId,
        /// The app that sells the plan.
        app_id: AppId,
        /// The buyer.
        payer: Payer,
        /// A state that can still lead to a charge.
        state: CheckoutIntentState,
        /// The latest expiry of its Checkout Session.
        expires_at: Timestamp,
    },
    /// Something at Stripe through which it can charge, as listed by Stripe.
    AtGateway(ChargeableObject),
}

/// The blockers of disabling billing: the first [`LISTED_AT_MOST`](Self::LISTED_AT_MOST) and the total number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blockers {
    listed: Vec<Blocker>,
    total: u64,
}

impl Blockers {
    /// The maximum number of listed blockers.
    pub const LISTED_AT_MOST: usize = 100;

    /// Blockers with their total. Cuts the list at [`LISTED_AT_MOST`](Self::LISTED_AT_MOST); a `total` smaller than
    /// the list is raised to its length.
    #[must_use]
    pub fn new(mut listed: Vec<Blocker>, total: u64) -> Self {
        let total = total.max(listed.len() as u64);
        listed.truncate(Self::LISTED_AT_MOST);
        Self { listed, total }
    }

    /// No blockers.
    #[must_use]
    pub fn none() -> Self {
        Self { listed: Vec::new(), total: 0 }
    }

    /// Whether a live subscription is among those listed: only its end takes it out of the way.
    #[must_use]
    pub fn has_subscription(&self) -> bool {
        let is_one = |blocker: &Blocker| {
            matches!(blocker, Blocker::Subscription { .. } | Blocker::WorkspaceSubscription { .. })
        };
        self.listed.iter().any(is_one)
    }

    /// These blockers and what was found at Stripe. A subscription that is a blocker already counts once.
    #[must_use]
    pub fn with_found(self, found: &[ChargeableObject]) -> Self {
        let Self { mut listed, total } = self;
        let mirrored: Vec<&StripeSubscriptionId> = listed
            .iter()
            .filter_map(|blocker| match blocker {
                Blocker::Subscription { stripe_id, .. } => Some(stripe_id),
                Blocker::WorkspaceSubscription { id, .. } => Some(id),
                Blocker::CheckoutIntent { .. } | Blocker::AtGateway(_) => None,
            })
            .collect();
        let is_new = |object: &&ChargeableObject| {
            object.kind != ChargeableKind::Subscription
                || !mirrored.iter().any(|id| id.as_str() == object.id.as_str())
        };
        let new: Vec<_> = found.iter().filter(is_new).cloned().map(Blocker::AtGateway).collect();
        let total = total + new.len() as u64;
        listed.extend(new);
        Self::new(listed, total)
    }

    /// Whether there are no blockers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The first blockers.
    #[must_use]
    pub fn listed(&self) -> &[Blocker] {
        &self.listed
    }

    /// The number of all blockers, listed or not.
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
    fn the_list_of_blockers_is_bounded_and_the_total_is_not() {
        let blockers = Blockers::new(vec![blocker(); 130], 4_000);
        assert_eq!(blockers.listed().len(), Blockers::LISTED_AT_MOST);
        assert_eq!(blockers.total(), 4_000);
    }

    #[test]
    fn the_total_is_at_least_the_length_of_the_list() {
        assert!(!Blockers::new(vec![blocker()], 0).is_empty());
        assert!(!Blockers::new(Vec::new(), 1).is_empty());
        assert!(Blockers::none().is_empty());
    }
}
