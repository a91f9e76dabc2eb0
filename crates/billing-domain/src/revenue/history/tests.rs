use super::*;
use crate::{DiscountOff, RecurringCharge, RecurringDiscount, RecurringInterval};

fn at(day: i64) -> Timestamp {
    Timestamp::from_timestamp(day * 86_400, 0).unwrap()
}

fn charging(monthly: i64) -> Recurring {
    let charge =
        RecurringCharge { minor_units: monthly, interval: RecurringInterval::Month, interval_count: 1 };
    Recurring { currency: Currency::parse("USD").unwrap(), charges: vec![charge], discounts: Vec::new() }
}

/// A subscription that was made on day 10 and charges 100 a month.
fn state(status: &str) -> SubscriptionState {
    SubscriptionState {
        status: SubscriptionStatus::from_stripe(status),
        plan_id: None,
        price_id: None,
        quantity: 1,
        recurring: Some(charging(100)),
        times: SubscriptionTimes { created_at: Some(at(10)), ..SubscriptionTimes::default() },
    }
}

fn on_trial(status: &str, start: i64, end: i64) -> SubscriptionState {
    let mut state = state(status);
    (state.times.trial_start, state.times.trial_end) = (Some(at(start)), Some(at(end)));
    state
}

fn at_price(monthly: i64, status: &str) -> SubscriptionState {
    SubscriptionState { recurring: Some(charging(monthly)), ..state(status) }
}

/// The same with so many percent off from a day on.
fn discounted(percent: u32, start: i64, end: Option<i64>) -> SubscriptionState {
    let off = DiscountOff::Millionths(percent * 10_000);
    let discount = RecurringDiscount { off, starts_at: Some(at(start)), ends_at: end.map(at) };
    let recurring = Recurring { discounts: vec![discount], ..charging(100) };
    SubscriptionState { recurring: Some(recurring), ..state("active") }
}

fn ended(mut state: SubscriptionState, day: i64) -> SubscriptionState {
    state.status = SubscriptionStatus::Canceled;
    state.times.ended_at = Some(at(day));
    state
}

/// What is left of a subscription that was fetched so, each state on its day.
fn fetched(states: &[(i64, SubscriptionState)]) -> RevenueHistory {
    billed(states, None)
}

/// The same, and at the last fetch the latest invoice is of a change on this day.
fn billed(states: &[(i64, SubscriptionState)], day: Option<i64>) -> RevenueHistory {
    let mut history = RevenueHistory::default();
    for (place, (seen_on, state)) in states.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| &states[place]);
        let sighting = RevenueSighting {
            before: before.map(|(_, state)| state),
            seen_before_at: before.map(|(day, _)| at(*day)),
            state,
            billed_at: day.filter(|_| place + 1 == states.len()).map(at),
            at: at(*seen_on),
        };
        history = history.followed(&sighting);
        assert_eq!(history.followed(&sighting), history, "a fetch may be repeated");
    }
    history
}

