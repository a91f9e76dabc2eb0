//! What people last asked of the end of each subscription, and were told is so.

use std::collections::BTreeMap;

/// A change that is under way.
struct UnderWay {
    actor: usize,
    subscription: String,
    /// Whether it is to end with its period afterwards; `None` where nothing can be said.
    ends: Option<bool>,
    /// Whether no other change of the subscription was under way at the same time.
    is_alone: bool,
}

/// The latest wishes.
#[derive(Default)]
pub(crate) struct Wishes {
    under_way: Vec<UnderWay>,
    /// The subscriptions whose last change was confirmed, with whether they are to end with their period.
    confirmed: BTreeMap<String, bool>,
}

impl Wishes {
    pub(super) fn begin(&mut self, actor: usize, subscription: &str, ends: Option<bool>) {
        let mut is_alone = true;
        for other in self.under_way.iter_mut().filter(|other| other.subscription == subscription) {
            (other.is_alone, is_alone) = (false, false);
        }
        self.confirmed.remove(subscription);
        self.under_way.push(UnderWay { actor, subscription: subscription.to_owned(), ends, is_alone });
    }

    /// The end of an actor's job, whatever it was.
    pub(super) fn end(&mut self, actor: usize, succeeded: bool) {
        let Some(place) = self.under_way.iter().position(|it| it.actor == actor) else { return };
        let UnderWay { subscription, ends, is_alone, .. } = self.under_way.swap_remove(place);
        if let Some(ends) = ends.filter(|_| succeeded && is_alone) {
            self.confirmed.insert(subscription, ends);
        }
    }

    /// The subscriptions of which it is known how they are to be.
    pub(crate) fn confirmed(&self) -> &BTreeMap<String, bool> {
        &self.confirmed
    }
}
