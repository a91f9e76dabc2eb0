use chrono::TimeDelta;

use crate::{Currency, Recurring, SubscriptionState, SubscriptionStatus, SubscriptionTimes, Timestamp};

/// A change of what a subscription brings in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevenueChange {
    /// The moment.
    pub at: Timestamp,
    /// The currency.
    pub currency: Currency,
    /// The difference, in twelfths of a minor unit.
    pub twelfths: i64,
    /// Whether the subscription counts for the first time.
    pub is_new: bool,
    /// Whether the subscription, which counted, has ended.
    pub is_churn: bool,
}

/// All changes of what one subscription brings in a month, in order. Those ahead are of discounts that will end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RevenueHistory(Vec<RevenueChange>);

/// A subscription as it was fetched, and what is known of the time before.
#[derive(Debug, Clone, Copy)]
pub struct RevenueSighting<'a> {
    /// The state at the previous fetch; `None` at the first.
    pub before: Option<&'a SubscriptionState>,
    /// The moment of the previous fetch.
    pub seen_before_at: Option<Timestamp>,
    /// The state.
    pub state: &'a SubscriptionState,
    /// The moment of the latest invoice, if that is of a change.
    pub billed_at: Option<Timestamp>,
    /// The moment of the fetch.
    pub at: Timestamp,
}

/// The time after its creation within which a subscription's trial begins, if it was sold with one.
const SOLD_WITHIN: TimeDelta = TimeDelta::hours(1);

/// Revenue from a moment on.
type Step = (Timestamp, i64);

impl SubscriptionStatus {
    /// Whether a subscription of this status counts as revenue: it is paid, or payment is being retried.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        match self {
            Self::Active | Self::PastDue => true,
            Self::Incomplete
            | Self::IncompleteExpired
            | Self::Trialing
            | Self::Canceled
            | Self::Unpaid
            | Self::Paused
            | Self::Unrecognized(_) => false,
        }
    }
}

impl RevenueHistory {
    /// The history of these changes, which are in order.
    #[must_use]
    pub fn new(changes: Vec<RevenueChange>) -> Self {
        Self(changes)
    }

    /// The changes.
    #[must_use]
    pub fn changes(&self) -> &[RevenueChange] {
        &self.0
    }

    /// The history after a fetch. What Stripe dates changes on its day, however late it is seen: the beginning, trials, the
    /// end, discounts, and changes of the price that were billed. Every other change is of the moment of the fetch.
    #[must_use]
    pub fn followed(&self, sighting: &RevenueSighting<'_>) -> Self {
        let Some(recurring) = &sighting.state.recurring else { return self.ended_as(sighting) };
        let is_same_currency = self.0.first().is_none_or(|first| first.currency == recurring.currency);
        let steps = if is_same_currency { self.steps() } else { Vec::new() };
        let seen = Seen::new(sighting, recurring);
        let steps = if steps.is_empty() { seen.first() } else { seen.after(steps) };
        Self::of_steps(&steps, recurring.currency, ending(sighting))
    }

    /// The history of a subscription of which is not known what it charges: it can only stop.
    fn ended_as(&self, sighting: &RevenueSighting<'_>) -> Self {
        let is_stopped = !sighting.state.status.is_counted();
        let Some(first) = self.0.first().filter(|_| is_stopped) else { return self.clone() };
        let end = ending(sighting);
        Self::of_steps(&cut(self.steps(), end.unwrap_or(sighting.at)), first.currency, end)
    }

    fn steps(&self) -> Vec<Step> {
        let mut sum = 0_i64;
        let step = |change: &RevenueChange| {
            sum = sum.saturating_add(change.twelfths);
            (change.at, sum)
        };
        self.0.iter().map(step).collect()
    }

    fn of_steps(steps: &[Step], currency: Currency, ended_at: Option<Timestamp>) -> Self {
        let mut before = None;
        let mut changes = Vec::new();
        for (at, sum) in steps.iter().copied() {
            let twelfths = sum - before.unwrap_or(0);
            if twelfths != 0 || before.is_none() {
                changes.push(RevenueChange {
                    at,
                    currency,
                    twelfths,
                    is_new: before.is_none(),
                    is_churn: false,
                });
            }
            before = Some(sum);
        }
        if let (Some(at), Some(_)) = (ended_at, changes.first()) {
            match changes.last_mut().filter(|last| last.at == at && !last.is_new) {
                Some(last) => last.is_churn = true,
                None => {
                    changes.push(RevenueChange { at, currency, twelfths: 0, is_new: false, is_churn: true });
                }
            }
        }
        Self(changes)
    }
}

