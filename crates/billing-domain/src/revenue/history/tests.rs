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

fn ended(mut state: SubscriptionState, day: i64) -> SubscriptionState {
    state.status = SubscriptionStatus::Canceled;
    state.times.ended_at = Some(at(day));
    state
}

/// What is left of a subscription that was fetched so, each state on its day.
fn fetched(states: &[(i64, SubscriptionState)]) -> RevenueHistory {
    let mut history = RevenueHistory::default();
    let mut before: Option<&(i64, SubscriptionState)> = None;
    for fetch in states {
        let sighting = RevenueSighting {
            before: before.map(|(_, state)| &state.status),
            seen_before_at: before.map(|(day, _)| at(*day)),
            state: &fetch.1,
            billed_at: None,
            at: at(fetch.0),
        };
        history = history.followed(&sighting);
        assert_eq!(history.followed(&sighting), history, "a fetch may be repeated");
        before = Some(fetch);
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
    assert_eq!(told(&fetched(&[again.clone()])), "10:+100n 12:-100 16:+100");
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
    let dearer = SubscriptionState { recurring: Some(charging(150)), ..state("active") };
    let history = fetched(&[(11, state("active")), (20, dearer.clone())]);
    assert_eq!(told(&history), "10:+100n 20:+50");
    let before = fetched(&[(11, state("active"))]);
    let active = SubscriptionStatus::Active;
    for (billed, expected) in [(15, "10:+100n 15:+50"), (9, "10:+100n 20:+50"), (21, "10:+100n 20:+50")] {
        let after = before.followed(&RevenueSighting {
            before: Some(&active),
            seen_before_at: Some(at(11)),
            state: &dearer,
            billed_at: Some(at(billed)),
            at: at(20),
        });
        assert_eq!(told(&after), expected);
    }
}

#[test]
fn a_discount_applies_in_its_time_and_its_end_is_known_ahead() {
    let discounted = |start: i64, end: Option<i64>| {
        let mut recurring = charging(100);
        recurring.discounts = vec![RecurringDiscount {
            off: DiscountOff::Millionths(250_000),
            starts_at: Some(at(start)),
            ends_at: end.map(at),
        }];
        SubscriptionState { recurring: Some(recurring), ..state("active") }
    };
    assert_eq!(told(&fetched(&[(11, discounted(10, Some(40)))])), "10:+75n 40:+25");
    // It was given late, and seen later.
    assert_eq!(told(&fetched(&[(11, state("active")), (20, discounted(15, None))])), "10:+100n 15:-25");
    // Stripe tells of it no longer when it is over.
    assert_eq!(told(&fetched(&[(11, discounted(10, Some(40))), (50, state("active"))])), "10:+75n 40:+25");
    // It was taken away before its time.
    assert_eq!(told(&fetched(&[(11, discounted(10, Some(40))), (20, state("active"))])), "10:+75n 20:+25");
    let gone = ended(state("canceled"), 30);
    assert_eq!(told(&fetched(&[(11, discounted(10, Some(40))), (50, gone)])), "10:+75n 30:-75c");
}

#[test]
fn what_it_charges_may_be_unknown() {
    let unknown = |status: &str| SubscriptionState { recurring: None, ..state(status) };
    assert_eq!(told(&fetched(&[(11, unknown("active"))])), "");
    assert_eq!(told(&fetched(&[(11, unknown("active")), (20, state("active"))])), "10:+100n");
    let gone = [(11, state("active")), (20, ended(unknown("canceled"), 15))];
    assert_eq!(told(&fetched(&gone)), "10:+100n 15:-100c");
}

#[test]
fn a_free_subscription_is_new_and_churns_without_revenue() {
    let free = |status: &str| SubscriptionState { recurring: Some(charging(0)), ..state(status) };
    let states = [(11, free("active")), (20, ended(free("canceled"), 15))];
    assert_eq!(told(&fetched(&states)), "10:+0n 15:+0c");
}
