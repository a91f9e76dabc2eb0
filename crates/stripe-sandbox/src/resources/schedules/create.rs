//! Starts a schedule, of phases or of a subscription that runs.

use super::{EndBehavior, Phase, PhaseItem, Schedule, Status, Terms, asked::CreateSchedule, phases::Plan};
use crate::{
    lifecycle::scheduling,
    resources::{
        customers::Customer,
        discounts::AskedDiscount,
        subscriptions::{Proration, Subscription},
    },
    store::Tx,
    wire::{Answer, ApiError, Call, Metadata, Moment, Reply, values::new_metadata},
};

/// `POST /v1/subscription_schedules`
pub fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateSchedule = call.params()?;
    let schedule = match &params.from_subscription {
        Some(id) => from_subscription(tx, id, &params)?,
        None => from_phases(tx, params)?,
    };
    Ok(Answer::object(&schedule))
}

fn from_phases(tx: &mut Tx<'_>, params: CreateSchedule) -> Result<Schedule, ApiError> {
    let customer = params.customer.ok_or_else(|| ApiError::missing_param("customer"))?;
    let customer = Customer::present(tx, "customer", &customer)?;
    let now = customer.now(tx);
    let start = match params.start_date.ok_or_else(|| ApiError::missing_param("start_date"))? {
        Moment::Now => now,
        Moment::At(time) if time >= now => time,
        Moment::At(_) => {
            let message = "The sandbox starts schedules now or later, and not in the past.";
            return Err(ApiError::invalid(message).about("start_date"));
        }
    };
    let asked = params.phases.ok_or_else(|| ApiError::missing_param("phases"))?;
    if let Some(index) = asked.iter().position(|phase| phase.start_date.is_some()) {
        return Err(ApiError::unknown_param(&format!("phases[{index}][start_date]")));
    }
    let defaults = match params.default_settings {
        Some(asked) => asked.checked(tx, &customer, &Terms::default(), "default_settings")?,
        None => Terms::default(),
    };
    let plan = Plan {
        customer: &customer,
        defaults: &defaults,
        now,
        start,
        anchor: start,
        currency: customer.currency.clone(),
        known: Vec::new(),
    };
    let phases = plan.phases(tx, asked, 0)?;
    let schedule = Schedule {
        end_behavior: params.end_behavior.unwrap_or_default(),
        defaults,
        metadata: new_metadata(params.metadata)?,
        ..new(tx, &customer, phases)
    };
    if start <= now {
        return scheduling::start(tx, schedule, "subscription_schedule.created");
    }
    tx.create(&schedule, "subscription_schedule.created");
    Ok(schedule)
}

fn new(tx: &mut Tx<'_>, customer: &Customer, phases: Vec<Phase>) -> Schedule {
    Schedule {
        id: tx.new_id("sub_sched_"),
        created: customer.now(tx),
        customer: customer.id.clone(),
        status: Status::NotStarted,
        phases,
        current: None,
        end_behavior: EndBehavior::default(),
        defaults: Terms::default(),
        metadata: Metadata::new(),
        subscription: None,
        released_subscription: None,
        canceled_at: None,
        completed_at: None,
        released_at: None,
        is_expiry_told: false,
        is_of_portal: false,
        test_clock: customer.test_clock.clone(),
    }
}

/// A running subscription becomes the first phase, until its period ends.
fn from_subscription(tx: &mut Tx<'_>, id: &str, params: &CreateSchedule) -> Result<Schedule, ApiError> {
    let others = [
        ("billing_mode", params.billing_mode.is_some()),
        ("customer", params.customer.is_some()),
        ("default_settings", params.default_settings.is_some()),
        ("end_behavior", params.end_behavior.is_some()),
        ("metadata", params.metadata.is_some()),
        ("phases", params.phases.is_some()),
        ("start_date", params.start_date.is_some()),
    ];
    if let Some((name, _)) = others.iter().find(|(_, is_given)| *is_given) {
        let message = format!("You cannot set `{name}` if `from_subscription` is set.");
        return Err(ApiError::invalid(message).about(name));
    }
    let subscription = tx.named::<Subscription>("from_subscription", id)?;
    if !subscription.status.is_live() {
        let message = "A subscription that has ended cannot be scheduled.";
        return Err(ApiError::invalid(message).about("from_subscription"));
    }
    if let Some(schedule) = &subscription.schedule {
        let message = format!(
            "You cannot migrate a subscription that is already attached to a schedule: `{schedule}`."
        );
        return Err(ApiError::invalid(message).about("from_subscription"));
    }
    let phase = as_it_is(tx, &subscription);
    let schedule = attach(tx, &subscription, vec![phase])?;
    tx.create(&schedule, "subscription_schedule.created");
    let subscription = Subscription { schedule: Some(schedule.id.clone()), ..subscription };
    tx.update(&subscription, "customer.subscription.updated");
    Ok(schedule)
}

/// An active schedule of a subscription that runs in the first of these phases. It is not stored.
///
/// # Errors
///
/// The subscription's customer is not there.
pub fn attach(
    tx: &mut Tx<'_>,
    subscription: &Subscription,
    phases: Vec<Phase>,
) -> Result<Schedule, ApiError> {
    let customer = tx.get::<Customer>(&subscription.customer)?;
    let ends_with_phase =
        subscription.cancels_at().is_some_and(|at| phases.last().is_some_and(|last| last.end == at));
    Ok(Schedule {
        status: Status::Active,
        current: Some(0),
        end_behavior: if ends_with_phase { EndBehavior::Cancel } else { EndBehavior::Release },
        subscription: Some(subscription.id.clone()),
        ..new(tx, &customer, phases)
    })
}

/// The phase that a subscription is in without a schedule: the period it is in, as it is now.
pub fn as_it_is(tx: &Tx<'_>, subscription: &Subscription) -> Phase {
    let held = |id: String| AskedDiscount { discount: Some(id), ..AskedDiscount::default() };
    Phase {
        start: subscription.period.start,
        end: subscription.period.end,
        items: subscription
            .items
            .iter()
            .map(|item| PhaseItem {
                price: item.price.clone(),
                quantity: item.quantity,
                metadata: item.metadata.clone(),
            })
            .collect(),
        currency: subscription.currency.clone(),
        discounts: subscription.current_discounts(tx).into_iter().map(held).collect(),
        metadata: subscription.metadata.clone(),
        proration: Proration::CreateProrations,
        trial_end: subscription.trial.map(|trial| trial.end).filter(|end| *end > subscription.period.start),
        terms: Terms {
            billing_cycle_anchor: None,
            collection_method: Some(subscription.collection_method),
            days_until_due: subscription.days_until_due,
            default_payment_method: subscription.default_payment_method.clone(),
            description: subscription.description.clone(),
        },
    }
}
