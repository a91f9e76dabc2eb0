use std::sync::Arc;

use billing_domain::SubscriptionStatus::{Active, Canceled, IncompleteExpired, PastDue, Trialing};
use billing_domain::ports::{
    BillingStore, Counted, Edge, LiveSubscription, PayerSearch, StoreError, SubscriptionFilter,
};
use billing_domain::{
    AppId, CheckoutIntentId, GatewayAccountId, Payer, PlanId, Subscription, SubscriptionId,
    SubscriptionState, SubscriptionStatus, SubscriptionTimes, UserId, WorkspaceId,
};
use billing_testing::builders::{
    account, app, app_id, moment, moment_at_stripe, organization, stripe_id, stripe_statuses, subscription,
    workspace_id,
};
use billing_testing::{Suite, TestDatabase};
use chrono::TimeDelta;

use crate::raw;
use crate::story::{add_app, assert_conflict, assert_corrupt, locked, other_workspace, transact, with_app};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_mirror_is_read_as_it_was_saved", a_mirror_is_read_as_it_was_saved)
        .on_every_database("a_mirror_follows_and_keeps_its_identity", a_mirror_follows_and_keeps_its_identity)
        .on_every_database("a_subscription_id_is_taken_once", a_subscription_id_is_taken_once)
        .on_every_database("live_subscriptions_of_a_payer_are_found", live_subscriptions_of_a_payer_are_found)
        .on_every_database("live_subscriptions_are_listed_by_id", live_subscriptions_are_listed_by_id)
        .on_every_database("subscriptions_are_listed_both_ways", subscriptions_are_listed_both_ways)
        .on_every_database("a_payer_has_one_trial_of_an_app", a_payer_has_one_trial_of_an_app)
}

async fn save(store: &Arc<dyn BillingStore>, subscription: &Subscription) -> Result<(), StoreError> {
    transact(store, |work| work.subscriptions().save_subscription(subscription)).await
}

async fn read(store: &Arc<dyn BillingStore>, id: SubscriptionId) -> Option<Subscription> {
    store.subscriptions().subscription(&workspace_id(), &app_id(), id).await.unwrap()
}

fn full(number: u32) -> Subscription {
    let at = |days| Some(moment_at_stripe() + TimeDelta::days(days));
    let times = SubscriptionTimes {
        created_at: at(7),
        ends_with_period: true,
        started_at: at(0),
        period_start: at(1),
        period_end: at(2),
        trial_start: at(3),
        trial_end: at(3),
        cancel_at: at(4),
        canceled_at: at(5),
        ended_at: at(6),
    };
    let bare = subscription(number, SubscriptionStatus::from_stripe("of_tomorrow"));
    Subscription {
        intent_id: Some(CheckoutIntentId::from_uuid(1)),
        state: SubscriptionState { times, quantity: u32::MAX, ..bare.state.clone() },
        ..bare
    }
}

async fn a_mirror_is_read_as_it_was_saved(database: TestDatabase) {
    let store = with_app(&database).await;
    let bare = Subscription {
        payer: Payer::User(UserId::parse("user_1").unwrap()),
        state: SubscriptionState {
            plan_id: None,
            price_id: None,
            times: SubscriptionTimes::default(),
            ..subscription(2, Trialing).state
        },
        ..subscription(2, Trialing)
    };
    for saved in [full(1), bare] {
        save(&store, &saved).await.unwrap();
        assert_eq!(read(&store, saved.id).await, Some(saved.clone()));
        let mut work = locked(&store).await;
        let subscriptions = work.subscriptions();
        let found = subscriptions.subscription_to_change(&workspace_id(), &app_id(), saved.id).await.unwrap();
        assert_eq!(found, Some(saved.clone()));
        let elsewhere = GatewayAccountId::parse("acct_other").unwrap();
        for (workspace, account, is_there) in [
            (workspace_id(), account(), true),
            (workspace_id(), elsewhere, false),
            (other_workspace(), account(), false),
        ] {
            let found =
                subscriptions.mirrored_subscription(&workspace, &account, &saved.stripe_id).await.unwrap();
            assert_eq!(found, is_there.then(|| saved.clone()));
        }
        for (workspace, app) in [(other_workspace(), app_id()), (workspace_id(), app(2).id)] {
            assert_eq!(subscriptions.subscription_to_change(&workspace, &app, saved.id).await.unwrap(), None);
            assert_eq!(store.subscriptions().subscription(&workspace, &app, saved.id).await.unwrap(), None);
        }
    }
    raw::execute(&database.url, "UPDATE subscriptions SET times = '[]'").await;
    let corrupt = store.subscriptions().subscription(&workspace_id(), &app_id(), full(1).id).await;
    assert_corrupt(corrupt, ("subscriptions", "times", &full(1).id.to_string()));
}

