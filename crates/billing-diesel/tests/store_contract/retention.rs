//! Retention: the deletion of expired rows.

use std::sync::Arc;

use billing_domain::ports::BillingStore;
use billing_domain::{
    CallOutcome, CallPurpose, CheckoutIntentState, GatewayAccountId, GatewayCall, GatewayEvent,
    StripeSubscriptionId, SubscriptionId, SubscriptionStatus, Timestamp, WorkspaceId, WorkspaceSubscription,
};
use billing_testing::builders::{
    account, checkout_intent, gateway_call, gateway_event, stripe_id, test_app, workspace_id,
    workspace_subscription,
};
use billing_testing::{Suite, TestDatabase};

use crate::events::{at, with_account};
use crate::raw;
use crate::story::{add_app, migrated, other_workspace, transact_in, uses};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("old_events_are_deleted_oldest_first", old_events_are_deleted_oldest_first)
        .on_every_database("old_settled_calls_are_deleted", old_settled_calls_are_deleted)
        .on_every_database("calls_that_are_read_again_are_kept", calls_that_are_read_again_are_kept)
        .on_every_database("old_events_without_a_workspace_are_deleted", old_unplaced_events_are_deleted)
        .on_every_database("workspaces_that_pay_the_platform_are_listed", paying_workspaces_are_listed)
}

fn elsewhere() -> GatewayAccountId {
    GatewayAccountId::parse("acct_other").unwrap()
}

async fn event_ids(database: &TestDatabase, table: &str) -> Vec<String> {
    raw::lines(&database.url, &format!("SELECT event_id AS line FROM {table}")).await
}

async fn old_events_are_deleted_oldest_first(database: TestDatabase) {
    let store = with_account(&database).await;
    uses(&store, &other_workspace(), &elsewhere()).await;
    for number in (1..=5).rev() {
        store.events().accept(vec![gateway_event(number)], at(number.into())).await.unwrap();
    }
    let of_others = GatewayEvent { account: elsewhere(), ..gateway_event(6) };
    store.events().accept(vec![of_others], at(0)).await.unwrap();
    let delete = async |before, limit| {
        store.retention().delete_expired_events(&workspace_id(), &account(), at(before), limit).await.unwrap()
    };

    assert_eq!(delete(4, 2).await, 2);
    assert_eq!(event_ids(&database, "stripe_events").await, ["evt_0003", "evt_0004", "evt_0005", "evt_0006"]);
    assert_eq!((delete(4, 2).await, delete(4, 2).await), (1, 0));
    assert_eq!(event_ids(&database, "stripe_events").await, ["evt_0004", "evt_0005", "evt_0006"]);
}

async fn add(store: &Arc<dyn BillingStore>, call: &GatewayCall, outcome: &CallOutcome) {
    let (workspace, id) = (&call.workspace_id, call.id);
    transact_in(store, workspace, |work| work.gateway_calls().insert_gateway_call(call)).await.unwrap();
    if *outcome != CallOutcome::Unresolved {
        let settle = transact_in(store, workspace, |work| {
            work.gateway_calls().resolve_gateway_call(workspace, id, outcome)
        });
        settle.await.unwrap();
    }
}

fn done() -> CallOutcome {
    CallOutcome::Done(stripe_id("cs_1"))
}

fn call(number: u32, prepared_at: Timestamp) -> GatewayCall {
    GatewayCall { prepared_at, ..gateway_call(number) }
}

async fn delete(store: &Arc<dyn BillingStore>, workspace: &WorkspaceId, before: i64, limit: u32) -> u64 {
    store.retention().delete_expired_calls(workspace, &account(), at(before), limit).await.unwrap()
}

async fn kept(store: &Arc<dyn BillingStore>, calls: &[u32]) -> Vec<u32> {
    let mut kept = Vec::new();
    for number in calls {
        let id = gateway_call(*number).id;
        let found = store.gateway_calls().gateway_call(&workspace_id(), id).await.unwrap();
        kept.extend(found.map(|_| *number));
    }
    kept
}

