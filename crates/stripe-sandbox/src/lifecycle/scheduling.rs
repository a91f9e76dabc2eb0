//! The life of a schedule: its phases make the subscription what it is, one after another.

use super::{
    billing,
    collection::Payer,
    phasing::{end_of_subscription, enter, new_items, redeemable, usable_method},
    subscribing,
};
use crate::{
    resources::{
        customers::Customer,
        invoices::Period,
        schedules::{EndBehavior, PhaseAnchor, Schedule, Status},
        subscriptions::{self, AnchorChange, CreateSubscription, PaymentBehavior, Subscription},
    },
    store::Tx,
    wire::{ApiError, Moment},
};

/// Starts the subscription with the first phase, and tells of the schedule with this event.
///
/// # Errors
///
/// The subscription cannot be started, as when the customer was deleted or is billed in another currency by now.
pub fn start(tx: &mut Tx<'_>, mut schedule: Schedule, event: &'static str) -> Result<Schedule, ApiError> {
    let customer = Customer::present(tx, "customer", &schedule.customer)?;
    let Some(phase) = schedule.phases.first().cloned() else { return Err(ApiError::missing_param("phases")) };
    let terms = phase.terms.clone().or(&schedule.defaults);
    let method = terms.default_payment_method.filter(|id| usable_method(tx, &customer, id));
    let discounts = redeemable(tx, &customer, None, &phase);
    let mut subscription = subscriptions::begin(
        tx,
        &customer,
        CreateSubscription {
            customer: customer.id.clone(),
            items: new_items(&phase),
            collection_method: terms.collection_method,
            days_until_due: terms.days_until_due,
            default_payment_method: method,
            description: terms.description,
            discounts: Some(discounts),
            metadata: Some(phase.metadata.clone()),
            trial_end: phase.trial_end.map(Moment::At),
            ..CreateSubscription::default()
        },
    )?;
    subscription.schedule = Some(schedule.id.clone());
    schedule.subscription = Some(subscription.id.clone());
    schedule.status = Status::Active;
    schedule.current = Some(0);
    subscription.cancel_at = end_of_subscription(&schedule);
    subscription.canceled_at = subscription.cancel_at.map(|_| subscription.created);
    if tx.find::<Schedule>(&schedule.id).is_some() {
        tx.update(&schedule, event);
    } else {
        tx.create(&schedule, event);
    }
    begin(tx, subscription)?;
    Ok(schedule)
}

/// The first invoice of a scheduled subscription can be changed for an hour, and the subscription runs meanwhile.
fn begin(tx: &mut Tx<'_>, mut subscription: Subscription) -> Result<(), ApiError> {
    if subscription.trial.is_some() {
        return subscriptions::start(tx, subscription, PaymentBehavior::default(), Payer::Absent);
    }
    subscription.status = subscriptions::Status::Active;
    tx.put(subscription.clone());
    let lines = subscribing::lines(tx, &subscription, false);
    billing::bill_first(tx, &mut subscription, lines, true, false);
    tx.put(subscription.clone());
    tx.emit("customer.subscription.created", &subscription);
    Ok(())
}

/// The next thing that time does to a schedule.
pub fn fall_due(tx: &mut Tx<'_>, mut schedule: Schedule) {
    let now = schedule.now(tx);
    if schedule.status == Status::NotStarted {
        let before = tx.savepoint();
        if let Err(error) = start(tx, schedule.clone(), "subscription_schedule.updated") {
            tx.roll_back(before);
            tracing::warn!(schedule = schedule.id, reason = error.message, "a schedule could not start");
            end(tx, schedule, Status::Canceled, "subscription_schedule.canceled");
        }
    } else if schedule.current_phase().is_some_and(|phase| phase.end <= now) {
        next_phase(tx, schedule);
    } else {
        schedule.is_expiry_told = true;
        tx.put(schedule.clone());
        tx.emit("subscription_schedule.expiring", &schedule);
    }
}

/// Goes on to the phase that has begun by now, if the current one is over.
pub fn go_on(tx: &mut Tx<'_>, id: &str) {
    let Some(schedule) = tx.find::<Schedule>(id).filter(|it| it.status == Status::Active).cloned() else {
        return;
    };
    let now = schedule.now(tx);
    if schedule.current_phase().is_some_and(|phase| phase.end <= now) {
        next_phase(tx, schedule);
    }
}

/// When a phase begins in the second in which the subscription renews, the new phase is what is billed.
pub fn before_renewal(tx: &mut Tx<'_>, subscription: &str) {
    if let Some(schedule) = tx.find::<Subscription>(subscription).and_then(|it| it.schedule.clone()) {
        go_on(tx, &schedule);
    }
}