async fn a_mirror_follows_and_keeps_its_identity(database: TestDatabase) {
    let store = with_app(&database).await;
    add_app(&store, &app(2)).await;
    let first = subscription(1, Trialing);
    let synced_at = moment() + TimeDelta::seconds(7);
    let later = Subscription { stripe_id: first.stripe_id.clone(), synced_at, ..full(9) };
    save(&store, &first).await.unwrap();
    let mistaken =
        Subscription { app_id: app(2).id, customer: stripe_id("cus_of_a_mistake"), ..later.clone() };
    save(&store, &mistaken).await.unwrap();

    let expected =
        Subscription { intent_id: later.intent_id, state: later.state, synced_at, ..first.clone() };
    assert_eq!(read(&store, first.id).await, Some(expected));
    assert_eq!(read(&store, mistaken.id).await, None);
    let elsewhere = GatewayAccountId::parse("acct_other").unwrap();
    let twin =
        Subscription { gateway_account_id: elsewhere, stripe_id: first.stripe_id, ..subscription(3, Active) };
    save(&store, &twin).await.unwrap();
    assert_eq!(read(&store, twin.id).await, Some(twin), "another account has subscriptions of its own");
}

async fn a_subscription_id_is_taken_once(database: TestDatabase) {
    let store = with_app(&database).await;
    save(&store, &subscription(1, Active)).await.unwrap();
    assert_conflict(
        save(&store, &Subscription { id: subscription(1, Active).id, ..subscription(2, Active) }).await,
    );
}

async fn live_subscriptions_are_listed_by_id(database: TestDatabase) {
    let store = with_app(&database).await;
    for (number, status) in [(3, Active), (1, Active), (2, Canceled), (4, Active)] {
        save(&store, &subscription(number, status)).await.unwrap();
    }
    let live = |number| {
        let Subscription { id, gateway_account_id: account, .. } = subscription(number, Active);
        LiveSubscription { id, account, stripe_id: subscription(number, Active).stripe_object() }
    };
    let listed = async |after: Option<LiveSubscription>, limit| {
        let after = after.map(|it| it.id);
        store.subscriptions().live_subscriptions(&workspace_id(), after, limit).await.unwrap()
    };
    assert_eq!(listed(None, 10).await, [live(1), live(3), live(4)]);
    assert_eq!(listed(None, 2).await, [live(1), live(3)]);
    assert_eq!(listed(Some(live(3)), 2).await, [live(4)]);
}

async fn live_subscriptions_of_a_payer_are_found(database: TestDatabase) {
    let store = with_app(&database).await;
    add_app(&store, &app(2)).await;
    let payer = organization(1);
    let of_payer = |number, status| Subscription { payer: payer.clone(), ..subscription(number, status) };
    let mut live = Vec::new();
    for ((status, is_live), number) in stripe_statuses().into_iter().zip([9, 8, 1, 7, 2, 6, 3, 5, 4]) {
        let saved = of_payer(number, status);
        save(&store, &saved).await.unwrap();
        live.extend(is_live.then_some(saved.id));
    }
    live.sort();
    save(&store, &Subscription { app_id: app(2).id, ..of_payer(10, Active) }).await.unwrap();
    let namesake = Payer::User(UserId::parse(payer.id()).unwrap());
    save(&store, &Subscription { payer: namesake, ..subscription(11, Active) }).await.unwrap();
    save(&store, &subscription(12, Active)).await.unwrap();

    let read = store.subscriptions().live_subscriptions_of(&workspace_id(), &app_id(), &payer).await.unwrap();
    let mut work = locked(&store).await;
    let subscriptions = work.subscriptions();
    let found = subscriptions.live_subscriptions_of(&workspace_id(), &app_id(), &payer).await.unwrap();
    assert_eq!(read, found);
    assert_eq!(found.into_iter().map(|subscription| subscription.id).collect::<Vec<_>>(), live);
    assert_eq!(subscriptions.live_subscriptions_of(&other_workspace(), &app_id(), &payer).await.unwrap(), []);
}

async fn listed(
    store: &Arc<dyn BillingStore>,
    (workspace, app): (WorkspaceId, AppId),
    filter: &SubscriptionFilter,
    edge: Edge<SubscriptionId>,
) -> Vec<SubscriptionId> {
    let list = store.subscriptions().subscriptions(&workspace, &app, filter, edge, 2).await.unwrap();
    list.items.into_iter().map(|subscription| subscription.id).collect()
}

async fn count(store: &Arc<dyn BillingStore>, filter: &SubscriptionFilter, than: Option<u128>) -> Counted {
    let than = than.map(SubscriptionId::from_uuid);
    store.subscriptions().count_subscriptions(&workspace_id(), &app_id(), filter, than).await.unwrap()
}

