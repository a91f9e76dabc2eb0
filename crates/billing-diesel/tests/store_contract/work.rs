use std::sync::Arc;
use std::time::Duration;

use billing_domain::ports::{BillingStore, DueFilter, SetAsideFilter, StoreError};
use billing_domain::{
    Claim, Completion, FromStored, Timestamp, Version, WorkId, WorkKind, WorkPriority, WorkspaceId,
};
use billing_testing::builders::{moment, workspace_id};
use billing_testing::{Suite, TestDatabase};
use chrono::TimeDelta;
use tokio::task::JoinSet;

use crate::raw;
use crate::story::{closing, locked, locked_in, migrated, other_workspace, transact, url};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("work_is_due_from_its_time_on", work_is_due_from_its_time_on)
        .on_every_database("work_goes_with_its_transaction", work_goes_with_its_transaction)
        .on_every_database("a_row_is_claimed_by_one_of_many", a_row_is_claimed_by_one_of_many)
        .on_every_database(
            "a_lease_that_ran_out_can_be_claimed_anew",
            a_lease_that_ran_out_can_be_claimed_anew,
        )
        .on_every_database(
            "a_mark_during_the_work_makes_it_due_again",
            a_mark_during_the_work_makes_it_due_again,
        )
        .on_every_database("many_rows_are_scheduled_at_once", many_rows_are_scheduled_at_once)
        .on_every_database("a_lease_is_extended_while_it_is_held", a_lease_is_extended_while_it_is_held)
        .on_every_database(
            "a_row_that_is_cancelled_and_scheduled_is_lost_to_its_holder",
            a_row_that_is_cancelled_and_scheduled_is_lost_to_its_holder,
        )
        .on_every_database("postponed_work_waits", postponed_work_waits)
        .on_every_database("work_set_aside_waits_for_a_mark", work_set_aside_waits_for_a_mark)
        .on_every_database("work_set_aside_is_filtered_by_the_store", work_set_aside_is_filtered_by_the_store)
        .on_every_database("a_mark_prevents_setting_aside", a_mark_prevents_setting_aside)
        .on_every_database("closings_without_work_are_unscheduled", closings_without_work_are_unscheduled)
        .on_every_database("a_horizon_shows_only_work_never_tried", a_horizon_shows_only_work_never_tried)
        .on_every_database("work_of_an_unknown_kind_is_left_alone", work_of_an_unknown_kind_is_left_alone)
        .on_every_database("work_belongs_to_its_workspace", work_belongs_to_its_workspace)
        .on_every_database(
            "a_claim_waits_for_the_transaction_that_completes",
            a_claim_waits_for_the_transaction_that_completes,
        )
}

fn id() -> WorkId {
    WorkId::of_workspace(&workspace_id(), WorkKind::RecoverClosing)
}

fn at(seconds: i64) -> Timestamp {
    moment() + TimeDelta::seconds(seconds)
}

async fn scheduled(database: &TestDatabase) -> Arc<dyn BillingStore> {
    let store = migrated(database).await;
    schedule(&store, 0).await;
    store
}

async fn schedule(store: &Arc<dyn BillingStore>, seconds: i64) {
    let mut work = locked(store).await;
    work.work().schedule(&id(), at(seconds)).await.unwrap();
    work.commit().await.unwrap();
}

/// The due foreground work.
fn claimable(now: i64, horizon: i64) -> DueFilter {
    DueFilter { priority: WorkPriority::Foreground, now: at(now), horizon: at(horizon), except: None }
}

async fn due(store: &Arc<dyn BillingStore>, now: i64) -> bool {
    let due = store.work().due_work(&claimable(now, now), 10).await.unwrap();
    assert!(due.is_empty() || due == [id()]);
    !due.is_empty()
}

/// Claims the row for 60 seconds.
async fn claim(store: &Arc<dyn BillingStore>, lease: &str, now: i64) -> Option<Claim> {
    let mut work = store.begin(&workspace_id()).await.unwrap();
    let claim = work.work().claim(&id(), lease, at(now), at(now), at(now + 60)).await.unwrap();
    work.commit().await.unwrap();
    claim
}

