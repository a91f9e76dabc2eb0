//! A customer changes the plan: now, or when the period ends.

use super::features::{Features, ItemField, ScheduleCondition, SubscriptionUpdate, TrialUpdate};
use crate::{
    lifecycle::scheduling,
    resources::{
        prices::{Interval, Price, Recurring},
        schedules::{PhaseItem, Schedule},
        subscriptions::{self, AskedItem, Change, PaymentBehavior, Status, Subscription},
    },
    store::Tx,
    wire::{ApiError, Moment, Patch},
};

/// The plan and how many of it a subscription is changed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub price: String,
    /// As it is, when it is not said.
    pub quantity: Option<u64>,
}

impl Features {
    /// Only what runs by itself and has one item can be changed; a schedule that the shop made is the shop's to change.
    pub fn can_change(&self, tx: &Tx<'_>, subscription: &Subscription) -> bool {
        self.subscription_update.is_enabled
            && !self.subscription_update.allowed_updates.is_empty()
            && matches!(subscription.status, Status::Active | Status::Trialing)
            && subscription.cancels_at().is_none()
            && !Schedule::is_shops(tx, subscription)
            && subscription.items.len() == 1
    }

    /// Whether a change that is ahead can be undone.
    pub fn can_keep_plan(&self, tx: &Tx<'_>, subscription: &Subscription) -> bool {
        self.subscription_update.is_enabled && Schedule::change_ahead(tx, subscription).is_some()
    }
}

/// Undoes what the customer has chosen for the end of the period, if anything.
pub fn keep_plan(tx: &mut Tx<'_>, subscription: &Subscription) {
    if let Some(schedule) = Schedule::of_portal(tx, subscription).cloned() {
        scheduling::release(tx, schedule, true);
    }
}

impl SubscriptionUpdate {
    /// Whether it differs from what is, in ways that customers may choose and the subscription can be changed.
    pub fn allows_choice(&self, tx: &Tx<'_>, subscription: &Subscription, choice: &Choice) -> bool {
        let Some(item) = subscription.items.first() else { return false };
        let new_price = choice.price != item.price;
        let new_quantity = choice.quantity.is_some_and(|quantity| quantity != item.quantity);
        let fits = |price: &Price| price.currency == subscription.currency;
        (new_price || new_quantity)
            && tx.find::<Price>(&choice.price).is_some_and(fits)
            && (!new_price || (self.allows(ItemField::Price) && self.offering(&choice.price).is_some()))
            && (!new_quantity || self.allows(ItemField::Quantity))
    }

    /// Whether the change waits for the end of the period. An amount is compared as it stands, whatever it is for.
    pub fn waits(&self, tx: &Tx<'_>, subscription: &Subscription, choice: &Choice) -> bool {
        let Some(item) = subscription.items.first() else { return false };
        let (Some(before), Some(after)) = (tx.find::<Price>(&item.price), tx.find::<Price>(&choice.price))
        else {
            return false;
        };
        let quantity = choice.quantity.unwrap_or(item.quantity);
        let amount = |price: &Price, quantity| price.unit_amount.times(quantity, &price.currency);
        let length = |price: &Price| price.recurring.map(length);
        self.schedule_at_period_end.iter().any(|condition| match condition {
            ScheduleCondition::DecreasingItemAmount => {
                amount(after, quantity) < amount(before, item.quantity)
            }
            ScheduleCondition::ShorteningInterval => length(after) < length(before),
        })
    }

    /// The change as the API would be asked for it.
    pub fn change(&self, subscription: &Subscription, choice: &Choice) -> Change {
        let items = subscription.items.iter().take(1).map(|item| AskedItem {
            id: Some(item.id.clone()),
            price: Some(choice.price.clone()).filter(|price| *price != item.price),
            plan: None,
            price_data: None,
            quantity: Some(choice.quantity.unwrap_or(item.quantity)),
            deleted: None,
            metadata: Patch::Keep,
            is_scheduled: false,
        });
        let ends_trial =
            subscription.status == Status::Trialing && self.trial_update_behavior == TrialUpdate::EndTrial;
        Change {
            items: Some(items.collect()),
            proration_behavior: self.proration_behavior,
            billing_cycle_anchor: self.billing_cycle_anchor,
            trial_end: ends_trial.then_some(Moment::Now),
            ..Change::default()
        }
    }

    /// Makes the change, or has it made at the end of the period. One whose payment is declined is not made; one whose
    /// payment must be authenticated is made, and its invoice is open until then. What was chosen before is undone.
    ///
    /// # Errors
    ///
    /// A change that cannot be made, or whose payment is declined.
    pub fn make(
        &self,
        tx: &mut Tx<'_>,
        subscription: &Subscription,
        choice: &Choice,
    ) -> Result<(), ApiError> {
        if self.waits(tx, subscription, choice) {
            return make_at_period_end(tx, subscription, choice);
        }
        let before = tx.savepoint();
        let strict = Change {
            payment_behavior: PaymentBehavior::ErrorIfIncomplete,
            ..self.change(subscription, choice)
        };
        let Err(error) = make_now(tx, subscription, strict) else { return Ok(()) };
        tx.roll_back(before);
        if error.code != Some("invoice_payment_intent_requires_action") {
            return Err(error);
        }
        make_now(tx, subscription, self.change(subscription, choice))
    }
}

fn make_now(tx: &mut Tx<'_>, subscription: &Subscription, change: Change) -> Result<(), ApiError> {
    keep_plan(tx, subscription);
    subscriptions::change(tx, &subscription.id, change).map(drop)
}

fn make_at_period_end(tx: &mut Tx<'_>, subscription: &Subscription, choice: &Choice) -> Result<(), ApiError> {
    keep_plan(tx, subscription);
    let subscription = tx.get::<Subscription>(&subscription.id)?;
    let item = |item: &subscriptions::Item| PhaseItem {
        price: choice.price.clone(),
        quantity: choice.quantity.unwrap_or(item.quantity),
        metadata: item.metadata.clone(),
    };
    let items = subscription.items.iter().take(1).map(item).collect();
    Schedule::change_at_period_end(tx, subscription, items)
}

/// In parts of a day that make a year of twelve months, as the calendar has it over 400 years.
fn length(recurring: Recurring) -> u64 {
    let one = match recurring.interval {
        Interval::Day => 1_600,
        Interval::Week => 11_200,
        Interval::Month => 48_699,
        Interval::Year => 584_388,
    };
    one * u64::from(recurring.interval_count.max(1))
}
