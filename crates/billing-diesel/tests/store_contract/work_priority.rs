//! Work in the foreground and in the background.

use std::sync::Arc;

use billing_domain::WorkPriority::{self, Background, Foreground};
use billing_domain::ports::{BillingStore, DueFilter};
use billing_domain::{Completion, GatewayAccountId, Timestamp, WorkId, WorkKind};
use billing_testing::builders::{moment, workspace_id};
use billing_testing::{Suite, TestDatabase};
use chrono::TimeDelta;

use crate::story::{locked, migrated};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("each_priority_is_listed_by_itself", each_priority_is_listed_by_itself)
        .on_every_database(
            "a_row_is_raised_to_the_foreground_and_never_lowered",
            a_row_is_raised_to_the_foreground_and_never_lowered,
        )
        .on_every_database(
            "a_row_raised_while_it_is_held_is_due_in_the_foreground",
            a_row_raised_while_it_is_held_is_due_in_the_foreground,
        )
        .on_every_database("work_that_is_done_has_no_priority_left", work_that_is_done_has_no_priority_left)
        .on_every_database("work_of_one_account_is_left_out", work_of_one_account_is_left_out)
}

fn fetch(key: &str) -> WorkId {
    WorkId { workspace_id: workspace_id(), kind: WorkKind::SyncObject, key: key.to_owned() }
}

fn at(seconds: i64) -> Timestamp {
    moment() + TimeDelta::seconds(seconds)
}

async fn schedule(store: &Arc<dyn BillingStore>, id: &WorkId, priority: WorkPriority, seconds: i64) {
    let mut work = locked(store).await;
    let (rows, keys) = (work.work(), std::slice::from_ref(&id.key));
    match priority {
        Foreground => rows.schedule(id, at(seconds)).await.unwrap(),
        Background => {
            rows.schedule_all(&id.workspace_id, id.kind, keys, priority, at(seconds)).await.unwrap();
        }
    }
    work.commit().await.unwrap();
}

async fn due(store: &Arc<dyn BillingStore>, priority: WorkPriority, now: i64) -> Vec<String> {
    let filter = DueFilter { priority, now: at(now), horizon: at(now), except: None };
    let due = store.work().due_work(&filter, 10).await.unwrap();
    due.into_iter().map(|id| id.key).collect()
}

async fn each_priority_is_listed_by_itself(database: TestDatabase) {
    let store = migrated(&database).await;
    let rows =
        [("b_2", Background, 2), ("f_4", Foreground, 4), ("b_1", Background, 1), ("f_3", Foreground, 3)];
    for (key, priority, seconds) in rows {
        schedule(&store, &fetch(key), priority, seconds).await;
    }

    assert_eq!(due(&store, Foreground, 5).await, ["f_3", "f_4"]);
    assert_eq!(due(&store, Background, 5).await, ["b_1", "b_2"]);
    assert_eq!(due(&store, Background, 1).await, ["b_1"]);
}

async fn a_row_is_raised_to_the_foreground_and_never_lowered(database: TestDatabase) {
    let store = migrated(&database).await;
    let id = fetch("acct_1/sub_1");
    schedule(&store, &id, Background, 30).await;
    schedule(&store, &id, Foreground, 5).await;
    assert_eq!(due(&store, Foreground, 5).await, [id.key.as_str()]);

    schedule(&store, &id, Background, 0).await;
    assert_eq!(due(&store, Foreground, 0).await, [id.key.as_str()], "a mark in the background may hurry it");
    assert!(due(&store, Background, 99).await.is_empty());
}

async fn a_row_raised_while_it_is_held_is_due_in_the_foreground(database: TestDatabase) {
    let store = migrated(&database).await;
    let id = fetch("acct_1/sub_1");
    schedule(&store, &id, Background, 0).await;
    let mut work = store.begin(&workspace_id()).await.unwrap();
    let claim = work.work().claim(&id, "lease", at(0), at(0), at(60)).await.unwrap().unwrap();
    work.commit().await.unwrap();
    assert_eq!(claim.priority, Background);

    schedule(&store, &id, Foreground, 1).await;
    let mut work = store.begin(&workspace_id()).await.unwrap();
    assert_eq!(work.work().complete(&claim, at(2)).await.unwrap(), Completion::MoreArrived);
    work.commit().await.unwrap();

    assert_eq!(due(&store, Foreground, 2).await, [id.key]);
}

async fn work_that_is_done_has_no_priority_left(database: TestDatabase) {
    let store = migrated(&database).await;
    let id = fetch("acct_1/sub_1");
    schedule(&store, &id, Foreground, 0).await;
    let mut work = locked(&store).await;
    let claim = work.work().claim(&id, "lease", at(0), at(0), at(60)).await.unwrap().unwrap();
    assert_eq!(work.work().complete(&claim, at(1)).await.unwrap(), Completion::Done);
    work.commit().await.unwrap();

    schedule(&store, &id, Background, 2).await;

    assert_eq!((due(&store, Foreground, 2).await, due(&store, Background, 2).await), (vec![], vec![id.key]));
}

async fn work_of_one_account_is_left_out(database: TestDatabase) {
    let store = migrated(&database).await;
    let rows = [
        fetch("acct_1/sub_1"),
        WorkId { kind: WorkKind::Reconcile, ..fetch("acct_1") },
        fetch("acct_11/sub_1"),
        fetch("ACCT_1/sub_1"),
        WorkId { kind: WorkKind::FollowPlan, ..fetch("acct_1/plan_1") },
    ];
    for (seconds, id) in (0..).zip(&rows) {
        schedule(&store, id, Foreground, seconds).await;
    }
    let except = Some(GatewayAccountId::parse("acct_1").unwrap());

    let filter = DueFilter { priority: Foreground, now: at(9), horizon: at(9), except };
    assert_eq!(store.work().due_work(&filter, 10).await.unwrap(), rows[2..]);
}