async fn complete(store: &Arc<dyn BillingStore>, claim: &Claim, now: i64) -> Completion {
    let mut work = store.begin(&workspace_id()).await.unwrap();
    let completion = work.work().complete(claim, at(now)).await.unwrap();
    work.commit().await.unwrap();
    completion
}

async fn work_is_due_from_its_time_on(database: TestDatabase) {
    let store = scheduled(&database).await;
    assert!(!due(&store, -1).await);
    assert!(due(&store, 0).await);
    assert_eq!(claim(&store, "early", -1).await, None);

    schedule(&store, 30).await;
    assert!(due(&store, 0).await, "scheduling again never delays");
    schedule(&store, -30).await;
    assert!(due(&store, -30).await, "and may hurry");
    let mut work = locked(&store).await;
    assert!(!work.work().ensure(&id(), at(-99)).await.unwrap());
    work.commit().await.unwrap();
    assert!(!due(&store, -99).await, "ensuring leaves a row that is there");

    let claimed = claim(&store, "lease_1", 0).await.unwrap();
    let priority = WorkPriority::Foreground;
    assert_eq!(claimed, Claim { id: id(), lease: "lease_1".to_owned(), mark: 2, attempts: 1, priority });
    assert!(!due(&store, 59).await);
    assert_eq!(complete(&store, &claimed, 1).await, Completion::Done);
    assert!(!due(&store, 1_000).await);
    assert_eq!(complete(&store, &claimed, 2).await, Completion::LeaseLost, "it is done once");
}

async fn work_goes_with_its_transaction(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    work.work().schedule(&id(), at(0)).await.unwrap();
    work.rollback().await.unwrap();
    assert!(!due(&store, 0).await);

    schedule(&store, 0).await;
    let mut work = locked(&store).await;
    work.work().cancel(&id()).await.unwrap();
    drop(work);
    assert!(due(&store, 0).await);
    transact(&store, |work| work.work().cancel(Box::leak(Box::new(id())))).await.unwrap();
    assert!(!due(&store, 0).await);
}

async fn a_row_is_claimed_by_one_of_many(database: TestDatabase) {
    let store = scheduled(&database).await;
    let mut claims = JoinSet::new();
    for number in 0..16 {
        let store = Arc::clone(&store);
        claims.spawn(async move { claim(&store, &format!("lease_{number}"), 0).await });
    }
    let claimed: Vec<_> = claims.join_all().await.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 1);
}

async fn a_lease_that_ran_out_can_be_claimed_anew(database: TestDatabase) {
    let store = scheduled(&database).await;
    let first = claim(&store, "first", 0).await.unwrap();
    assert_eq!(claim(&store, "second", 59).await, None);
    assert!(due(&store, 60).await);
    let second = claim(&store, "second", 60).await.unwrap();
    assert_eq!(second.attempts, 2);

    assert_eq!(complete(&store, &first, 61).await, Completion::LeaseLost);
    let mut work = store.begin(&workspace_id()).await.unwrap();
    let lost = Completion::LeaseLost;
    assert_eq!(work.work().postpone(&first, at(0), "late").await.unwrap(), lost);
    assert_eq!(work.work().set_aside(&first, at(0), "late").await.unwrap(), lost);
    work.commit().await.unwrap();
    assert!(!due(&store, 61).await, "whoever lost the lease changes nothing");
    assert_eq!(complete(&store, &second, 62).await, Completion::Done);
}

async fn a_mark_during_the_work_makes_it_due_again(database: TestDatabase) {
    let store = scheduled(&database).await;
    let claimed = claim(&store, "lease", 0).await.unwrap();
    schedule(&store, 5).await;
    assert_eq!(claim(&store, "other", 5).await, None, "it is being done");

    assert_eq!(complete(&store, &claimed, 10).await, Completion::MoreArrived);
    assert!(due(&store, 10).await);
    let again = claim(&store, "again", 10).await.unwrap();
    assert_eq!((again.mark, again.attempts), (1, 1));
}