/// The moment at which a subscription ended, if it has.
fn ending(sighting: &RevenueSighting<'_>) -> Option<Timestamp> {
    let times = &sighting.state.times;
    (!sighting.state.status.is_live()).then(|| times.ended_at.or(times.canceled_at).unwrap_or(sighting.at))
}

/// The steps before a moment, and none from it on.
fn cut(mut steps: Vec<Step>, at: Timestamp) -> Vec<Step> {
    steps.retain(|(from, _)| *from < at);
    if steps.last().is_some_and(|(_, sum)| *sum != 0) {
        steps.push((at, 0));
    }
    steps
}

/// The amount at a moment.
fn value_at(steps: &[Step], moment: Timestamp) -> i64 {
    steps.iter().take_while(|(from, _)| *from <= moment).last().map_or(0, |(_, sum)| *sum)
}

impl RevenueSighting<'_> {
    /// Whether a moment at Stripe, which is a whole second, may be later than the previous fetch.
    fn is_unseen(&self, moment: Timestamp) -> bool {
        let seen = self.seen_before_at;
        moment <= self.at && seen.is_none_or(|seen| seen < moment + TimeDelta::seconds(1))
    }
}

struct Seen<'a> {
    sighting: &'a RevenueSighting<'a>,
    /// What it charged at the previous fetch, if that is known.
    past: Option<&'a Recurring>,
    /// What it charges now, with the discounts that have ended since then.
    present: Recurring,
    /// The first beginning of a discount since then.
    discounted_at: Option<Timestamp>,
}

impl<'a> Seen<'a> {
    fn new(sighting: &'a RevenueSighting<'a>, recurring: &Recurring) -> Self {
        let past = sighting.before.and_then(|before| before.recurring.as_ref());
        let past = past.filter(|past| past.currency == recurring.currency);
        let known = past.map(|past| past.discounts.as_slice()).unwrap_or_default();
        let new = recurring.discounts.iter().filter(|discount| !known.contains(discount));
        let begun = new.filter_map(|discount| discount.starts_at);
        let discounted_at = begun.filter(|start| sighting.is_unseen(*start)).min();
        // Stripe does not tell of what has ended. One that another has replaced ended with the beginning of that one.
        let longest = discounted_at.unwrap_or(sighting.at);
        let has_ended = |end: Timestamp| sighting.is_unseen(end) && end <= longest;
        let ended = known.iter().filter(|discount| !recurring.discounts.contains(discount));
        let ended = ended.filter(|discount| discount.ends_at.is_some_and(has_ended));
        let discounts = ended.chain(&recurring.discounts).cloned().collect();
        let present = Recurring { discounts, ..recurring.clone() };
        Self { sighting, past, present, discounted_at }
    }

    fn times(&self) -> &SubscriptionTimes {
        &self.sighting.state.times
    }

    /// The status at the previous fetch.
    fn was(&self) -> Option<&SubscriptionStatus> {
        self.sighting.before.map(|before| &before.status)
    }

    /// The time in which it was on trial last.
    fn trial(&self) -> Option<(Timestamp, Timestamp)> {
        let times = self.times();
        let end = times.trial_end?;
        let made = times.made_at().unwrap_or(end);
        let start = times.trial_start.unwrap_or(made);
        // One that was sold with the subscription may begin a moment later.
        let is_sold_with_it = start < made + SOLD_WITHIN;
        Some((if is_sold_with_it { start.min(made) } else { start }, end))
    }

    /// The whole history of a subscription that is seen for the first time since it counts.
    fn first(&self) -> Vec<Step> {
        let RevenueSighting { state, at, .. } = *self.sighting;
        let made = self.times().made_at().unwrap_or(at);
        let is_resumed = self.was().is_some_and(|status| {
            matches!(
                status,
                SubscriptionStatus::Paused | SubscriptionStatus::Unpaid | SubscriptionStatus::Unrecognized(_)
            )
        });
        let begin = if is_resumed { at } else { made };
        let end = match &state.status {
            SubscriptionStatus::Active | SubscriptionStatus::PastDue => None,
            SubscriptionStatus::Canceled if is_resumed => return Vec::new(),
            SubscriptionStatus::Canceled => ending(self.sighting),
            SubscriptionStatus::Trialing | SubscriptionStatus::Paused => {
                self.trial().map(|(start, _)| start).or(Some(made))
            }
            SubscriptionStatus::Unpaid | SubscriptionStatus::Unrecognized(_) => Some(at),
            SubscriptionStatus::Incomplete | SubscriptionStatus::IncompleteExpired => return Vec::new(),
        };
        until(without(self.charged_from(begin), self.trial()), end)
    }