async fn old_settled_calls_are_deleted(database: TestDatabase) {
    let store = migrated(&database).await;
    let refused = CallOutcome::Refused("no".to_owned());
    add(&store, &call(1, at(3)), &done()).await;
    add(&store, &call(2, at(2)), &refused).await;
    add(&store, &call(3, at(1)), &done()).await;
    add(&store, &call(4, at(0)), &CallOutcome::Unresolved).await;
    add(&store, &GatewayCall { account: elsewhere(), ..call(5, at(0)) }, &done()).await;
    add(&store, &GatewayCall { workspace_id: other_workspace(), ..call(6, at(0)) }, &done()).await;

    assert_eq!(delete(&store, &workspace_id(), 3, 1).await, 1);
    assert_eq!(kept(&store, &[1, 2, 3, 4, 5]).await, [1, 2, 4, 5]);
    assert_eq!(delete(&store, &workspace_id(), 3, 9).await, 1);
    assert_eq!(delete(&store, &workspace_id(), 3, 9).await, 0);
    assert_eq!(kept(&store, &[1, 2, 3, 4, 5]).await, [1, 4, 5]);
    assert_eq!(delete(&store, &other_workspace(), 3, 9).await, 1);
}

/// A later payment for a second subscription is given back once, and the session of an unclosed intent is looked for.
async fn calls_that_are_read_again_are_kept(database: TestDatabase) {
    let store = migrated(&database).await;
    add_app(&store, &test_app()).await;
    let subscription_id = SubscriptionId::from_uuid(1);
    let purposes = [
        CallPurpose::CancelDuplicate { subscription_id },
        CallPurpose::RefundDuplicate { subscription_id, payment_intent: stripe_id("pi_1") },
        CallPurpose::CancelSubscription { subscription_id, at_period_end: false },
    ];
    for (number, purpose) in (1..).zip(purposes) {
        add(&store, &GatewayCall { purpose, ..call(number, at(0)) }, &done()).await;
    }
    for (number, state) in [(4, CheckoutIntentState::Unresolved), (5, CheckoutIntentState::Synced)] {
        let intent = checkout_intent(number, state);
        let adding = transact_in(&store, &intent.workspace_id, |work| {
            work.checkout_intents().insert_checkout_intent(&intent)
        });
        adding.await.unwrap();
        add(&store, &call(number, at(0)), &done()).await;
    }

    assert_eq!(delete(&store, &workspace_id(), 1, 9).await, 2);
    assert_eq!(kept(&store, &[1, 2, 3, 4, 5]).await, [1, 2, 4]);
}

async fn old_unplaced_events_are_deleted(database: TestDatabase) {
    let store = migrated(&database).await;
    for number in (1..=4).rev() {
        store.events().accept(vec![gateway_event(number)], at(number.into())).await.unwrap();
    }
    let delete = async |before, limit| {
        store.retention().delete_expired_unplaced_events(at(before), limit).await.unwrap()
    };

    assert_eq!(delete(4, 2).await, 2);
    assert_eq!(event_ids(&database, "unplaced_events").await, ["evt_0003", "evt_0004"]);
    assert_eq!((delete(4, 2).await, delete(4, 2).await), (1, 0));
    assert_eq!(event_ids(&database, "unplaced_events").await, ["evt_0004"]);
}

async fn paying_workspaces_are_listed(database: TestDatabase) {
    let store = migrated(&database).await;
    let paying = |workspace, account, id| WorkspaceSubscription {
        workspace_id: workspace,
        gateway_account_id: account,
        stripe_id: StripeSubscriptionId::parse(id).unwrap(),
        ..workspace_subscription(SubscriptionStatus::Canceled)
    };
    let (ours, theirs) = (workspace_id(), other_workspace());
    let all = [
        paying(ours.clone(), account(), "sub_1"),
        paying(ours.clone(), account(), "sub_2"),
        paying(theirs.clone(), elsewhere(), "sub_1"),
        paying(theirs.clone(), account(), "sub_1"),
    ];
    for subscription in &all {
        let saving = transact_in(&store, &subscription.workspace_id, |work| {
            work.subscriptions().save_workspace_subscription(subscription)
        });
        saving.await.unwrap();
    }

    let page = async |after, limit| store.retention().paying_workspaces(after, limit).await.unwrap();
    let pairs = [(theirs.clone(), elsewhere()), (theirs, account()), (ours, account())];
    assert_eq!(page(None, 9).await, pairs);
    assert_eq!(page(None, 2).await, pairs[..2]);
    assert_eq!(page(Some(pairs[1].clone()), 2).await, pairs[2..]);
    assert_eq!(page(Some(pairs[2].clone()), 2).await, []);
}