async fn many_rows_are_scheduled_at_once(database: TestDatabase) {
    let store = scheduled(&database).await;
    let claimed = claim(&store, "first", 0).await.unwrap();
    let mut keys: Vec<String> = (0..1_500).map(|number| format!("key_{number:04}")).collect();
    keys.push(id().key);
    for at_once in [&keys[..], &[]] {
        let mut work = locked(&store).await;
        let (kind, priority) = (WorkKind::RecoverClosing, WorkPriority::Foreground);
        work.work().schedule_all(&workspace_id(), kind, at_once, priority, at(5)).await.unwrap();
        work.commit().await.unwrap();
    }
    let due = async |now| store.work().due_work(&claimable(now, now), 2_000).await.unwrap().len();
    assert_eq!((due(4).await, due(5).await), (0, 1_500));
    assert_eq!(complete(&store, &claimed, 6).await, Completion::MoreArrived, "a row that is there is marked");
}

async fn a_row_that_is_cancelled_and_scheduled_is_lost_to_its_holder(database: TestDatabase) {
    let store = scheduled(&database).await;
    let first = claim(&store, "first", 0).await.unwrap();
    let mut work = locked(&store).await;
    work.work().cancel(&id()).await.unwrap();
    work.work().schedule(&id(), at(0)).await.unwrap();
    let second = work.work().claim(&id(), "second", at(0), at(0), at(60)).await.unwrap().unwrap();
    work.commit().await.unwrap();

    assert_eq!(complete(&store, &first, 1).await, Completion::LeaseLost);
    assert_eq!(complete(&store, &second, 1).await, Completion::Done);
}

async fn a_lease_is_extended_while_it_is_held(database: TestDatabase) {
    let store = scheduled(&database).await;
    let first = claim(&store, "first", 0).await.unwrap();
    let renew = async |claim: &Claim, until| {
        let mut work = store.begin(&workspace_id()).await.unwrap();
        let held = work.work().renew(claim, at(until)).await.unwrap();
        work.commit().await.unwrap();
        held
    };
    assert!(renew(&first, 100).await);
    assert!(claim(&store, "second", 99).await.is_none());
    let second = claim(&store, "second", 100).await.unwrap();
    assert!(!renew(&first, 300).await);
    assert!(renew(&second, 300).await);
    assert_eq!(complete(&store, &second, 101).await, Completion::Done);
    assert!(!renew(&second, 300).await);
}

async fn postponed_work_waits(database: TestDatabase) {
    let store = scheduled(&database).await;
    let claimed = claim(&store, "lease", 0).await.unwrap();
    let mut work = store.begin(&workspace_id()).await.unwrap();
    work.work().postpone(&claimed, at(30), "down").await.unwrap();
    work.commit().await.unwrap();

    assert!(!due(&store, 29).await);
    assert!(due(&store, 30).await);
    assert_eq!(claim(&store, "again", 30).await.unwrap().attempts, 2);
    let reasons = raw::lines(&database.url, "SELECT reason AS line FROM work").await;
    assert_eq!(reasons, ["down"]);
}

async fn set_aside(store: &Arc<dyn BillingStore>, claim: &Claim, now: i64) {
    let mut work = store.begin(&workspace_id()).await.unwrap();
    work.work().set_aside(claim, at(now), "poison").await.unwrap();
    work.commit().await.unwrap();
}

