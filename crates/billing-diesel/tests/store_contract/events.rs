//! The inbox of webhooks: what is kept, and all of it or nothing.

use std::sync::Arc;

use billing_domain::ports::{BillingStore, DueFilter, SetAsideFilter, StoreError};
use billing_domain::{
    Claim, Completion, EventObject, GatewayEvent, SyncTarget, Timestamp, WorkId, WorkKind, WorkPriority,
};
use billing_testing::builders::{account, gateway_event, moment, stripe_id, workspace_id};
use billing_testing::{Suite, TestDatabase};
use chrono::TimeDelta;

use crate::raw;
use crate::story::{migrated, other_workspace, uses};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "an_event_is_stored_and_its_object_is_stale",
            an_event_is_stored_and_its_object_is_stale,
        )
        .on_every_database("an_event_stored_before_schedules_again", an_event_stored_before_schedules_again)
        .on_every_database("many_events_of_one_object_are_one_fetch", many_events_of_one_object_are_one_fetch)
        .on_every_database(
            "an_event_during_the_fetch_makes_it_due_again",
            an_event_during_the_fetch_makes_it_due_again,
        )
        .on_every_database("an_event_revives_a_fetch_set_aside", an_event_revives_a_fetch_set_aside)
        .on_every_database("an_event_hurries_a_fetch_and_keeps_its_attempts", an_event_hurries_a_fetch)
        .on_every_database(
            "a_batch_is_stored_as_a_whole_or_not_at_all",
            a_batch_is_stored_as_a_whole_or_not_at_all,
        )
        .on_every_database(
            "a_failure_amid_a_batch_stores_nothing_and_is_told",
            a_failure_amid_a_batch_stores_nothing_and_is_told,
        )
        .on_every_database("a_large_batch_is_stored", a_large_batch_is_stored)
        .on_every_database(
            "an_event_without_an_object_schedules_nothing",
            an_event_without_an_object_schedules_nothing,
        )
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    moment() + TimeDelta::seconds(seconds)
}

/// A store whose test workspace alone uses the account.
pub(crate) async fn with_account(database: &TestDatabase) -> Arc<dyn BillingStore> {
    let store = migrated(database).await;
    uses(&store, &workspace_id(), &account()).await;
    store
}

/// The work that an event schedules in the test workspace.
pub(crate) fn fetch_of(event: &GatewayEvent) -> WorkId {
    let key = event.object.as_ref().unwrap().target.work_key(&event.account);
    WorkId { workspace_id: workspace_id(), kind: WorkKind::SyncObject, key }
}

pub(crate) async fn due(store: &Arc<dyn BillingStore>, now: i64) -> Vec<WorkId> {
    let now = at(now);
    let filter = DueFilter { priority: WorkPriority::Foreground, now, horizon: now, except: None };
    let mut due = store.work().due_work(&filter, 2_000).await.unwrap();
    due.sort_by(|one, other| one.key.cmp(&other.key));
    due
}

/// Claims the row for 60 seconds.
pub(crate) async fn claim(
    store: &Arc<dyn BillingStore>,
    id: &WorkId,
    lease: &str,
    now: i64,
) -> Option<Claim> {
    let mut work = store.begin(&id.workspace_id).await.unwrap();
    let claim = work.work().claim(id, lease, at(now), at(now), at(now + 60)).await.unwrap();
    work.commit().await.unwrap();
    claim
}

pub(crate) async fn complete(store: &Arc<dyn BillingStore>, claim: &Claim, now: i64) -> Completion {
    let mut work = store.begin(&claim.id.workspace_id).await.unwrap();
    let completion = work.work().complete(claim, at(now)).await.unwrap();
    work.commit().await.unwrap();
    completion
}

pub(crate) async fn stored(database: &TestDatabase) -> Vec<String> {
    let stored =
        "SELECT workspace_id || ' ' || account || ' ' || event_id || ' ' || kind || ' ' || body AS line
        FROM stripe_events";
    raw::lines(&database.url, stored).await
}

async fn an_event_is_stored_and_its_object_is_stale(database: TestDatabase) {
    let store = with_account(&database).await;
    let event = gateway_event(1);
    store.events().accept(vec![event.clone()], at(0)).await.unwrap();
    store.events().accept(Vec::new(), at(0)).await.unwrap();

    assert_eq!(stored(&database).await, ["ws_test acct_test evt_0001 invoice.paid {\"id\":\"evt_0001\"}"]);
    assert_eq!(due(&store, -1).await, []);
    assert_eq!(due(&store, 0).await, [fetch_of(&event)]);
    let claimed = claim(&store, &fetch_of(&event), "lease", 0).await.unwrap();
    assert_eq!((claimed.mark, claimed.attempts), (0, 1));
    assert_eq!(store.events().unplaced_events(9).await.unwrap(), (Vec::new(), 0));
}