/// The subscription as the phase has it that begins with the next period, if one does. For a look ahead that is undone.
pub fn as_of_renewal(tx: &mut Tx<'_>, subscription: Subscription) -> Subscription {
    let ends = subscription.period.end;
    let schedule = subscription.schedule.as_ref().and_then(|id| tx.find::<Schedule>(id));
    let schedule = schedule.filter(|it| it.current_phase().is_some_and(|phase| phase.end <= ends)).cloned();
    let next = schedule.as_ref().and_then(|it| it.current).map(|current| current + 1);
    let Some(schedule) = schedule.filter(|it| next.is_some_and(|next| next < it.phases.len())) else {
        return subscription;
    };
    let schedule = Schedule { current: next, ..schedule };
    let before = tx.savepoint();
    // The phase finds the period over, as it will be.
    let over = Period { end: schedule.now(tx).min(ends), ..subscription.period };
    tx.put(Subscription { period: over, ..subscription.clone() });
    let proration = schedule.current_phase().map(|phase| phase.proration).unwrap_or_default();
    if enter(tx, &schedule, proration, None).is_err() {
        tx.roll_back(before);
        return subscription;
    }
    let Some(entered) = tx.find::<Subscription>(&subscription.id).cloned() else { return subscription };
    let billing_cycle_anchor = if starts_anew(&schedule) { ends } else { subscription.billing_cycle_anchor };
    Subscription { period: subscription.period, billing_cycle_anchor, ..entered }
}

/// Whether the current phase begins the billing cycle.
fn starts_anew(schedule: &Schedule) -> bool {
    let terms = schedule.current_phase().map(|phase| phase.terms.clone().or(&schedule.defaults));
    terms.is_some_and(|terms| terms.billing_cycle_anchor == Some(PhaseAnchor::PhaseStart))
}

fn next_phase(tx: &mut Tx<'_>, mut schedule: Schedule) {
    let next = schedule.current.map_or(0, |current| current + 1);
    let Some(phase) = schedule.phases.get(next) else {
        return finish(tx, schedule);
    };
    let proration = phase.proration;
    schedule.current = Some(next);
    tx.update(&schedule, "subscription_schedule.updated");
    let anchor = starts_anew(&schedule).then_some(AnchorChange::Now);
    let before = tx.savepoint();
    if let Err(error) = enter(tx, &schedule, proration, anchor) {
        tx.roll_back(before);
        tracing::warn!(
            schedule = schedule.id,
            reason = error.message,
            "a phase left the subscription as it was"
        );
    }
}

/// The last phase is over.
fn finish(tx: &mut Tx<'_>, schedule: Schedule) {
    match schedule.end_behavior {
        EndBehavior::Release => drop(release(tx, schedule, false)),
        EndBehavior::Cancel => {
            let schedule = end(tx, schedule, Status::Completed, "subscription_schedule.completed");
            if let Some(subscription) = running(tx, &schedule) {
                subscribing::run_out(tx, subscription);
            }
        }
    }
}

/// Lets the subscription go on without the schedule, and without the end that the schedule gave it.
pub fn release(tx: &mut Tx<'_>, mut schedule: Schedule, keeps_end: bool) -> Schedule {
    let subscription = running(tx, &schedule);
    schedule.released_subscription = schedule.subscription.take();
    let schedule = end(tx, schedule, Status::Released, "subscription_schedule.released");
    if let Some(mut subscription) = subscription {
        subscription.schedule = None;
        if !keeps_end && schedule.end_behavior == EndBehavior::Cancel {
            subscription.cancel_at = None;
            subscription.cancel_at_period_end = false;
            subscription.canceled_at = None;
            subscription.cancellation.reason = None;
        }
        tx.update(&subscription, "customer.subscription.updated");
    }
    schedule
}

/// Ends the schedule now, and its subscription with it.
pub fn cancel(tx: &mut Tx<'_>, schedule: Schedule, prorates: bool, invoices: bool) -> Schedule {
    let subscription = running(tx, &schedule);
    let schedule = end(tx, schedule, Status::Canceled, "subscription_schedule.canceled");
    if let Some(subscription) = subscription {
        subscriptions::end(tx, subscription, prorates, invoices);
    }
    schedule
}

/// Nothing of a customer that is deleted starts any more.
pub fn cancel_all_of(tx: &mut Tx<'_>, customer: &str) {
    let live = tx.of_owner::<Schedule>(customer).filter(|schedule| schedule.status.is_live());
    for schedule in live.cloned().collect::<Vec<_>>() {
        end(tx, schedule, Status::Canceled, "subscription_schedule.canceled");
    }
}

/// A schedule ends with its subscription.
pub fn subscription_ended(tx: &mut Tx<'_>, subscription: &Subscription) {
    let schedule = subscription.schedule.as_ref().and_then(|id| tx.find::<Schedule>(id));
    let Some(schedule) = schedule.filter(|schedule| schedule.status.is_live()).cloned() else { return };
    let is_for_debts = subscription.cancellation.reason.as_deref() == Some("payment_failed");
    let event = if is_for_debts { "subscription_schedule.aborted" } else { "subscription_schedule.canceled" };
    end(tx, schedule, Status::Canceled, event);
}

fn end(tx: &mut Tx<'_>, mut schedule: Schedule, status: Status, event: &'static str) -> Schedule {
    let now = Some(schedule.now(tx));
    match status {
        Status::Completed => schedule.completed_at = now,
        Status::Released => schedule.released_at = now,
        Status::Canceled | Status::Active | Status::NotStarted => schedule.canceled_at = now,
    }
    schedule.status = status;
    schedule.current = None;
    tx.put(schedule.clone());
    tx.emit(event, &schedule);
    schedule
}

fn running(tx: &Tx<'_>, schedule: &Schedule) -> Option<Subscription> {
    let subscription = tx.find::<Subscription>(schedule.subscription.as_ref()?)?;
    subscription.status.is_live().then(|| subscription.clone())
}