async fn work_set_aside_waits_for_a_mark(database: TestDatabase) {
    let store = scheduled(&database).await;
    let claimed = claim(&store, "lease", 0).await.unwrap();
    set_aside(&store, &claimed, 7).await;

    assert!(!due(&store, 1_000).await);
    let (listed, total) = store.work().work_set_aside(&SetAsideFilter::default(), 5).await.unwrap();
    assert_eq!((listed.len(), total), (1, 1));
    assert_eq!((&listed[0].id, listed[0].reason.as_str(), listed[0].at), (&id(), "poison", at(7)));
    assert_eq!(store.work().work_set_aside(&SetAsideFilter::default(), 0).await.unwrap(), (Vec::new(), 1));

    schedule(&store, 20).await;
    assert!(!due(&store, 19).await);
    let again = claim(&store, "again", 20).await.unwrap();
    assert_eq!(again.attempts, 1);
    assert_eq!(store.work().work_set_aside(&SetAsideFilter::default(), 5).await.unwrap(), (Vec::new(), 0));

    set_aside(&store, &again, 30).await;
    let mut work = locked(&store).await;
    assert!(work.work().ensure(&id(), at(40)).await.unwrap(), "ensuring tries it again too");
    work.commit().await.unwrap();
    assert!(due(&store, 40).await);
}

async fn work_set_aside_is_filtered_by_the_store(database: TestDatabase) {
    let store = migrated(&database).await;
    let row = |workspace_id, kind, key: &str| WorkId { workspace_id, kind, key: key.to_owned() };
    let (ours, theirs) = (workspace_id(), other_workspace());
    let oldest = row(ours.clone(), WorkKind::Reconcile, "acct_1/sub_1");
    let rows = [
        oldest.clone(),
        row(ours.clone(), WorkKind::SyncObject, "acct_1/sub_1"),
        row(theirs.clone(), WorkKind::Reconcile, "acct_1/sub_1"),
        row(ours.clone(), WorkKind::Reconcile, "acct_1"),
    ];
    for (second, id) in (1..).zip(&rows) {
        let mut unit = locked_in(&store, &id.workspace_id).await;
        unit.work().schedule(id, at(0)).await.unwrap();
        let claim = unit.work().claim(id, "lease", at(0), at(0), at(60)).await.unwrap().unwrap();
        unit.work().set_aside(&claim, at(second), "poison").await.unwrap();
        unit.commit().await.unwrap();
    }
    let mut unit = locked(&store).await;
    unit.work().schedule(&row(ours.clone(), WorkKind::Reconcile, "acct_2"), at(0)).await.unwrap();
    let keys = unit.work().keys_set_aside(&ours, WorkKind::Reconcile).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(keys, ["acct_1", "acct_1/sub_1"]);

    let listed = async |filter: SetAsideFilter, limit| {
        let (rows, total) = store.work().work_set_aside(&filter, limit).await.unwrap();
        (rows.into_iter().map(|row| row.id).collect::<Vec<_>>(), total)
    };
    let all = SetAsideFilter::default;
    let newest_first = |places: &[usize]| places.iter().map(|place| rows[*place].clone()).collect::<Vec<_>>();
    let of_workspace = SetAsideFilter { workspace_id: Some(theirs), ..all() };
    assert_eq!(listed(of_workspace, 9).await, (newest_first(&[2]), 1));
    let of_kind = SetAsideFilter { kind: Some(WorkKind::Reconcile), ..all() };
    assert_eq!(listed(of_kind, 2).await, (newest_first(&[3, 2]), 3));
    let of_key = SetAsideFilter { key: Some(oldest.key.clone()), ..all() };
    assert_eq!(listed(of_key, 9).await, (newest_first(&[2, 1, 0]), 3));
    let of_oldest =
        SetAsideFilter { workspace_id: Some(ours), kind: Some(oldest.kind), key: Some(oldest.key.clone()) };
    assert_eq!(listed(of_oldest, 1).await, (vec![oldest], 1));
    assert_eq!(listed(all(), 9).await, (newest_first(&[3, 2, 1, 0]), 4));
}

async fn closings_without_work_are_unscheduled(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    work.switches().save_switch(&workspace_id(), Version::NEW, &closing()).await.unwrap();
    work.commit().await.unwrap();
    let unscheduled = async || store.switches().unscheduled_closings(None, 10).await.unwrap();
    assert_eq!(unscheduled().await, [workspace_id()]);

    schedule(&store, 0).await;
    assert_eq!(unscheduled().await, []);

    let claimed = claim(&store, "lease", 0).await.unwrap();
    set_aside(&store, &claimed, 7).await;
    assert_eq!(unscheduled().await, [workspace_id()], "a closing is never given up");
}

