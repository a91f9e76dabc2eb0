use std::sync::Arc;

use billing_domain::SubscriptionStatus::Active;
use billing_domain::ports::BillingStore;
use billing_domain::{
    Currency, DiscountOff, Drift, DriftDifference, DriftKind, EnvironmentId, Recurring, RecurringCharge,
    RecurringDiscount, RecurringInterval, RevenueChange, RevenueHistory, Subscription, SubscriptionState,
    Timestamp,
};
use billing_testing::builders::{account, app_id, environment_id, stripe_id, subscription, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{assert_corrupt, other_workspace, transact, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("what_a_subscription_charges_is_kept", what_a_subscription_charges_is_kept)
        .on_every_database("revenue_is_kept_by_day_and_month", revenue_is_kept_by_day_and_month)
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

/// The number of active subscriptions that is kept.
async fn active(store: &Arc<dyn BillingStore>) -> u64 {
    let counts = store.subscriptions().subscription_counts(&workspace_id(), &app_id(), None).await.unwrap();
    counts.of(Some(&Active), false)
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
    assert_eq!(listed(1).await, std::slice::from_ref(&second));
    assert_eq!(store.drifts().drifts(&other_workspace(), 9).await.unwrap(), []);
    let before = at("2026-11-15T00:00:00Z");
    let deleted = store.retention().delete_expired_drifts(&workspace_id(), &account(), before, 9).await;
    assert_eq!((deleted.unwrap(), listed(9).await), (1, vec![second.clone()]));

    let (workspace, account) = (workspace_id(), account());
    for (object, since, left) in [
        ("sub_1", "2026-11-30T00:00:00Z", 1),
        ("sub_2", "2026-12-01T00:00:00Z", 1),
        ("sub_2", "2026-11-30T23:59:00Z", 0),
    ] {
        let (object, since) = (stripe_id(object), at(since));
        transact(&store, |work| work.drifts().withdraw_drifts(&workspace, &account, &object, since))
            .await
            .unwrap();
        assert_eq!(listed(9).await.len(), left, "{object} since {since}");
    }
}

async fn figures_that_are_lost_are_made_anew(database: TestDatabase) {
    let store = with_app(&database).await;
    let (workspace, app, environment) = (workspace_id(), app_id(), environment_id());
    let one = subscription(1, Active);
    save(&store, &one).await;
    let begun = RevenueChange { is_new: true, ..change("2026-10-31T23:59:59Z", "USD", 1_200) };
    let dearer = change("2026-10-31T08:00:00Z", "USD", 34);
    keep(&store, &one, vec![begun, dearer]).await;
    transact(&store, |work| work.revenue().rebuild_revenue(&workspace)).await.unwrap();
    let kept = ["2026-10 USD 1234 1 0".to_owned()];
    assert_eq!(totals(&store, "2026-12-02T00:00:00Z").await, kept);
    raw::execute(&database.url, "UPDATE revenue_totals SET twelfths = 5").await;
    raw::execute(&database.url, "DELETE FROM sale_counts").await;
    transact(&store, |work| work.revenue().rebuild_revenue(&workspace)).await.unwrap();
    assert_eq!(totals(&store, "2026-12-02T00:00:00Z").await, kept);
    assert_eq!(active(&store).await, 1);
    raw::execute(&database.url, "UPDATE revenue_totals SET currency = 'no currency'").await;
    let now = at("2026-12-02T00:00:00Z");
    let corrupt = store.revenue().revenue_totals(&workspace, &app, &environment, now).await;
    assert_corrupt(corrupt, ("revenue_totals", "currency", "2026-10"));
}