async fn an_event_stored_before_schedules_again(database: TestDatabase) {
    let store = with_account(&database).await;
    let event = gateway_event(1);
    store.events().accept(vec![event.clone()], at(0)).await.unwrap();
    let claimed = claim(&store, &fetch_of(&event), "lease", 0).await.unwrap();
    assert_eq!(complete(&store, &claimed, 1).await, Completion::Done);

    let again = GatewayEvent { kind: "changed".to_owned(), body: "{}".to_owned(), ..event.clone() };
    store.events().accept(vec![again], at(5)).await.unwrap();

    assert_eq!(stored(&database).await, ["ws_test acct_test evt_0001 invoice.paid {\"id\":\"evt_0001\"}"]);
    assert_eq!(due(&store, 5).await, [fetch_of(&event)]);
}

async fn many_events_of_one_object_are_one_fetch(database: TestDatabase) {
    let store = with_account(&database).await;
    let of_one = |number| GatewayEvent { object: gateway_event(1).object, ..gateway_event(number) };
    let twice = of_one(3);
    store.events().accept(vec![of_one(2), twice.clone(), of_one(1), twice], at(0)).await.unwrap();

    assert_eq!(stored(&database).await.len(), 3);
    assert_eq!(due(&store, 0).await, [fetch_of(&gateway_event(1))]);
}

async fn an_event_during_the_fetch_makes_it_due_again(database: TestDatabase) {
    let store = with_account(&database).await;
    let event = gateway_event(1);
    store.events().accept(vec![event.clone()], at(0)).await.unwrap();
    let claimed = claim(&store, &fetch_of(&event), "lease", 0).await.unwrap();
    let second = GatewayEvent { object: event.object.clone(), ..gateway_event(2) };
    store.events().accept(vec![second], at(1)).await.unwrap();
    assert_eq!(claim(&store, &fetch_of(&event), "other", 1).await, None, "it is being done");

    assert_eq!(complete(&store, &claimed, 2).await, Completion::MoreArrived);
    assert_eq!(due(&store, 2).await, [fetch_of(&event)]);
    let again = claim(&store, &fetch_of(&event), "again", 2).await.unwrap();
    assert_eq!((again.mark, again.attempts), (1, 1));
    assert_eq!(complete(&store, &again, 3).await, Completion::Done);
}

async fn an_event_revives_a_fetch_set_aside(database: TestDatabase) {
    let store = with_account(&database).await;
    let event = gateway_event(1);
    store.events().accept(vec![event.clone()], at(0)).await.unwrap();
    let claimed = claim(&store, &fetch_of(&event), "lease", 0).await.unwrap();
    let mut work = store.begin(&workspace_id()).await.unwrap();
    work.work().set_aside(&claimed, at(1), "poison").await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(due(&store, 99).await, []);

    store.events().accept(vec![event.clone()], at(5)).await.unwrap();

    assert_eq!((due(&store, 4).await, due(&store, 5).await), (vec![], vec![fetch_of(&event)]));
    assert_eq!(store.work().work_set_aside(&SetAsideFilter::default(), 5).await.unwrap().1, 0);
    assert_eq!(claim(&store, &fetch_of(&event), "again", 5).await.unwrap().attempts, 1);
}

async fn an_event_hurries_a_fetch(database: TestDatabase) {
    let store = with_account(&database).await;
    let event = gateway_event(1);
    store.events().accept(vec![event.clone()], at(0)).await.unwrap();
    store.events().accept(vec![event.clone()], at(7)).await.unwrap();
    assert_eq!(due(&store, 0).await, [fetch_of(&event)], "scheduling again never delays");

    let claimed = claim(&store, &fetch_of(&event), "lease", 7).await.unwrap();
    let mut work = store.begin(&workspace_id()).await.unwrap();
    work.work().postpone(&claimed, at(300), "down").await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(due(&store, 20).await, []);
    store.events().accept(vec![event.clone()], at(20)).await.unwrap();
    assert_eq!(due(&store, 20).await, [fetch_of(&event)]);
    assert_eq!(claim(&store, &fetch_of(&event), "again", 20).await.unwrap().attempts, 2);
}

