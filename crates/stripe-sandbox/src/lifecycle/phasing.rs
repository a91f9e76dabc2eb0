//! Makes a subscription what a phase of its schedule says.

use crate::{
    clock::Timestamp,
    resources::{
        customers::Customer,
        discounts::{AskedDiscount, Discount},
        payment_methods::PaymentMethod,
        schedules::{EndBehavior, Phase, PhaseItem, Schedule},
        subscriptions::{self, AnchorChange, AskedItem, Change, EndAt, Proration, Subscription},
    },
    store::Tx,
    wire::{ApiError, Moment, Patch},
};

/// Makes the subscription what the current phase says.
///
/// # Errors
///
/// See [`subscriptions::change`].
pub fn enter(
    tx: &mut Tx<'_>,
    schedule: &Schedule,
    proration: Proration,
    billing_cycle_anchor: Option<AnchorChange>,
) -> Result<(), ApiError> {
    let subscription = schedule.subscription.as_ref().and_then(|id| tx.find::<Subscription>(id).cloned());
    let (Some(subscription), Some(phase)) = (subscription, schedule.current_phase()) else { return Ok(()) };
    let customer = tx.get::<Customer>(&subscription.customer)?;
    let now = schedule.now(tx);
    let terms = phase.terms.clone().or(&schedule.defaults);
    let method = terms.default_payment_method.filter(|id| usable_method(tx, &customer, id));
    let discounts = redeemable(tx, &customer, Some(&subscription), phase);
    let change = Change {
        items: Some(changed_items(&subscription, phase)),
        proration_behavior: proration,
        billing_cycle_anchor,
        trial_end: trial_change(&subscription, phase, now),
        cancel_at: match end_of_subscription(schedule) {
            end if end == subscription.cancels_at() => Patch::Keep,
            Some(end) => Patch::Set(EndAt::Time(end)),
            None => Patch::Clear,
        },
        collection_method: terms.collection_method,
        days_until_due: terms.days_until_due,
        default_payment_method: method.map_or(Patch::Keep, Patch::Set),
        description: terms.description.map_or(Patch::Keep, Patch::Set),
        discounts: Patch::Set(discounts),
        metadata: Patch::Set(phase.metadata.clone()),
        off_session: Some(true),
        ..Change::default()
    };
    subscriptions::change(tx, &subscription.id, change).map(drop)
}

/// In the last phase of a schedule that ends by canceling, the subscription says when.
pub fn end_of_subscription(schedule: &Schedule) -> Option<Timestamp> {
    let is_ending = schedule.end_behavior == EndBehavior::Cancel && schedule.is_in_last_phase();
    schedule.current_phase().filter(|_| is_ending).map(|phase| phase.end)
}

pub fn new_items(phase: &Phase) -> Vec<AskedItem> {
    let item = |item: &PhaseItem| AskedItem {
        price: Some(item.price.clone()),
        quantity: Some(item.quantity),
        metadata: Patch::Set(item.metadata.clone()),
        is_scheduled: true,
        ..AskedItem::default()
    };
    phase.items.iter().map(item).collect()
}

/// Items that keep their price stay themselves; the others make room for new ones.
fn changed_items(subscription: &Subscription, phase: &Phase) -> Vec<AskedItem> {
    let mut left: Vec<_> = subscription.items.iter().collect();
    let mut asked = new_items(phase);
    for item in &mut asked {
        let same = left.iter().position(|known| Some(&known.price) == item.price.as_ref());
        item.id = same.map(|place| left.remove(place).id.clone());
    }
    let gone = |item: &subscriptions::Item| AskedItem {
        id: Some(item.id.clone()),
        deleted: Some(true),
        ..AskedItem::default()
    };
    asked.extend(left.into_iter().map(gone));
    asked
}

/// A trial that ends in this very second ends by itself.
fn trial_change(subscription: &Subscription, phase: &Phase, now: Timestamp) -> Option<Moment> {
    let is_trial = subscription.status == subscriptions::Status::Trialing;
    let running = subscription.trial.map(|trial| trial.end).filter(|end| is_trial && *end > now);
    match phase.trial_end.filter(|end| *end > now) {
        Some(end) if running != Some(end) => Some(Moment::At(end)),
        None if running.is_some() => Some(Moment::Now),
        _ => None,
    }
}

pub fn usable_method(tx: &mut Tx<'_>, customer: &Customer, id: &str) -> bool {
    let before = tx.savepoint();
    let method = PaymentMethod::of_customer(tx, customer, "default_payment_method", id);
    tx.roll_back(before);
    method.is_ok()
}

/// The discounts of a phase. Those that the subscription has go on; a coupon that ran out since is left out.
pub fn redeemable(
    tx: &mut Tx<'_>,
    customer: &Customer,
    subscription: Option<&Subscription>,
    phase: &Phase,
) -> Vec<AskedDiscount> {
    let mut discounts = Vec::new();
    for asked in &phase.discounts {
        let held = subscription.and_then(|it| held(tx, it, asked));
        let asked = held.unwrap_or_else(|| asked.clone());
        let before = tx.savepoint();
        if Discount::asked(tx, customer, None, "discounts", &asked).is_ok() {
            discounts.push(asked);
        }
        tx.roll_back(before);
    }
    discounts
}

fn held(tx: &Tx<'_>, subscription: &Subscription, asked: &AskedDiscount) -> Option<AskedDiscount> {
    let is_it = |id: &&String| {
        tx.find::<Discount>(id).is_some_and(|discount| {
            asked.coupon.as_ref() == Some(&discount.coupon.id)
                || asked.promotion_code.is_some() && asked.promotion_code == discount.promotion_code
        })
    };
    let current = subscription.current_discounts(tx);
    let id = current.iter().chain(&subscription.discounts).find(is_it)?;
    Some(AskedDiscount { discount: Some(id.clone()), ..AskedDiscount::default() })
}
