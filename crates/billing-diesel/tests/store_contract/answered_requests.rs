use std::sync::Arc;
use std::time::Duration;

use billing_domain::ports::{AnsweredRequest, BillingStore, StoreError};
use billing_domain::{RequestKey, Timestamp, WorkspaceId};
use billing_testing::builders::{moment, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{assert_conflict, locked, locked_in, migrated, other_workspace, transact_in};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("an_answer_is_remembered_exactly", an_answer_is_remembered_exactly)
        .on_every_database("an_answer_is_forgotten_after_its_time", an_answer_is_forgotten_after_its_time)
        .on_every_database("an_answer_is_never_overwritten", an_answer_is_never_overwritten)
        .on_every_database("an_outcome_is_replaced_on_purpose_only", an_outcome_is_replaced_on_purpose_only)
        .on_every_database(
            "remembering_deletes_what_the_workspace_forgot",
            remembering_deletes_what_the_workspace_forgot,
        )
        .on_every_database("an_answer_is_of_its_workspace_only", an_answer_is_of_its_workspace_only)
        .on_every_database("an_answer_goes_with_its_transaction", an_answer_goes_with_its_transaction)
}

const WINDOW: Duration = Duration::from_hours(24);
const INSTANT: Duration = Duration::from_micros(1);

fn key(text: &str) -> RequestKey {
    RequestKey::parse(text).unwrap()
}

fn answer(number: u32) -> AnsweredRequest {
    AnsweredRequest {
        request: format!("POST /plans {{\"name\":\"東京 🚀 {number}\"}}"),
        outcome: format!("{{\"it's\":\"made {number}\"}}\n"),
    }
}

async fn remember(
    store: &Arc<dyn BillingStore>,
    workspace: &WorkspaceId,
    text: &str,
    number: u32,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (key, answer) = (key(text), answer(number));
    transact_in(store, workspace, |work| {
        work.answered_requests().remember_request(workspace, &key, &answer, now - WINDOW, now)
    })
    .await
}

async fn answered(
    store: &Arc<dyn BillingStore>,
    workspace: &WorkspaceId,
    text: &str,
    now: Timestamp,
) -> Option<AnsweredRequest> {
    let mut work = locked_in(store, workspace).await;
    work.answered_requests().answered_request(workspace, &key(text), now - WINDOW).await.unwrap()
}

async fn an_answer_is_remembered_exactly(database: TestDatabase) {
    let store = migrated(&database).await;
    let longest = "!".repeat(255);
    remember(&store, &workspace_id(), "key", 1, moment()).await.unwrap();
    remember(&store, &workspace_id(), &longest, 2, moment()).await.unwrap();

    assert_eq!(answered(&store, &workspace_id(), "key", moment()).await, Some(answer(1)));
    assert_eq!(answered(&store, &workspace_id(), &longest, moment()).await, Some(answer(2)));
    assert_eq!(answered(&store, &workspace_id(), "KEY", moment()).await, None);
}

async fn an_answer_is_forgotten_after_its_time(database: TestDatabase) {
    let store = migrated(&database).await;
    remember(&store, &workspace_id(), "key", 1, moment()).await.unwrap();

    let last = moment() + WINDOW;
    assert_eq!(answered(&store, &workspace_id(), "key", last).await, Some(answer(1)));
    assert_eq!(answered(&store, &workspace_id(), "key", last + INSTANT).await, None);

    remember(&store, &workspace_id(), "key", 2, last + INSTANT).await.unwrap();
    assert_eq!(answered(&store, &workspace_id(), "key", last + INSTANT).await, Some(answer(2)));
}

async fn an_answer_is_never_overwritten(database: TestDatabase) {
    let store = migrated(&database).await;
    remember(&store, &workspace_id(), "key", 1, moment()).await.unwrap();

    assert_conflict(remember(&store, &workspace_id(), "key", 2, moment() + WINDOW).await);

    assert_eq!(answered(&store, &workspace_id(), "key", moment()).await, Some(answer(1)));
}

async fn an_outcome_is_replaced_on_purpose_only(database: TestDatabase) {
    let store = migrated(&database).await;
    remember(&store, &workspace_id(), "key", 1, moment()).await.unwrap();
    let replace = async |workspace: WorkspaceId, text: &str| {
        let key = key(text);
        let outcome = answer(2).outcome;
        transact_in(&store, &workspace, |work| {
            work.answered_requests().replace_outcome(&workspace, &key, &outcome, moment() + INSTANT)
        })
        .await
    };

    assert_conflict(replace(other_workspace(), "key").await);
    assert_conflict(replace(workspace_id(), "other").await);
    replace(workspace_id(), "key").await.unwrap();

    let replaced = AnsweredRequest { outcome: answer(2).outcome, ..answer(1) };
    let end = moment() + INSTANT + WINDOW;
    assert_eq!(answered(&store, &workspace_id(), "key", end).await, Some(replaced));
    assert_eq!(answered(&store, &workspace_id(), "key", end + INSTANT).await, None);
}

async fn remembering_deletes_what_the_workspace_forgot(database: TestDatabase) {
    let store = migrated(&database).await;
    remember(&store, &workspace_id(), "old", 1, moment()).await.unwrap();
    remember(&store, &workspace_id(), "young", 2, moment() + INSTANT).await.unwrap();
    remember(&store, &other_workspace(), "old", 3, moment()).await.unwrap();

    remember(&store, &workspace_id(), "new", 4, moment() + WINDOW + INSTANT).await.unwrap();

    let kept = "SELECT workspace_id || ' ' || request_key AS line FROM answered_requests";
    let expected = ["ws_other old", "ws_test new", "ws_test young"];
    assert_eq!(raw::lines(&database.url, kept).await, expected);
}

async fn an_answer_is_of_its_workspace_only(database: TestDatabase) {
    let store = migrated(&database).await;
    remember(&store, &workspace_id(), "key", 1, moment()).await.unwrap();
    assert_eq!(answered(&store, &other_workspace(), "key", moment()).await, None);

    remember(&store, &other_workspace(), "key", 2, moment()).await.unwrap();
    assert_eq!(answered(&store, &other_workspace(), "key", moment()).await, Some(answer(2)));
    assert_eq!(answered(&store, &workspace_id(), "key", moment()).await, Some(answer(1)));
}

async fn an_answer_goes_with_its_transaction(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    let since = moment() - WINDOW;
    work.answered_requests()
        .remember_request(&workspace_id(), &key("key"), &answer(1), since, moment())
        .await
        .unwrap();
    drop(work);

    assert_eq!(answered(&store, &workspace_id(), "key", moment()).await, None);
}