async fn a_batch_is_stored_as_a_whole_or_not_at_all(database: TestDatabase) {
    let store = with_account(&database).await;
    raw::execute(&database.url, "INSERT INTO account_directory VALUES ('acct_gone', 'ws_gone', NULL)").await;
    let lost = GatewayEvent {
        account: billing_domain::GatewayAccountId::parse("acct_gone").unwrap(),
        ..gateway_event(2)
    };
    let unplaced = GatewayEvent {
        account: billing_domain::GatewayAccountId::parse("acct_nobody").unwrap(),
        ..gateway_event(3)
    };
    let batch = vec![gateway_event(1), lost, unplaced, gateway_event(4)];

    let error = store.events().accept(batch, at(0)).await.unwrap_err();

    assert!(matches!(error, StoreError::Unexpected(_)), "the workspace has no row: {error:?}");
    assert_eq!(stored(&database).await, [""; 0]);
    assert_eq!(store.events().unplaced_events(9).await.unwrap().1, 0);
    assert_eq!(due(&store, 0).await, []);
    store.events().accept(vec![gateway_event(1)], at(0)).await.unwrap();
}

/// The events are written before the work that fails, and an event is no longer set aside after it.
async fn a_failure_amid_a_batch_stores_nothing_and_is_told(database: TestDatabase) {
    let store = migrated(&database).await;
    store.events().accept(vec![gateway_event(1)], at(0)).await.unwrap();
    uses(&store, &workspace_id(), &account()).await;
    let (begin, end) = if database.url.starts_with("sqlite") {
        ("CREATE TRIGGER fails BEFORE INSERT ON work BEGIN SELECT RAISE(ABORT, 'no work'); END", "")
    } else {
        (
            "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no work'; END $$;
            CREATE TRIGGER fails BEFORE INSERT ON work FOR EACH ROW EXECUTE FUNCTION fails()",
            "ON work",
        )
    };
    raw::execute(&database.url, begin).await;
    let batch = vec![gateway_event(1), gateway_event(2)];

    for _ in 0..8 {
        let error = store.events().accept(batch.clone(), at(0)).await.unwrap_err();
        let StoreError::Unexpected(cause) = error else { panic!("{error:?}") };
        assert!(cause.to_string().contains("no work"), "the first failure, not what follows: {cause}");
    }

    assert_eq!(stored(&database).await, [""; 0]);
    assert_eq!(due(&store, 0).await, []);
    assert_eq!(store.events().unplaced_events(0).await.unwrap().1, 1);
    raw::execute(&database.url, &format!("DROP TRIGGER fails {end}")).await;
    store.events().accept(batch, at(0)).await.unwrap();
    assert_eq!(stored(&database).await.len(), 2);
    assert_eq!(store.events().unplaced_events(0).await.unwrap().1, 0);
}

async fn a_large_batch_is_stored(database: TestDatabase) {
    let store = with_account(&database).await;
    uses(&store, &other_workspace(), &account()).await;
    let hinted = |number: u32| {
        let workspace = if number.is_multiple_of(2) { workspace_id() } else { other_workspace() };
        let target = SyncTarget::Invoice(stripe_id(&format!("in_{}", number / 4)));
        let object =
            EventObject { target, customer: None, workspace_hint: Some(workspace), paying_workspace: None };
        GatewayEvent { object: Some(object), ..gateway_event(number) }
    };
    store.events().accept((0..2_500).rev().map(hinted).collect(), at(0)).await.unwrap();

    assert_eq!(stored(&database).await.len(), 2_500);
    let due = due(&store, 0).await;
    assert_eq!(due.iter().filter(|id| id.workspace_id == workspace_id()).count(), 625);
    assert_eq!(due.iter().filter(|id| id.workspace_id == other_workspace()).count(), 625);
}

async fn an_event_without_an_object_schedules_nothing(database: TestDatabase) {
    let store = with_account(&database).await;
    let nobody = billing_domain::GatewayAccountId::parse("acct_nobody").unwrap();
    let placed = GatewayEvent { object: None, ..gateway_event(1) };
    let unplaced = GatewayEvent { account: nobody, object: None, ..gateway_event(2) };
    store.events().accept(vec![placed, unplaced], at(0)).await.unwrap();

    assert_eq!(stored(&database).await.len(), 1);
    assert_eq!(due(&store, 0).await, []);
    assert_eq!(store.events().unplaced_events(9).await.unwrap().1, 0);
}
