//! Webhooks beside everything else that happens.

use std::sync::Arc;
use std::time::Duration;

use billing_domain::ports::StoreError;
use billing_domain::{Completion, GatewayEvent, WorkId};
use billing_testing::builders::{account, gateway_event, workspace_id};
use billing_testing::{Suite, TestDatabase};
use tokio::task::JoinSet;

use crate::events::{at, claim, complete, due, fetch_of, stored, with_account};
use crate::raw;
use crate::story::{locked, locked_in, other_workspace, url, uses};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "an_event_waits_for_the_transaction_that_completes",
            an_event_waits_for_a_completion,
        )
        .on_every_database("a_completion_sees_every_event_before_it", a_completion_sees_every_event_before_it)
        .on_every_database(
            "batches_of_replicas_do_not_block_each_other",
            batches_of_replicas_do_not_block_each_other,
        )
        .on_postgres(
            "an_event_does_not_wait_for_a_locked_workspace",
            an_event_does_not_wait_for_a_locked_workspace,
        )
        .on_postgres(
            "an_event_does_not_hold_up_the_lock_of_its_workspace",
            an_event_does_not_hold_up_the_lock,
        )
        .on_postgres(
            "a_deadlock_with_a_transaction_is_tried_again",
            a_deadlock_with_a_transaction_is_tried_again,
        )
        .on_postgres(
            "batches_that_wait_are_unavailable_in_the_end",
            batches_that_wait_are_unavailable_in_the_end,
        )
}

/// The transaction that ends the work has not committed: whether the row will be there is not known yet.
async fn an_event_waits_for_a_completion(database: TestDatabase) {
    let store = with_account(&database).await;
    let event = gateway_event(1);
    for (ends, round) in [(true, 0), (false, 100)] {
        store.events().accept(vec![event.clone()], at(round)).await.unwrap();
        let claimed = claim(&store, &fetch_of(&event), "lease", round).await.unwrap();
        let mut completing = store.begin(&workspace_id()).await.unwrap();
        assert_eq!(completing.work().complete(&claimed, at(round + 1)).await.unwrap(), Completion::Done);

        let other_process = billing_diesel::open(&url(&database)).unwrap();
        let again = event.clone();
        let mut accepting =
            tokio::spawn(async move { other_process.events().accept(vec![again], at(round + 2)).await });
        let early = tokio::time::timeout(Duration::from_millis(200), &mut accepting).await;
        assert!(early.is_err(), "it did not wait: {early:?}");
        if ends {
            completing.commit().await.unwrap();
        } else {
            completing.rollback().await.unwrap();
        }
        accepting.await.unwrap().unwrap();

        if ends {
            assert_eq!(due(&store, round + 2).await, [fetch_of(&event)]);
            let next = claim(&store, &fetch_of(&event), "next", round + 2).await.unwrap();
            assert_eq!(complete(&store, &next, round + 3).await, Completion::Done);
        } else {
            assert_eq!(complete(&store, &claimed, round + 3).await, Completion::MoreArrived);
        }
    }
}

/// Whoever completes a fetch as done began it after every event that was accepted before.
async fn a_completion_sees_every_event_before_it(database: TestDatabase) {
    let store = with_account(&database).await;
    let other_process = billing_diesel::open(&url(&database)).unwrap();
    let accepting = tokio::spawn(async move {
        for number in 1..=60 {
            let event = GatewayEvent { object: gateway_event(1).object, ..gateway_event(number) };
            other_process.events().accept(vec![event], at(0)).await.unwrap();
        }
    });

    let id = fetch_of(&gateway_event(1));
    let mut fetched = 0;
    while fetched < 60 {
        let was_finished = accepting.is_finished();
        let Some(claimed) = claim(&store, &id, "lease", 0).await else {
            assert!(!was_finished, "{fetched} of 60: the last is forgotten");
            tokio::task::yield_now().await;
            continue;
        };
        let seen = stored(&database).await.len();
        complete(&store, &claimed, 0).await;
        fetched = seen;
    }
    accepting.await.unwrap();
}

