//! A change of plan, interval or seats, as a person previews and confirms it.

use chrono::TimeDelta;

use crate::prelude::*;
use crate::testing::{Reply, Sales, administrator, app_id, at, request_key, running, stripe_id};

/// A shop with a live subscription of one seat of `pro`, monthly.
async fn sold() -> Sales {
    let sales = Sales::known_at_stripe();
    sales.lock().stripe.subscriptions.push(running("sub_1", 10));
    sales.fetches("sub_1").await;
    sales
}

/// The change to this many seats.
fn seats(sales: &Sales, quantity: u32) -> PlanChange {
    PlanChange {
        app_id: app_id(),
        subscription_id: sales.lock().subscriptions[0].id,
        plan: PlanKey::parse("pro").unwrap(),
        interval: BillingInterval::Month,
        currency: None,
        quantity: Some(quantity),
        from: ChangeFrom::Now,
    }
}

type Answer<T> = Result<T, Refused<SubscriptionError>>;

async fn preview(sales: &Sales, change: &PlanChange) -> Answer<PlanChangePreview> {
    sales.executor().preview_plan_change(&administrator(), change).await
}

async fn confirm(sales: &Sales, change: &PlanChange, shown: ShownChange) -> Answer<Subscription> {
    let request = ChangePlan { change: change.clone(), shown };
    sales.executor().change_plan(&administrator(), &request, None).await
}

async fn cancel(sales: &Sales) -> Answer<Subscription> {
    let subscription_id = sales.lock().subscriptions[0].id;
    let request = CancelSubscription { app_id: app_id(), subscription_id, at_period_end: true };
    sales.executor().cancel_subscription(&administrator(), &request, None).await
}

fn rule<T: std::fmt::Debug>(answer: Answer<T>) -> SubscriptionError {
    match answer {
        Err(Refused::Rule(rule)) => rule,
        other => panic!("{other:?}"),
    }
}

fn events_of_subscription(sales: &Sales) -> Vec<&'static str> {
    let audited = sales.audited();
    audited.into_iter().filter(|(subject, _)| *subject == "subscription").map(|(_, event)| event).collect()
}

#[tokio::test]
async fn confirmed_change_is_made_once_and_audited() {
    let sales = sold().await;
    let change = seats(&sales, 3);
    let preview = preview(&sales, &change).await.unwrap();
    assert_eq!(preview.invoice.total.minor_units(), 300);
    assert_eq!((preview.recurring.to_string(), preview.quantity), ("$37.50".to_owned(), 3));
    assert!(sales.sent().is_empty(), "a preview changes nothing");

    for _ in 0..3 {
        assert_eq!(confirm(&sales, &change, preview.shown).await.unwrap().state.quantity, 3);
    }

    assert_eq!(sales.sent(), ["change_plan"]);
    let events = ["created", "plan_change_requested", "plan_change_made", "changed"];
    assert_eq!(events_of_subscription(&sales), events);
    let shelf = sales.lock();
    let asked = shelf.audited.iter().find(|entry| entry.change.event == "plan_change_requested").unwrap();
    assert_eq!(asked.actor, *administrator().actor());
    let after: serde_json::Value = serde_json::from_str(&asked.change.after).unwrap();
    assert_eq!((&after["planName"], &after["quantity"]), (&"Pro".into(), &3.into()));
    assert_eq!(after["charged"]["minorUnits"], 300);
}

#[tokio::test]
async fn change_that_costs_other_than_shown_is_not_made() {
    let sales = sold().await;
    let change = seats(&sales, 3);
    let shown = preview(&sales, &change).await.unwrap().shown;
    sales.lock().stripe.cost_of_seat += 1;

    let SubscriptionError::Outdated(outdated) = rule(confirm(&sales, &change, shown).await) else { panic!() };

    assert_eq!((outdated.shown, outdated.present.invoice.total.minor_units()), (shown, 303));
    assert!(sales.sent().is_empty());
    assert_eq!(confirm(&sales, &change, outdated.present.shown).await.unwrap().state.quantity, 3);
}

