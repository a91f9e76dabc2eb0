//! What people ask, what they were told is done, and how subscriptions are to be.

use std::collections::BTreeMap;

use billing_application::{ChangePlan, PlanChange};
use billing_domain::{RequestKey, TrialEnd};

use crate::auditor::Told;

/// What an actor's job asks, where something follows from its success.
pub(super) enum Asked {
    /// The refund of an invoice, under the key in this place.
    Refund(String, usize),
    /// The end of an open invoice.
    Void(String),
    /// The cost of a change, in the workspace in this place.
    Preview(usize, PlanChange),
    /// The change with the preview in this place.
    Change(usize),
}

/// A preview of a change of plan, and the key under which it is confirmed, as often as it may be.
pub(super) struct Preview {
    /// The place of its workspace.
    pub(super) tenant: usize,
    pub(super) request: ChangePlan,
    pub(super) key: RequestKey,
    /// The latest event at Stripe before it was first confirmed.
    pub(super) since: Option<String>,
}

/// The previews of a workspace that people still look at.
const LOOKED_AT: usize = 4;

/// The wishes of a life.
#[derive(Default)]
pub(super) struct Wishes {
    /// By actor.
    pub(super) asked: BTreeMap<usize, Asked>,
    /// Whether subscriptions are to end with their period.
    pub(super) ends: Latest<bool>,
    /// The ends of trials.
    pub(super) trials: Latest<TrialEnd>,
    pub(super) previews: Vec<Preview>,
    pub(super) told: Told,
}

impl Wishes {
    /// The end of an actor's job that told nobody anything.
    pub(super) fn dropped(&mut self, actor: usize) {
        self.asked.remove(&actor);
        self.ends.end(actor, false);
        self.trials.end(actor, false);
    }

    /// Whether a refund is being asked for.
    pub(super) fn is_refunding(&self) -> bool {
        self.asked.values().any(|asked| matches!(asked, Asked::Refund(..)))
    }

    /// The places of the latest previews of a workspace.
    pub(super) fn latest_previews(&self, tenant: usize) -> Vec<usize> {
        let is_of_tenant = |place: &usize| self.previews[*place].tenant == tenant;
        (0..self.previews.len()).rev().filter(is_of_tenant).take(LOOKED_AT).collect()
    }
}

/// A change that is under way.
struct UnderWay<T> {
    actor: usize,
    subscription: String,
    /// How it is to be afterwards; `None` where nothing can be said.
    asked: Option<T>,
    /// Whether no other change of the subscription was under way at the same time.
    is_alone: bool,
}

/// The latest wish for each subscription.
pub(super) struct Latest<T> {
    under_way: Vec<UnderWay<T>>,
    /// The subscriptions whose last change was confirmed, with how they are to be.
    confirmed: BTreeMap<String, T>,
}

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self { under_way: Vec::new(), confirmed: BTreeMap::new() }
    }
}

impl<T: Copy> Latest<T> {
    pub(super) fn begin(&mut self, actor: usize, subscription: &str, asked: Option<T>) {
        let mut is_alone = true;
        for other in self.under_way.iter_mut().filter(|other| other.subscription == subscription) {
            (other.is_alone, is_alone) = (false, false);
        }
        self.confirmed.remove(subscription);
        self.under_way.push(UnderWay { actor, subscription: subscription.to_owned(), asked, is_alone });
    }

    /// The end of an actor's job, whatever it was. Returns what is confirmed by it.
    pub(super) fn end(&mut self, actor: usize, succeeded: bool) -> Option<(String, T)> {
        let place = self.under_way.iter().position(|it| it.actor == actor)?;
        let UnderWay { subscription, asked, is_alone, .. } = self.under_way.swap_remove(place);
        let asked = asked.filter(|_| succeeded && is_alone)?;
        self.confirmed.insert(subscription.clone(), asked);
        Some((subscription, asked))
    }

    /// The subscriptions of which it is known how they are to be.
    pub(super) fn confirmed(&self) -> &BTreeMap<String, T> {
        &self.confirmed
    }
}