    /// The history that was known, and what has become of it.
    fn after(&self, steps: Vec<Step>) -> Vec<Step> {
        let RevenueSighting { state, at, .. } = *self.sighting;
        let was_counted = self.was().is_none_or(SubscriptionStatus::is_counted);
        let was_on_trial = self.was() == Some(&SubscriptionStatus::Trialing);
        let begun = steps[0].0;
        // A trial before its beginning is no part of the history.
        let trial = self.trial().filter(|(start, _)| begun < *start);
        match &state.status {
            status if status.is_counted() || matches!(status, SubscriptionStatus::Canceled) => {
                let steps = match self.trial() {
                    _ if was_counted => self.brought_up(steps),
                    Some((_, end)) if was_on_trial => self.changed(steps, end),
                    _ if status.is_counted() => self.changed(steps, at),
                    _ => steps,
                };
                until(without(steps, trial), ending(self.sighting))
            }
            _ if !was_counted => steps,
            SubscriptionStatus::Trialing | SubscriptionStatus::Paused => {
                cut(self.brought_up(steps), trial.map_or(at, |(start, _)| start))
            }
            _ => cut(self.brought_up(steps), ending(self.sighting).unwrap_or(at)),
        }
    }

    /// The steps with the change since the previous fetch, if there was one.
    fn brought_up(&self, steps: Vec<Step>) -> Vec<Step> {
        match self.changed_at(&steps) {
            Some(from) => self.changed(steps, from),
            None => steps,
        }
    }

    /// The steps before a moment, and what it charges from it on.
    fn changed(&self, mut steps: Vec<Step>, from: Timestamp) -> Vec<Step> {
        steps.retain(|(at, _)| *at < from);
        steps.extend(self.charged_from(from));
        steps
    }

    /// What it charges from a moment on, each price and discount in its time.
    fn charged_from(&self, from: Timestamp) -> Vec<Step> {
        let past = self.past.into_iter().flat_map(Recurring::boundaries);
        let changes = self.present.boundaries().chain(past).chain(self.sighting.billed_at);
        let mut moments: Vec<_> = changes.filter(|moment| *moment > from).collect();
        moments.push(from);
        moments.sort_unstable();
        moments.dedup();
        moments.into_iter().map(|moment| (moment, self.twelfths_at(moment))).collect()
    }

    /// Up to the bill for another price it charged the one before.
    fn twelfths_at(&self, moment: Timestamp) -> i64 {
        let RevenueSighting { billed_at, at, .. } = *self.sighting;
        let is_ahead = billed_at.is_some_and(|billed| moment < billed && billed <= at);
        let past = self.past.filter(|_| is_ahead && !self.is_at_same_price());
        past.unwrap_or(&self.present).twelfths_at(moment)
    }

    /// Whether its price is known to be that of the previous fetch: nothing but discounts can have changed.
    fn is_at_same_price(&self) -> bool {
        self.past.is_some_and(|past| past.charges == self.present.charges)
    }

    /// The moment at which what it charges changed to what it is now; `None` if it has not, now or in time to come. One
    /// that counts no longer has changed only if Stripe dates that.
    fn changed_at(&self, steps: &[Step]) -> Option<Timestamp> {
        let RevenueSighting { state, billed_at, at, .. } = *self.sighting;
        let moments = self.present.boundaries().chain(steps.iter().map(|(from, _)| *from));
        let is_known = moments
            .filter(|moment| *moment > at)
            .chain([at])
            .all(|moment| value_at(steps, moment) == self.present.twelfths_at(moment));
        if is_known {
            return None;
        }
        // A bill of the second in which it was fetched before may be known already.
        let is_new = |billed: &Timestamp| {
            self.sighting.is_unseen(*billed) && steps.iter().all(|(from, _)| from != billed)
        };
        let dated = if self.is_at_same_price() { self.discounted_at } else { billed_at.filter(is_new) };
        dated.or(state.status.is_counted().then_some(at))
    }
}

/// The steps before the end, if there is one.
fn until(steps: Vec<Step>, end: Option<Timestamp>) -> Vec<Step> {
    match end {
        Some(end) => cut(steps, end),
        None => steps,
    }
}

/// The steps, with nothing charged in the time of a trial.
fn without(steps: Vec<Step>, trial: Option<(Timestamp, Timestamp)>) -> Vec<Step> {
    let (Some((first, _)), Some((start, end))) = (steps.first().copied(), trial) else { return steps };
    if end <= start || end < first {
        return steps;
    }
    let mut kept: Vec<_> = steps.iter().copied().filter(|(from, _)| *from < start).collect();
    if first < start {
        kept.push((start, 0));
    }
    kept.push((end, value_at(&steps, end)));
    kept.extend(steps.into_iter().filter(|(from, _)| *from > end));
    kept
}

#[cfg(test)]
mod tests;