#[tokio::test]
async fn preview_of_other_seats_or_another_time_is_not_confirmed() {
    let sales = sold().await;
    let change = seats(&sales, 3);
    let shown = preview(&sales, &change).await.unwrap().shown;
    let old = ShownChange { shown_at: shown.shown_at - TimeDelta::minutes(15), ..shown };
    let early = ShownChange { shown_at: shown.shown_at + TimeDelta::minutes(15), ..shown };
    let other_seats = preview(&sales, &seats(&sales, 4)).await.unwrap().shown;
    let other_price = ShownChange { price_id: PriceId::from_uuid(9), ..shown };
    for unfit in [old, early, other_seats, other_price] {
        let refused = rule(confirm(&sales, &change, unfit).await);
        assert!(matches!(refused, SubscriptionError::Outdated(_)), "{unfit}: {refused}");
    }
    assert!(sales.sent().is_empty());
}

#[tokio::test]
async fn declined_payment_changes_nothing_and_may_be_tried_anew() {
    let sales = sold().await.replying("change_plan", Reply::Refused);
    let change = seats(&sales, 3);
    let shown = preview(&sales, &change).await.unwrap().shown;
    let request = ChangePlan { change: change.clone(), shown };
    let key = request_key();
    let once = async || sales.executor().change_plan(&administrator(), &request, Some(&key)).await;

    let refused = rule(once().await);
    assert!(matches!(refused, SubscriptionError::ChangeRefused(_)), "{refused}");
    assert_eq!(sales.lock().subscriptions[0].state.quantity, 1);
    assert_eq!(events_of_subscription(&sales)[1..], ["plan_change_requested", "plan_change_refused"]);

    assert_eq!(once().await.unwrap().state.quantity, 3);
    let keys = sales.keys_of("change_plan");
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn change_of_unknown_outcome_keeps_its_key_and_comes_before_all_others() {
    let sales = sold().await.replying("change_plan", Reply::Unknown);
    let change = seats(&sales, 3);
    let shown = preview(&sales, &change).await.unwrap().shown;
    let refused = rule(confirm(&sales, &change, shown).await);
    assert!(matches!(refused, SubscriptionError::GatewayUnavailable), "{refused}");

    assert!(cancel(&sales).await.unwrap().is_ending());

    assert_eq!(sales.sent(), ["change_plan", "change_plan", "cancel_subscription"]);
    let keys = sales.keys_of("change_plan");
    assert_eq!(keys[0], keys[1], "it may have charged already");
}

#[tokio::test]
async fn change_is_not_made_while_an_earlier_one_is_not_settled() {
    let sales = sold().await;
    let change = seats(&sales, 3);
    let shown = preview(&sales, &change).await.unwrap().shown;
    let sales = sales.replying("cancel_subscription", Reply::Unknown);
    let sales = sales.replying("cancel_subscription", Reply::Unknown);
    cancel(&sales).await.unwrap_err();

    let refused = rule(confirm(&sales, &change, shown).await);

    assert!(matches!(refused, SubscriptionError::EarlierUnsettled), "{refused}");
    assert_eq!(sales.lock().calls.len(), 1);
    // Once that is settled, the subscription is to end.
    let refused = rule(confirm(&sales, &change, shown).await);
    let is_ending =
        matches!(refused, SubscriptionError::NotChangeable { problem: NotChangeable::Ending, .. });
    assert!(is_ending, "{refused}");
    assert_eq!(sales.keys_of("change_plan").len(), 0);
}

#[tokio::test]
async fn change_that_stripe_did_not_answer_in_time_is_never_sent_under_another_key() {
    let sales = sold().await.replying("change_plan", Reply::Unknown);
    let change = seats(&sales, 3);
    let shown = preview(&sales, &change).await.unwrap().shown;
    confirm(&sales, &change, shown).await.unwrap_err();
    let ages = |minutes| sales.lock().calls[0].prepared_at -= TimeDelta::minutes(minutes);

    ages(11);
    let refused = rule(confirm(&sales, &change, shown).await);
    assert!(
        matches!(refused, SubscriptionError::EarlierUnsettled),
        "an attempt may be on its way: {refused}"
    );
    assert_eq!(sales.sent().len(), 1);

    ages(35);
    assert_eq!(confirm(&sales, &change, shown).await.unwrap().state.quantity, 3);
    assert!(sales.audited().contains(&("stripe_call", "given_up")));
    let keys = sales.keys_of("change_plan");
    assert_ne!(keys[0], keys[1], "the first one cannot arrive any more");
}

#[tokio::test]
async fn old_change_that_was_carried_out_is_done() {
    let sales = sold().await.replying("change_plan", Reply::Unknown);
    let change = seats(&sales, 3);
    let shown = preview(&sales, &change).await.unwrap().shown;
    confirm(&sales, &change, shown).await.unwrap_err();
    {
        let shelf = &mut *sales.lock();
        shelf.calls[0].prepared_at -= TimeDelta::minutes(20);
        shelf.stripe.object_of_old_call = Some(stripe_id("sub_1"));
        shelf.stripe.subscriptions[0].quantity = 3;
    }

    assert_eq!(confirm(&sales, &change, shown).await.unwrap().state.quantity, 3);

    assert_eq!(sales.sent().len(), 1);
}

#[tokio::test]
async fn mirror_that_is_behind_is_mended_before_a_preview() {
    let sales = sold().await;
    sales.lock().stripe.subscriptions[0].quantity = 2;
    let seen = preview(&sales, &seats(&sales, 2)).await;
    assert!(matches!(rule(seen), SubscriptionError::NothingToChange));
    assert_eq!(sales.lock().subscriptions[0].state.quantity, 2);
}

#[tokio::test]
async fn subscription_in_another_state_is_refused_with_the_reason() {
    type Turn = fn(&mut GatewaySubscription);
    let turns: [(Turn, NotChangeable); 6] = [
        (|it| it.status = SubscriptionStatus::PastDue, NotChangeable::Unpaid),
        (|it| it.status = SubscriptionStatus::Unpaid, NotChangeable::Unpaid),
        (|it| it.status = SubscriptionStatus::Paused, NotChangeable::Paused),
        (|it| it.status = SubscriptionStatus::Incomplete, NotChangeable::Incomplete),
        (|it| it.status = SubscriptionStatus::from_stripe("new"), NotChangeable::UnknownStatus),
        (|it| it.price = Some(stripe_id("price_by_hand")), NotChangeable::ForeignPrice),
    ];
    for (turn, expected) in turns {
        let sales = sold().await;
        turn(&mut sales.lock().stripe.subscriptions[0]);
        let refused = rule(preview(&sales, &seats(&sales, 3)).await);
        let SubscriptionError::NotChangeable { problem, .. } = refused else { panic!("{refused}") };
        assert_eq!(problem, expected);
    }
    let sales = sold().await;
    sales.lock().stripe.subscriptions[0].status = SubscriptionStatus::Canceled;
    assert!(matches!(rule(preview(&sales, &seats(&sales, 3)).await), SubscriptionError::Ended));
}

#[tokio::test]
async fn trial_is_changed_without_a_bill() {
    let sales = sold().await;
    {
        let trialing = &mut sales.lock().stripe.subscriptions[0];
        trialing.status = SubscriptionStatus::Trialing;
        trialing.times.trial_end = Some(at(1_000));
    }
    let change = seats(&sales, 3);
    let preview = preview(&sales, &change).await.unwrap();
    assert_eq!((preview.invoice.total.minor_units(), preview.invoice.lines.len()), (0, 0));

    confirm(&sales, &change, preview.shown).await.unwrap();

    let body = sales.lock().calls[0].request.body.clone();
    assert!(body.contains("billing: Nothing"), "{body}");
}

#[tokio::test]
async fn other_currency_other_payers_and_too_many_seats_are_refused() {
    let sales = sold().await;
    let change = seats(&sales, 3);
    let eur = PlanChange { currency: Some(Currency::parse("EUR").unwrap()), ..change.clone() };
    assert!(matches!(rule(preview(&sales, &eur).await), SubscriptionError::OtherCurrency(_)));
    let crowd = PlanChange { quantity: Some(100_001), ..change.clone() };
    let refused = rule(preview(&sales, &crowd).await);
    assert!(matches!(refused, SubscriptionError::NotForSale(CheckoutError::Quantity)), "{refused}");
    let yearly = PlanChange { interval: BillingInterval::Year, ..change.clone() };
    let refused = rule(preview(&sales, &yearly).await);
    assert!(matches!(refused, SubscriptionError::NotForSale(CheckoutError::NotOffered { .. })), "{refused}");
    sales.lock().plan.plan.payer_kind = PayerKind::Organization;
    assert!(matches!(rule(preview(&sales, &yearly).await), SubscriptionError::OtherPayers(_)));
}

#[tokio::test]
async fn no_plan_is_changed_while_billing_is_being_disabled() {
    let sales = sold().await;
    let change = seats(&sales, 3);
    let shown = preview(&sales, &change).await.unwrap().shown;
    let closing = sales.lock().switch.begin_closing(crate::testing::now()).unwrap().after;
    sales.lock().switch = closing;

    assert!(matches!(rule(confirm(&sales, &change, shown).await), SubscriptionError::Closing));

    assert!(sales.lock().calls.is_empty());
}
