//! `/v1/subscription_schedules`.

use serde::Deserialize;

use super::{
    Phase, Schedule, Status,
    asked::{AskedPhase, UpdateSchedule},
    create,
    phases::Plan,
};
use crate::{
    clock::Timestamp,
    lifecycle::{phasing, scheduling},
    resources::{customers::Customer, subscriptions::Subscription},
    store::Tx,
    wire::{Answer, ApiError, Call, Moment, Range, Reply, Routes, values::merge_metadata},
};

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/subscription_schedules", list);
    routes.post("/v1/subscription_schedules", create::create);
    routes.get("/v1/subscription_schedules/{schedule}", retrieve);
    routes.post("/v1/subscription_schedules/{schedule}", update);
    routes.post("/v1/subscription_schedules/{schedule}/cancel", cancel);
    routes.post("/v1/subscription_schedules/{schedule}/release", release);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListSchedules {
    canceled_at: Option<Range>,
    completed_at: Option<Range>,
    created: Option<Range>,
    customer: Option<String>,
    released_at: Option<Range>,
    scheduled: Option<bool>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListSchedules = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let within = |range: Option<Range>, time: Option<Timestamp>| {
        range.is_none_or(|range| time.is_some_and(|time| range.holds(time)))
    };
    let wanted = |it: &&Schedule| {
        params.customer.as_ref().is_none_or(|customer| it.customer == *customer)
            && (params.scheduled != Some(true) || it.status == Status::NotStarted)
            && within(params.canceled_at, it.canceled_at)
            && within(params.completed_at, it.completed_at)
            && within(params.created, Some(it.created))
            && within(params.released_at, it.released_at)
    };
    call.page_of(tx, tx.newest_first::<Schedule>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Schedule>(call.id("schedule"))?))
}

/// Refuses what has ended.
fn live(tx: &Tx<'_>, id: &str, what: &str) -> Result<Schedule, ApiError> {
    let schedule = tx.get::<Schedule>(id)?;
    if schedule.status.is_live() {
        return Ok(schedule);
    }
    let status = serde_json::json!(schedule.status);
    let message = format!(
        "You cannot {what} a subscription schedule that is in the {status} status. It must be `not_started` or `active`."
    );
    Err(ApiError::invalid(message))
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut schedule = live(tx, call.id("schedule"), "update")?;
    let params: UpdateSchedule = call.params()?;
    let customer = Customer::at(tx, &schedule.customer)?;
    let changes_subscription =
        params.phases.is_some() || params.end_behavior.is_some() || params.default_settings.is_some();
    if let Some(asked) = params.default_settings {
        schedule.defaults =
            asked.checked(tx, &customer, &schedule.defaults, "default_settings")?.or(&schedule.defaults);
    }
    schedule.end_behavior = params.end_behavior.unwrap_or(schedule.end_behavior);
    merge_metadata(&mut schedule.metadata, params.metadata)?;
    if let Some(asked) = params.phases {
        rephase(tx, &mut schedule, &customer, asked)?;
    }
    let now = customer.now(tx);
    if schedule.status == Status::NotStarted && schedule.phases.first().is_some_and(|it| it.start <= now) {
        let schedule = scheduling::start(tx, schedule, "subscription_schedule.updated")?;
        return Ok(Answer::object(&schedule));
    }
    tx.update(&schedule, "subscription_schedule.updated");
    if changes_subscription && schedule.status == Status::Active {
        phasing::enter(tx, &schedule, params.proration_behavior, None)?;
        scheduling::go_on(tx, &schedule.id);
    }
    Ok(Answer::object(&schedule))
}

/// Replaces the current phase and those to come. Phases that are over stay, and may be sent again or left out.
fn rephase(
    tx: &mut Tx<'_>,
    schedule: &mut Schedule,
    customer: &Customer,
    mut asked: Vec<AskedPhase>,
) -> Result<(), ApiError> {
    let now = customer.now(tx);
    let mut kept: Vec<_> = schedule.phases.drain(..).collect();
    let coming = kept.split_off(schedule.current.unwrap_or(0));
    let mut skipped = 0;
    while let Some(over) = asked.first().and_then(|it| kept.iter().find(|over| it.starts_at(over.start))) {
        asked.remove(0);
        skipped += 1;
        if let Some(next) = asked.first_mut() {
            next.start_date.get_or_insert(Moment::At(over.end));
        }
    }
    let param = format!("phases[{skipped}][start_date]");
    let Some(first) = asked.first() else { return Err(ApiError::missing_param("phases")) };
    let start = match first.start_date.ok_or_else(|| ApiError::missing_param(&param))? {
        Moment::Now => now,
        Moment::At(time) => time,
    };
    let current = schedule.current.and_then(|_| coming.first());
    if current.is_some_and(|current| start != current.start && start != now) {
        let message = "The first phase must start with the current one, or now.";
        return Err(ApiError::invalid(message).about(&param));
    }
    if current.is_none() && start < now {
        return Err(ApiError::invalid("A schedule cannot start in the past.").about(&param));
    }
    let subscription = schedule.subscription.as_ref().and_then(|id| tx.find::<Subscription>(id));
    let plan = Plan {
        customer,
        defaults: &schedule.defaults,
        now,
        start,
        anchor: subscription.map_or(start, |it| it.billing_cycle_anchor.min(start)),
        currency: subscription.map(|it| it.currency.clone()).or_else(|| customer.currency.clone()),
        known: kept.iter().chain(&coming).flat_map(|phase| phase.discounts.clone()).collect(),
    };
    let phases = plan.phases(tx, asked, skipped)?;
    if let Some(cut) = current.filter(|current| current.start < start) {
        kept.push(Phase { end: start, ..cut.clone() });
    }
    schedule.current = schedule.current.map(|_| kept.len());
    schedule.is_expiry_told = schedule.is_expiry_told
        && phases.last().map(|phase| phase.end) == coming.last().map(|phase| phase.end);
    schedule.phases = kept;
    schedule.phases.extend(phases);
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    invoice_now: Option<bool>,
    prorate: Option<bool>,
}

fn cancel(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let schedule = live(tx, call.id("schedule"), "cancel")?;
    let params: Cancel = call.params()?;
    let (prorates, invoices) = (params.prorate != Some(false), params.invoice_now != Some(false));
    Ok(Answer::object(&scheduling::cancel(tx, schedule, prorates, invoices)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    preserve_cancel_date: Option<bool>,
}

fn release(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let schedule = live(tx, call.id("schedule"), "release")?;
    let params: Release = call.params()?;
    Ok(Answer::object(&scheduling::release(tx, schedule, params.preserve_cancel_date == Some(true))))
}