async fn batches_of_replicas_do_not_block_each_other(database: TestDatabase) {
    let store = with_account(&database).await;
    uses(&store, &other_workspace(), &account()).await;
    let mut batches = JoinSet::new();
    for batch in 0..8_u32 {
        let replica = billing_diesel::open(&url(&database)).unwrap();
        batches.spawn(async move {
            for round in 0..4 {
                // The same events and objects everywhere, in another order each.
                let mut events: Vec<_> = (0..40).map(|number| hinted(number, round)).collect();
                events.rotate_left((batch as usize * 7) % 40);
                if batch % 2 == 0 {
                    events.reverse();
                }
                replica.events().accept(events, at(round.into())).await?;
            }
            Ok::<(), StoreError>(())
        });
    }
    let outcomes = batches.join_all().await;

    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(stored(&database).await.len(), 160);
    assert_eq!(due(&store, 9).await.len(), 40);
    let deadlocks = "SELECT 'deadlocks' AS line FROM pg_stat_database
        WHERE datname = current_database() AND deadlocks > 0";
    if database.url.starts_with("postgres") {
        raw::execute(&database.url, "SELECT pg_stat_force_next_flush()").await;
        assert_eq!(raw::lines(&database.url, deadlocks).await, [""; 0]);
    }
}

fn hinted(number: u32, round: u32) -> GatewayEvent {
    let workspace = if number.is_multiple_of(2) { workspace_id() } else { other_workspace() };
    let object = gateway_event(number)
        .object
        .map(|object| billing_domain::EventObject { workspace_hint: Some(workspace), ..object });
    GatewayEvent { object, ..gateway_event(round * 100 + number) }
}

async fn an_event_does_not_wait_for_a_locked_workspace(database: TestDatabase) {
    let store = with_account(&database).await;
    let holder = locked(&store).await;

    let accepting = store.events().accept(vec![gateway_event(1)], at(0));
    tokio::time::timeout(Duration::from_secs(1), accepting).await.expect("it does not wait").unwrap();

    holder.rollback().await.unwrap();
    assert_eq!(due(&store, 0).await, [fetch_of(&gateway_event(1))]);
}

/// As long as the batch is not committed.
async fn an_event_does_not_hold_up_the_lock(database: TestDatabase) {
    let store = with_account(&database).await;
    let batch = "INSERT INTO work (workspace_id, kind, work_key, due_at, mark, attempts)
        VALUES ('ws_test', 'sync_object', 'acct_test/in_1', now(), 0, 0)";
    let holder = raw::holding(&database.url, batch).await;
    let locking = tokio::time::timeout(Duration::from_secs(1), locked_in(&store, &workspace_id())).await;
    locking.expect("it does not wait").rollback().await.unwrap();
    drop(holder);
}

/// A transaction that changes rows of work against their order.
async fn a_deadlock_with_a_transaction_is_tried_again(database: TestDatabase) {
    let store = with_account(&database).await;
    let events = vec![gateway_event(1), gateway_event(2)];
    store.events().accept(events.clone(), at(0)).await.unwrap();
    let [first, second] = [1, 2].map(|number| fetch_of(&gateway_event(number)));
    // The batch is the one that notices: it has waited for longer.
    let session = database.session().await;
    session
        .batch_execute(&format!("SET deadlock_timeout = '1min'; BEGIN; {}", touching(&second)))
        .await
        .unwrap();
    let accepting = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.events().accept(events, at(1)).await }
    });
    let waits = "SELECT pid::text AS line FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while raw::lines(&database.url, waits).await.is_empty() {
        tokio::task::yield_now().await;
    }
    session.batch_execute(&touching(&first)).await.unwrap();
    session.batch_execute("COMMIT").await.unwrap();

    accepting.await.unwrap().unwrap();
    let marks = raw::lines(&database.url, "SELECT mark::text AS line FROM work").await;
    assert_eq!(marks, ["1", "1"]);
}

fn touching(id: &WorkId) -> String {
    format!("UPDATE work SET reason = 'held' WHERE work_key = '{}' AND workspace_id = 'ws_test';", id.key)
}

/// A table that an operator has locked: each batch waits for a bounded time, and a change of another kind for nobody.
async fn batches_that_wait_are_unavailable_in_the_end(database: TestDatabase) {
    let store = with_account(&database).await;
    let holder = raw::holding(&database.url, "LOCK TABLE stripe_events").await;
    let mut batches = JoinSet::new();
    for number in 0..24 {
        let store = Arc::clone(&store);
        batches.spawn(async move { store.events().accept(vec![gateway_event(number)], at(0)).await });
    }
    for _ in 0..20 {
        let free = tokio::time::timeout(Duration::from_secs(2), locked(&store)).await;
        free.expect("a change does not wait for the batches").rollback().await.unwrap();
    }
    let outcomes =
        tokio::time::timeout(Duration::from_secs(20), batches.join_all()).await.expect("a bounded wait");
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    drop(holder);
    store.events().accept(vec![gateway_event(1)], at(0)).await.unwrap();
}
