//! The schedule that the portal makes: a subscription runs on as it is until its period ends, and then with a new plan.

use super::{
    Phase, PhaseItem, Schedule, Terms,
    create::{as_it_is, attach},
};
use crate::{
    lifecycle::periods::around,
    resources::{
        prices::Price,
        subscriptions::{Proration, Subscription},
    },
    store::Tx,
    wire::{ApiError, Metadata},
};

impl Schedule {
    /// The one that the customer has made of this subscription in the portal.
    pub fn of_portal<'a>(tx: &'a Tx<'_>, subscription: &Subscription) -> Option<&'a Self> {
        let schedule = tx.find::<Self>(subscription.schedule.as_ref()?)?;
        (schedule.is_of_portal && schedule.status.is_live()).then_some(schedule)
    }

    /// Whether the shop has made one for this subscription, which then is the shop's to change.
    pub fn is_shops(tx: &Tx<'_>, subscription: &Subscription) -> bool {
        subscription.schedule.is_some() && Self::of_portal(tx, subscription).is_none()
    }

    /// What the customer has chosen for the end of the period, and has not begun.
    pub fn change_ahead<'a>(tx: &'a Tx<'_>, subscription: &Subscription) -> Option<&'a Phase> {
        let schedule = Self::of_portal(tx, subscription)?;
        schedule.phases.get(schedule.current? + 1)
    }

    /// Has the subscription run with these items from the end of its period on.
    ///
    /// # Errors
    ///
    /// A price that is paid once.
    pub fn change_at_period_end(
        tx: &mut Tx<'_>,
        subscription: Subscription,
        items: Vec<PhaseItem>,
    ) -> Result<(), ApiError> {
        let now = as_it_is(tx, &subscription);
        let next = after(tx, &subscription, &now, items)?;
        let schedule = Self { is_of_portal: true, ..attach(tx, &subscription, vec![now, next])? };
        tx.create(&schedule, "subscription_schedule.created");
        let subscription = Subscription { schedule: Some(schedule.id), ..subscription };
        tx.update(&subscription, "customer.subscription.updated");
        Ok(())
    }
}

/// One period with the items. What the customer changes meanwhile, such as the card, stays changed.
fn after(
    tx: &Tx<'_>,
    subscription: &Subscription,
    before: &Phase,
    items: Vec<PhaseItem>,
) -> Result<Phase, ApiError> {
    let price = items.first().and_then(|item| tx.find::<Price>(&item.price));
    let recurring = price.and_then(|price| price.recurring).ok_or_else(|| {
        ApiError::invalid("The price is not recurring, and a subscription's must be.").about("price")
    })?;
    Ok(Phase {
        start: before.end,
        end: around(subscription.billing_cycle_anchor, recurring, before.end).end,
        items,
        currency: before.currency.clone(),
        discounts: before.discounts.clone(),
        metadata: Metadata::new(),
        // Of a longer interval it is a part that begins here, which is paid for.
        proration: Proration::CreateProrations,
        trial_end: None,
        terms: Terms::default(),
    })
}
