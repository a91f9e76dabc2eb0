use std::sync::Arc;

use billing_domain::SubscriptionStatus::{Active, Canceled, PastDue, Trialing};
use billing_domain::ports::BillingStore;
use billing_domain::{
    Currency, DiscountOff, Drift, DriftDifference, DriftKind, EnvironmentId, Recurring, RecurringCharge,
    RecurringDiscount, RecurringInterval, RevenueChange, RevenueHistory, Subscription, SubscriptionCounts,
    SubscriptionState, SubscriptionTimes, Timestamp,
};
use billing_testing::builders::{account, app_id, environment_id, stripe_id, subscription, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{assert_corrupt, other_workspace, transact, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("what_a_subscription_charges_is_kept", what_a_subscription_charges_is_kept)
        .on_every_database("revenue_is_kept_by_day_and_month", revenue_is_kept_by_day_and_month)
        .on_every_database("subscriptions_are_counted_as_they_change", subscriptions_are_counted)
        .on_every_database("figures_that_are_lost_are_made_anew", figures_that_are_lost_are_made_anew)
        .on_every_database("drifts_are_kept_for_a_while", drifts_are_kept_for_a_while)
}

fn at(moment: &str) -> Timestamp {
    moment.parse().unwrap()
}

fn change(moment: &str, currency: &str, twelfths: i64) -> RevenueChange {
    let currency = Currency::parse(currency).unwrap();
    RevenueChange { at: at(moment), currency, twelfths, is_new: false, is_churn: false }
}

async fn save(store: &Arc<dyn BillingStore>, subscription: &Subscription) {
    transact(store, |work| work.subscriptions().save_subscription(subscription)).await.unwrap();
}

/// Replaces the history of a subscription, whatever it was.
async fn keep(store: &Arc<dyn BillingStore>, subscription: &Subscription, changes: Vec<RevenueChange>) {
    let id = subscription.id;
    let before = transact(store, |work| work.revenue().revenue_history(&subscription.workspace_id, id));
    let (before, after) = (before.await.unwrap(), RevenueHistory::new(changes));
    transact(store, |work| work.revenue().save_revenue_history(subscription, &before, &after)).await.unwrap();
    let kept = transact(store, |work| work.revenue().revenue_history(&subscription.workspace_id, id));
    assert_eq!(kept.await.unwrap(), after);
}

/// The totals as of a moment: month, currency, twelfths, new and churned.
async fn totals(store: &Arc<dyn BillingStore>, now: &str) -> Vec<String> {
    let (workspace, app, environment) = (workspace_id(), app_id(), environment_id());
    let totals = store.revenue().revenue_totals(&workspace, &app, &environment, at(now)).await.unwrap();
    let told = totals
        .iter()
        .map(|it| format!("{} {} {} {} {}", it.month, it.currency, it.twelfths, it.new, it.churned));
    told.collect()
}

async fn what_a_subscription_charges_is_kept(database: TestDatabase) {
    let store = with_app(&database).await;
    let discount =
        |off, ends_at| RecurringDiscount { off, starts_at: Some(at("2026-11-01T00:00:00Z")), ends_at };
    let recurring = Recurring {
        currency: Currency::parse("KWD").unwrap(),
        charges: vec![RecurringCharge {
            minor_units: i64::MAX,
            interval: RecurringInterval::Week,
            interval_count: 2,
        }],
        discounts: vec![
            discount(DiscountOff::Millionths(125_000), None),
            discount(DiscountOff::MinorUnits(5), Some(at("2027-11-01T00:00:00Z"))),
        ],
    };
    let bare = subscription(1, Active);
    let state = SubscriptionState { recurring: Some(recurring), ..bare.state.clone() };
    let charging = Subscription { state, ..bare };
    save(&store, &charging).await;
    let read = store.subscriptions().subscription(&workspace_id(), &app_id(), charging.id).await.unwrap();
    assert_eq!(read, Some(charging));
}

async fn revenue_is_kept_by_day_and_month(database: TestDatabase) {
    let store = with_app(&database).await;
    let (first, second) = (subscription(1, Active), subscription(2, Active));
    for subscription in [&first, &second] {
        save(&store, subscription).await;
    }
    let begun = RevenueChange { is_new: true, ..change("2026-10-31T23:59:59.5Z", "USD", 1_200) };
    let ended = RevenueChange { is_churn: true, ..change("2026-12-03T00:00:00Z", "USD", -1_200) };
    keep(&store, &first, vec![begun, ended]).await;
    keep(
        &store,
        &second,
        vec![change("2026-12-01T08:00:00Z", "JPY", 7), change("2026-12-04T00:00:00Z", "USD", 9)],
    )
    .await;
    assert_eq!(totals(&store, "2026-12-02T23:59:59Z").await, ["2026-10 USD 1200 1 0", "2026-12 JPY 7 0 0"]);
    assert_eq!(
        totals(&store, "2026-12-04T00:00:00Z").await,
        ["2026-10 USD 1200 1 0", "2026-12 JPY 7 0 0", "2026-12 USD -1200 0 1", "2026-12 USD 9 0 0"]
    );
    assert_eq!(
        totals(&store, "2027-01-01T00:00:00Z").await,
        ["2026-10 USD 1200 1 0", "2026-12 JPY 7 0 0", "2026-12 USD -1191 0 1"]
    );
    assert_eq!(totals(&store, "2026-10-30T00:00:00Z").await, [""; 0]);

    // It turned out that the first one ended earlier, in another month.
    let earlier = RevenueChange { at: at("2026-11-02T00:00:00Z"), ..ended };
    keep(&store, &first, vec![begun, earlier]).await;
    keep(&store, &second, Vec::new()).await;
    let later = totals(&store, "2027-01-01T00:00:00Z").await;
    assert_eq!(later[..2], ["2026-10 USD 1200 1 0", "2026-11 USD -1200 0 1"]);
    assert!(later[2..].iter().all(|total| total.ends_with(" 0 0 0")), "{later:?}");
    let elsewhere = store.revenue();
    for (workspace, environment) in
        [(other_workspace(), environment_id()), (workspace_id(), EnvironmentId::parse("env_other").unwrap())]
    {
        let now = at("2027-01-01T00:00:00Z");
        assert_eq!(elsewhere.revenue_totals(&workspace, &app_id(), &environment, now).await.unwrap(), []);
    }
}

async fn counts(store: &Arc<dyn BillingStore>) -> SubscriptionCounts {
    store.revenue().subscription_counts(&workspace_id(), &app_id(), &environment_id()).await.unwrap()
}

async fn drifts_are_kept_for_a_while(database: TestDatabase) {
    let store = with_app(&database).await;
    let drift = |number: u32, kind, found_at: &str| Drift {
        id: format!("drift_{number}"),
        workspace_id: workspace_id(),
        account: account(),
        object: stripe_id(&format!("sub_{number}")),
        kind,
        differences: vec![DriftDifference {
            field: "status".to_owned(),
            before: "active".into(),
            after: serde_json::Value::Null,
        }],
        found_at: at(found_at),
    };
    let first = drift(1, DriftKind::Changed, "2026-11-01T00:00:00Z");
    let second = drift(2, DriftKind::Missing, "2026-12-01T00:00:00Z");
    for drift in [&first, &second] {
        transact(&store, |work| work.drifts().insert_drift(drift)).await.unwrap();
    }
    let listed = async |limit| store.drifts().drifts(&workspace_id(), limit).await.unwrap();
    assert_eq!(listed(9).await, [second.clone(), first]);
    assert_eq!(listed(1).await, [second.clone()]);
    assert_eq!(store.drifts().drifts(&other_workspace(), 9).await.unwrap(), []);
    let before = at("2026-11-15T00:00:00Z");
    let deleted = store.retention().delete_expired_drifts(&workspace_id(), &account(), before, 9).await;
    assert_eq!((deleted.unwrap(), listed(9).await), (1, vec![second]));
}

fn to_end(subscription: Subscription) -> Subscription {
    let times =
        SubscriptionTimes { cancel_at: Some(at("2027-01-01T00:00:00Z")), ..subscription.state.times.clone() };
    Subscription { state: SubscriptionState { times, ..subscription.state }, ..subscription }
}

async fn subscriptions_are_counted(database: TestDatabase) {
    let store = with_app(&database).await;
    let count = async |before: Option<&Subscription>, after: &Subscription| {
        save(&store, after).await;
        if let Some(before) = before {
            transact(&store, |work| work.revenue().uncount_subscription(before)).await.unwrap();
        }
        transact(&store, |work| work.revenue().count_subscription(after)).await.unwrap();
        counts(&store).await
    };
    let none = SubscriptionCounts::default();
    let [trialing, active, past_due] = [Trialing, Active, PastDue].map(|status| subscription(1, status));
    assert_eq!(count(None, &trialing).await, SubscriptionCounts { trialing: 1, ..none });
    assert_eq!(count(Some(&trialing), &active).await, SubscriptionCounts { active: 1, ..none });
    let ending = to_end(active.clone());
    assert_eq!(count(Some(&active), &ending).await, SubscriptionCounts { active: 1, ending: 1, ..none });
    assert_eq!(count(Some(&ending), &past_due).await, SubscriptionCounts { past_due: 1, ..none });
    let other = to_end(subscription(2, Trialing));
    let both = SubscriptionCounts { past_due: 1, trialing: 1, ending: 1, ..none };
    assert_eq!(count(None, &other).await, both);
    transact(&store, |work| work.revenue().rebuild_revenue(&other.workspace_id)).await.unwrap();
    assert_eq!(counts(&store).await, both, "made anew");
    assert_eq!(
        count(Some(&past_due), &to_end(subscription(1, Canceled))).await,
        SubscriptionCounts { past_due: 0, ..both }
    );
}

async fn figures_that_are_lost_are_made_anew(database: TestDatabase) {
    let store = with_app(&database).await;
    save(&store, &subscription(1, Active)).await;
    let begun = RevenueChange { is_new: true, ..change("2026-10-31T23:59:59Z", "USD", 1_200) };
    let dearer = change("2026-10-31T08:00:00Z", "USD", 34);
    keep(&store, &subscription(1, Active), vec![begun, dearer]).await;
    transact(&store, |work| work.revenue().rebuild_revenue(&subscription(1, Active).workspace_id))
        .await
        .unwrap();
    let kept = ["2026-10 USD 1234 1 0".to_owned()];
    assert_eq!(totals(&store, "2026-12-02T00:00:00Z").await, kept);
    raw::execute(&database.url, "UPDATE revenue_totals SET twelfths = 5").await;
    raw::execute(&database.url, "DELETE FROM subscription_counts").await;
    transact(&store, |work| work.revenue().rebuild_revenue(&subscription(1, Active).workspace_id))
        .await
        .unwrap();
    assert_eq!(totals(&store, "2026-12-02T00:00:00Z").await, kept);
    assert_eq!(counts(&store).await.active, 1);
    raw::execute(&database.url, "UPDATE revenue_totals SET currency = 'no currency'").await;
    let corrupt = store.revenue().revenue_totals(
        &workspace_id(),
        &app_id(),
        &environment_id(),
        at("2026-12-02T00:00:00Z"),
    );
    assert_corrupt(corrupt.await, ("revenue_totals", "currency", "2026-10"));
}