/// Each change: its day, the difference in whole months' cents, `n` of a new one and `c` of one that churned.
fn told(history: &RevenueHistory) -> String {
    let change = |change: &RevenueChange| {
        let day = change.at.timestamp() / 86_400;
        let (new, churn) = (if change.is_new { "n" } else { "" }, if change.is_churn { "c" } else { "" });
        format!("{day}:{:+}{new}{churn}", change.twelfths / 12)
    };
    history.changes().iter().map(change).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_subscription_counts_while_it_is_paid_or_past_due() {
    for (status, expected) in [
        ("active", "10:+100n"),
        ("past_due", "10:+100n"),
        ("incomplete", ""),
        ("incomplete_expired", ""),
        ("trialing", ""),
        ("paused", ""),
        // It was paid until it was found unpaid.
        ("unpaid", "10:+100n 20:-100"),
        ("hibernating", "10:+100n 20:-100"),
    ] {
        assert_eq!(told(&fetched(&[(20, state(status))])), expected, "{status}");
    }
}

#[test]
fn what_ended_unseen_counts_and_churns_on_its_days() {
    let gone = ended(state("canceled"), 17);
    assert_eq!(told(&fetched(&[(20, gone.clone())])), "10:+100n 17:-100c");
    assert_eq!(told(&fetched(&[(11, state("active")), (20, gone)])), "10:+100n 17:-100c");
}

#[test]
fn a_trial_counts_from_its_end_and_not_if_it_was_canceled() {
    let sold = on_trial("active", 10, 14);
    assert_eq!(told(&fetched(&[(11, on_trial("trialing", 10, 14)), (20, sold.clone())])), "14:+100n");
    assert_eq!(told(&fetched(&[(20, sold.clone())])), "14:+100n");
    let gone = ended(on_trial("canceled", 10, 14), 14);
    assert_eq!(told(&fetched(&[(11, on_trial("trialing", 10, 14)), (20, gone)])), "");
    let left = ended(on_trial("canceled", 10, 14), 16);
    assert_eq!(told(&fetched(&[(11, on_trial("trialing", 10, 14)), (20, left)])), "14:+100n 16:-100c");
}

#[test]
fn a_trial_of_a_running_subscription_is_left_out() {
    let running = (11, state("active"));
    let again = (20, on_trial("active", 12, 16));
    assert_eq!(told(&fetched(&[running.clone(), again.clone()])), "10:+100n 12:-100 16:+100");
    assert_eq!(told(&fetched(std::slice::from_ref(&again))), "10:+100n 12:-100 16:+100");
    let seen = (13, on_trial("trialing", 12, 16));
    assert_eq!(told(&fetched(&[running.clone(), seen.clone()])), "10:+100n 12:-100");
    assert_eq!(told(&fetched(&[running, seen, again])), "10:+100n 12:-100 16:+100");
}

#[test]
fn what_was_unpaid_counts_again_from_when_it_is_seen() {
    let lapsed = [(11, state("active")), (20, state("unpaid")), (25, state("active"))];
    assert_eq!(told(&fetched(&lapsed)), "10:+100n 20:-100 25:+100");
    let gone = [(11, state("active")), (20, state("unpaid")), (25, ended(state("canceled"), 23))];
    assert_eq!(told(&fetched(&gone)), "10:+100n 20:-100 23:+0c");
    let resumed = [(12, on_trial("paused", 10, 11)), (20, on_trial("active", 10, 11))];
    assert_eq!(told(&fetched(&resumed)), "20:+100n");
}

#[test]
fn a_change_of_price_is_of_the_moment_it_was_billed_or_else_seen() {
    let seen = [(11, state("active")), (20, at_price(150, "active"))];
    for (day, expected) in [
        (None, "10:+100n 20:+50"),
        (Some(15), "10:+100n 15:+50"),
        // In the second of the previous fetch, which did not see it yet.
        (Some(11), "10:+100n 11:+50"),
        (Some(9), "10:+100n 20:+50"),
        (Some(21), "10:+100n 20:+50"),
    ] {
        assert_eq!(told(&billed(&seen, day)), expected, "{day:?}");
    }
    let again = [(11, state("active")), (15, at_price(150, "active")), (20, at_price(200, "active"))];
    assert_eq!(
        told(&billed(&again, Some(15))),
        "10:+100n 15:+50 20:+50",
        "the bill was of the change before"
    );
    let gone = [(11, state("active")), (20, ended(at_price(150, "active"), 17))];
    assert_eq!(told(&billed(&gone, Some(15))), "10:+100n 15:+50 17:-150c");
    assert_eq!(told(&fetched(&gone)), "10:+100n 17:-100c");
}

#[test]
fn a_change_after_the_unseen_end_of_a_trial_leaves_the_time_before_it() {
    let dearer =
        |start, end| SubscriptionState { recurring: Some(charging(150)), ..on_trial("active", start, end) };
    let sold = [(11, on_trial("trialing", 10, 14)), (20, dearer(10, 14))];
    assert_eq!(told(&billed(&sold, Some(17))), "14:+100n 17:+50");
    assert_eq!(told(&billed(&sold, Some(12))), "14:+150n", "it was changed on trial");
    let again = [(11, state("active")), (13, on_trial("trialing", 12, 16)), (20, dearer(12, 16))];
    assert_eq!(told(&billed(&again, Some(18))), "10:+100n 12:-100 16:+100 18:+50");
    let unpaid = [(11, state("incomplete")), (20, at_price(150, "active"))];
    assert_eq!(told(&billed(&unpaid, Some(15))), "10:+100n 15:+50");
    // What it charged before it was first seen is not known.
    assert_eq!(told(&billed(&[(20, at_price(150, "active"))], Some(15))), "10:+150n");
}

#[test]
fn a_discount_applies_in_its_time_and_its_end_is_known_ahead() {
    assert_eq!(told(&fetched(&[(11, discounted(25, 10, Some(40)))])), "10:+75n 40:+25");
    // It was given late, and seen later.
    assert_eq!(told(&fetched(&[(11, state("active")), (20, discounted(25, 15, None))])), "10:+100n 15:-25");
    // Stripe tells of it no longer when it is over.
    let over = [(11, discounted(25, 10, Some(40))), (50, state("active"))];
    assert_eq!(told(&fetched(&over)), "10:+75n 40:+25");
    // It was taken away before its time.
    let taken = [(11, discounted(25, 10, Some(40))), (20, state("active"))];
    assert_eq!(told(&fetched(&taken)), "10:+75n 20:+25");
    let gone = ended(state("canceled"), 30);
    assert_eq!(told(&fetched(&[(11, discounted(25, 10, Some(40))), (50, gone)])), "10:+75n 30:-75c");
}

#[test]
fn a_discount_in_place_of_another_applies_from_its_day() {
    let first = (11, discounted(25, 10, None));
    let replaced = discounted(50, 15, None);
    assert_eq!(told(&fetched(&[first.clone(), (20, replaced.clone())])), "10:+75n 15:-25");
    let gone = ended(replaced.clone(), 18);
    assert_eq!(told(&fetched(&[first.clone(), (20, gone)])), "10:+75n 15:-25 18:-50c");
    // The first one would have ended since, and the bill was of something else.
    let short = (11, discounted(25, 10, Some(17)));
    assert_eq!(told(&billed(&[short, (20, replaced)], Some(16))), "10:+75n 15:-25");
    // One is added to another.
    let (mut both, added) = (discounted(25, 10, None), discounted(20, 15, Some(30)));
    both.recurring.as_mut().unwrap().discounts.extend(added.recurring.unwrap().discounts);
    assert_eq!(told(&fetched(&[first, (20, both)])), "10:+75n 15:-15 30:+15");
}

#[test]
fn a_discount_that_ended_unseen_is_taken_off_a_new_price_until_its_end() {
    let dearer = [(11, discounted(25, 10, Some(14))), (20, at_price(200, "active"))];
    assert_eq!(told(&billed(&dearer, Some(13))), "10:+75n 13:+75 14:+50");
    let tried = SubscriptionState {
        recurring: discounted(25, 10, Some(14)).recurring,
        ..on_trial("trialing", 10, 12)
    };
    assert_eq!(told(&fetched(&[(11, tried), (20, on_trial("active", 10, 12))])), "12:+75n 14:+25");
}

#[test]
fn what_it_charges_may_be_unknown() {
    let unknown = |status: &str| SubscriptionState { recurring: None, ..state(status) };
    assert_eq!(told(&fetched(&[(11, unknown("active"))])), "");
    assert_eq!(told(&fetched(&[(11, unknown("active")), (20, state("active"))])), "10:+100n");
    let gone = [(11, state("active")), (20, ended(unknown("canceled"), 15))];
    assert_eq!(told(&fetched(&gone)), "10:+100n 15:-100c");
    for stopped in ["unpaid", "paused", "trialing"] {
        let states = [(11, state("active")), (20, unknown(stopped)), (25, unknown(stopped))];
        assert_eq!(told(&fetched(&states)), "10:+100n 20:-100", "{stopped}");
    }
}

#[test]
fn a_free_subscription_is_new_and_churns_without_revenue() {
    let free = |status: &str| SubscriptionState { recurring: Some(charging(0)), ..state(status) };
    let states = [(11, free("active")), (20, ended(free("canceled"), 15))];
    assert_eq!(told(&fetched(&states)), "10:+0n 15:+0c");
}