async fn a_mark_prevents_setting_aside(database: TestDatabase) {
    let store = scheduled(&database).await;
    let claimed = claim(&store, "lease", 0).await.unwrap();
    schedule(&store, 0).await;
    set_aside(&store, &claimed, 7).await;
    assert!(due(&store, 7).await);
    assert_eq!(store.work().work_set_aside(&SetAsideFilter::default(), 5).await.unwrap().1, 0);
}

async fn a_horizon_shows_only_work_never_tried(database: TestDatabase) {
    let store = scheduled(&database).await;
    let early = |now| {
        let store = Arc::clone(&store);
        async move { store.work().due_work(&claimable(now, now + 15), 10).await.unwrap().len() }
    };
    assert_eq!((early(-16).await, early(-15).await), (0, 1));
    let mut work = store.begin(&workspace_id()).await.unwrap();
    let claimed = work.work().claim(&id(), "lease", at(-15), at(0), at(45)).await.unwrap().unwrap();
    work.work().postpone(&claimed, at(0), "down").await.unwrap();
    work.commit().await.unwrap();
    assert_eq!((early(-10).await, early(0).await), (0, 1));
}

async fn work_of_an_unknown_kind_is_left_alone(database: TestDatabase) {
    let store = scheduled(&database).await;
    raw::execute(&database.url, "UPDATE work SET kind = 'of_tomorrow'").await;
    assert!(!due(&store, 0).await);
    raw::execute(&database.url, "UPDATE work SET set_aside_at = due_at").await;
    assert_eq!(store.work().work_set_aside(&SetAsideFilter::default(), 5).await.unwrap(), (Vec::new(), 0));
    assert_eq!(WorkKind::from_stored("of_tomorrow".to_owned()), None);
}

async fn work_belongs_to_its_workspace(database: TestDatabase) {
    let store = scheduled(&database).await;
    // The same key in another workspace.
    let other = WorkId { workspace_id: other_workspace(), ..id() };
    let mut work = locked_in(&store, &other_workspace()).await;
    work.work().schedule(&other, at(0)).await.unwrap();
    work.work().cancel(&other).await.unwrap();
    work.work().schedule(&other, at(0)).await.unwrap();
    work.commit().await.unwrap();
    let claimed = claim(&store, "lease", 0).await.unwrap();
    let of_other = Claim { id: other.clone(), ..claimed.clone() };
    assert_eq!(complete(&store, &of_other, 1).await, Completion::LeaseLost);
    assert_eq!(store.work().due_work(&claimable(0, 0), 10).await.unwrap(), [other]);

    let nobody = WorkspaceId::parse("ws_nobody").unwrap();
    let mut work = store.begin(&nobody).await.unwrap();
    let unknown = WorkId::of_workspace(&nobody, WorkKind::RecoverClosing);
    let refused = work.work().schedule(&unknown, at(0)).await;
    assert!(matches!(refused, Err(StoreError::Unexpected(_))), "{refused:?}");
}

/// The lease may have run out; the effect that is committed with the completion is seen by whoever claims next.
async fn a_claim_waits_for_the_transaction_that_completes(database: TestDatabase) {
    let store = scheduled(&database).await;
    let first = claim(&store, "first", 0).await.unwrap();
    let mut completing = store.begin(&workspace_id()).await.unwrap();
    assert_eq!(completing.work().complete(&first, at(100)).await.unwrap(), Completion::Done);

    let mut claiming = tokio::spawn({
        let other_process = billing_diesel::open(&url(&database)).unwrap();
        async move { claim(&other_process, "second", 100).await }
    });
    let early = tokio::time::timeout(Duration::from_millis(200), &mut claiming).await;
    assert!(early.is_err(), "it did not wait: {early:?}");
    completing.commit().await.unwrap();
    assert_eq!(claiming.await.unwrap(), None);
}