fn exactly(newer: u64, total: u64) -> Counted {
    Counted { newer, total, is_exact: true }
}

async fn subscriptions_are_listed_both_ways(database: TestDatabase) {
    let store = with_app(&database).await;
    add_app(&store, &app(2)).await;
    let other_plan = Some(PlanId::from_uuid(2));
    for (number, status) in [(3, Active), (1, Active), (2, Canceled), (5, IncompleteExpired), (4, Active)] {
        save(&store, &subscription(number, status)).await.unwrap();
    }
    let to_other_plan = SubscriptionState { plan_id: other_plan, ..subscription(6, PastDue).state };
    save(&store, &Subscription { state: to_other_plan, ..subscription(6, PastDue) }).await.unwrap();
    save(&store, &Subscription { app_id: app(2).id, ..subscription(7, Active) }).await.unwrap();
    let id = |number: u128| SubscriptionId::from_uuid(number);
    let ids = |numbers: &[u128]| numbers.iter().map(|number| id(*number)).collect::<Vec<_>>();
    let ours = || (workspace_id(), app_id());

    let all = SubscriptionFilter::default();
    assert_eq!(listed(&store, ours(), &all, Edge::Newest).await, ids(&[6, 5]));
    assert_eq!(listed(&store, ours(), &all, Edge::OlderThan(id(5))).await, ids(&[4, 3]));
    assert_eq!(listed(&store, ours(), &all, Edge::NewerThan(id(1))).await, ids(&[3, 2]));
    assert_eq!(listed(&store, (workspace_id(), app(2).id), &all, Edge::Newest).await, ids(&[7]));
    assert_eq!(listed(&store, (other_workspace(), app_id()), &all, Edge::Newest).await, []);
    assert_eq!(
        (count(&store, &all, None).await, count(&store, &all, Some(4)).await),
        (exactly(0, 6), exactly(2, 6))
    );

    let active = SubscriptionFilter { status: Some(Active), ..all.clone() };
    assert_eq!(listed(&store, ours(), &active, Edge::Newest).await, ids(&[4, 3]));
    assert_eq!(listed(&store, ours(), &active, Edge::NewerThan(id(2))).await, ids(&[4, 3]));
    assert_eq!(count(&store, &active, Some(1)).await, exactly(2, 3));
    let of_plan = SubscriptionFilter { plan_id: other_plan, ..all.clone() };
    assert_eq!(listed(&store, ours(), &of_plan, Edge::Newest).await, ids(&[6]));
    let of_payer = SubscriptionFilter { payer: Some(PayerSearch::Is("org_3".to_owned())), ..all };
    assert_eq!(listed(&store, ours(), &of_payer, Edge::OlderThan(id(4))).await, ids(&[3]));
    assert_eq!(count(&store, &of_payer, None).await, exactly(0, 1));
    let neither = SubscriptionFilter { status: Some(Canceled), ..of_payer };
    assert_eq!(listed(&store, ours(), &neither, Edge::Newest).await, []);
}

async fn a_payer_has_one_trial_of_an_app(database: TestDatabase) {
    let store = with_app(&database).await;
    add_app(&store, &app(2)).await;
    let payer = organization(1);
    let mut work = locked(&store).await;
    assert!(!work.subscriptions().had_trial(&workspace_id(), &app_id(), &payer).await.unwrap());
    for seconds in [0, 60] {
        let at = moment() + TimeDelta::seconds(seconds);
        work.subscriptions().record_trial(&workspace_id(), &app_id(), &payer, at).await.unwrap();
    }
    work.commit().await.unwrap();

    let trial =
        async |app: AppId, payer: &Payer| store.subscriptions().trial_of(&workspace_id(), &app, payer).await;
    assert_eq!(trial(app_id(), &payer).await.unwrap(), Some(moment()), "the first moment stays");
    assert_eq!(trial(app(2).id, &payer).await.unwrap(), None);
    let mut work = locked(&store).await;
    let had = work.subscriptions();
    assert!(had.had_trial(&workspace_id(), &app_id(), &payer).await.unwrap());
    assert!(!had.had_trial(&workspace_id(), &app(2).id, &payer).await.unwrap());
    assert!(!had.had_trial(&other_workspace(), &app_id(), &payer).await.unwrap());
    let namesake = Payer::User(UserId::parse(payer.id()).unwrap());
    assert!(!had.had_trial(&workspace_id(), &app_id(), &namesake).await.unwrap());
    let first = "SELECT 'first' AS line FROM trials WHERE first_at = '2026-11-22 12:34:56.789012+00:00'";
    assert_eq!(raw::lines(&database.url, first).await, ["first"]);
}
