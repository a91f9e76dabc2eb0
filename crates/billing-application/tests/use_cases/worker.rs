use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;

use crate::prelude::*;
use crate::testing::{
    Expecting, closing, enabled, now, one_blocker, ports_over, recovery, work_on, workspace, workspace_id,
};

const LEASE_ID: &str = "lease_00000000000000000000000001";

fn claim(attempts: u32) -> Claim {
    let (lease, priority) = (LEASE_ID.to_owned(), WorkPriority::Foreground);
    Claim { id: recovery(), lease, mark: 7, attempts, priority }
}

/// A store with one closing due for recovery.
fn one_due() -> MockBillingStore {
    let mut store = MockBillingStore::default();
    let answered = AtomicUsize::new(0);
    store.work.expect_due_work().returning(move |_, _| {
        let is_first = answered.fetch_add(1, Ordering::Relaxed) == 0;
        Ok(if is_first { vec![recovery()] } else { Vec::new() })
    });
    store
}

fn worker(units: Vec<MockUnitOfWork>) -> Worker {
    Worker::new(ports_over(one_due(), units))
}

fn committing(mut work: MockUnitOfWork) -> MockUnitOfWork {
    work.ending.expect_commit().once().return_once(|| Ok(()));
    work
}

fn claims(attempts: u32) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.work
        .expect_claim()
        .once()
        .withf(|id, lease, at, _, until| {
            (id, lease, at, until) == (&recovery(), LEASE_ID, &now(), &(now() + TimeDelta::seconds(20)))
        })
        .return_once(move |_, _, _, _, _| Ok(Some(claim(attempts))));
    committing(work)
}

fn joins() -> MockUnitOfWork {
    work_on(workspace(closing(), 2)).rolling_back()
}

fn completing(mut work: MockUnitOfWork, completion: Completion) -> MockUnitOfWork {
    work.work.expect_complete().once().return_once(move |_, _| Ok(completion));
    work
}

/// The last unit of work: records the failure of the claim's work.
fn postpones(expected: impl Fn(Timestamp, &str) -> bool + Send + 'static) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.work
        .expect_postpone()
        .once()
        .withf(move |_, due_at, reason| expected(*due_at, reason))
        .return_once(|_, _, _| Ok(Completion::Done));
    committing(work)
}

async fn turn(worker: &Worker) -> Outcome {
    match worker.turn().await.unwrap() {
        Turn::Worked(_, outcome) => outcome,
        Turn::Idle => panic!("nothing was claimed"),
    }
}

#[tokio::test]
async fn a_closing_left_by_a_crash_ends_in_the_transaction_of_its_claim() {
    let finishes = completing(work_on(workspace(closing(), 2)), Completion::Done)
        .finding(Blockers::none())
        .cancelling()
        .saving(2, BillingSwitch::Disabled, Actor::Recovery);
    let worker = worker(vec![claims(1), joins(), finishes]);

    assert_eq!(turn(&worker).await, Outcome::Disabled);
    assert_eq!(worker.turn().await.unwrap(), Turn::Idle);
}

#[tokio::test]
async fn a_closing_with_blockers_ends_enabled() {
    let finishes = completing(work_on(workspace(closing(), 2)), Completion::Done)
        .finding(one_blocker())
        .cancelling()
        .saving(2, enabled(), Actor::Recovery);

    assert_eq!(turn(&worker(vec![claims(1), joins(), finishes])).await, Outcome::Refused);
}

#[tokio::test]
async fn a_closing_that_ended_before_is_left_alone() {
    let ended = work_on(workspace(enabled(), 3)).rolling_back();
    let completes = committing(completing(MockUnitOfWork::default(), Completion::Done));

    assert_eq!(turn(&worker(vec![claims(1), ended, completes])).await, Outcome::Obsolete);
}

#[tokio::test]
async fn a_closing_that_ends_while_it_is_joined_is_left_alone() {
    let ended = completing(work_on(workspace(enabled(), 3)), Completion::Done).finding(Blockers::none());

    assert_eq!(turn(&worker(vec![claims(1), joins(), committing(ended)])).await, Outcome::Obsolete);
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_commits_nothing() {
    let lost = completing(work_on(workspace(closing(), 2)), Completion::LeaseLost).rolling_back();

    assert_eq!(turn(&worker(vec![claims(1), joins(), lost])).await, Outcome::LeaseLost);
}

#[tokio::test]
async fn a_row_claimed_by_another_worker_is_skipped() {
    let mut taken = MockUnitOfWork::default();
    taken.work.expect_claim().once().return_once(|_, _, _, _, _| Ok(None));

    assert_eq!(worker(vec![committing(taken)]).turn().await.unwrap(), Turn::Idle);
}

#[tokio::test]
async fn failed_work_is_postponed_longer_each_time() {
    for (attempts, seconds) in [(1, 2), (2, 4), (5, 32), (9, 300)] {
        let mut corrupt = MockUnitOfWork::default();
        corrupt.switches.expect_lock_workspace().once().return_once(|_| {
            Err(StoreError::Corrupt { table: "workspaces", column: "gateway", row: "ws_test".into() })
        });
        let delay = TimeDelta::seconds(seconds);
        let postpones = postpones(move |due_at, reason| {
            (delay..=delay * 5 / 4).contains(&(due_at - now())) && reason.contains("workspaces.gateway")
        });

        let worker = worker(vec![claims(attempts), corrupt.rolling_back(), postpones]);
        assert_eq!(turn(&worker).await, Outcome::Failed);
    }
}

#[tokio::test]
async fn work_that_fails_too_often_is_set_aside_with_its_reason() {
    let mut down = MockUnitOfWork::default();
    down.switches.expect_lock_workspace().return_once(|_| Err(StoreError::Unavailable("down".into())));
    let mut sets_aside = MockUnitOfWork::default();
    sets_aside
        .work
        .expect_set_aside()
        .once()
        .withf(|_, at, reason| *at == now() && reason.contains("down"))
        .return_once(|_, _, _| Ok(Completion::Done));

    let worker = worker(vec![claims(10), down.rolling_back(), committing(sets_aside)]);
    assert_eq!(turn(&worker).await, Outcome::SetAside);
}

#[tokio::test]
async fn work_that_keeps_crashing_the_process_is_set_aside() {
    let mut sets_aside = MockUnitOfWork::default();
    sets_aside
        .work
        .expect_set_aside()
        .once()
        .withf(|_, _, reason| reason == "10 attempts ended without an outcome")
        .return_once(|_, _, _| Ok(Completion::Done));

    let worker = worker(vec![claims(11), committing(sets_aside)]);
    assert_eq!(turn(&worker).await, Outcome::SetAside);
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt() {
    let mut panics = MockUnitOfWork::default();
    panics.switches.expect_lock_workspace().return_once(|_| panic!("a bug"));
    let postpones = postpones(|_, reason| reason.contains("panicked"));

    assert_eq!(turn(&worker(vec![claims(1), panics, postpones])).await, Outcome::Failed);
}

#[tokio::test]
async fn the_start_schedules_closings_without_work_and_ends_them() {
    let mut store = one_due();
    store.switches.expect_unscheduled_closings().once().return_once(|_, _| Ok(vec![workspace_id()]));
    let mut schedules = work_on(workspace(closing(), 2));
    let expected = recovery();
    schedules
        .work
        .expect_ensure()
        .once()
        .withf(move |id, at| *id == expected && *at == now())
        .return_once(|_, _| Ok(true));
    let finishes = completing(work_on(workspace(closing(), 2)), Completion::Done)
        .finding(Blockers::none())
        .cancelling()
        .saving(2, BillingSwitch::Disabled, Actor::Recovery);
    let units = vec![committing(schedules), claims(1), joins(), finishes];
    let mut outcomes = Vec::new();

    Worker::new(ports_over(store, units))
        .recover(Duration::from_secs(5), |kind, outcome| outcomes.push((kind, outcome)))
        .await
        .unwrap();

    assert_eq!(outcomes, [(WorkKind::RecoverClosing, Outcome::Disabled)]);
}

#[tokio::test]
async fn the_start_begins_nothing_after_its_limit() {
    let mut store = MockBillingStore::default();
    store.switches.expect_unscheduled_closings().once().return_once(|_, _| Ok(Vec::new()));
    store.work.expect_due_work().never();

    Worker::new(ports_over(store, Vec::new())).recover(Duration::ZERO, |_, _| {}).await.unwrap();
}

#[tokio::test]
async fn the_sweep_skips_closings_that_cannot_be_scheduled() {
    const PAGE: usize = 100;
    let mut store = MockBillingStore::default();
    let pages = Arc::new(AtomicUsize::new(0));
    store.switches.expect_unscheduled_closings().times(2).returning(move |after: Option<WorkspaceId>, _| {
        let is_first = pages.fetch_add(1, Ordering::Relaxed) == 0;
        assert_eq!(after.is_none(), is_first);
        Ok(vec![workspace_id(); if is_first { PAGE } else { 1 }])
    });
    let mut corrupt = MockUnitOfWork::default();
    corrupt.switches.expect_lock_workspace().return_once(|_| Err(StoreError::Conflict));
    let ended = (0..PAGE).map(|_| work_on(workspace(enabled(), 3)).rolling_back());
    let units = std::iter::once(corrupt.rolling_back()).chain(ended).collect();

    Worker::new(ports_over(store, units)).sweep().await.unwrap();
}

#[tokio::test]
async fn a_row_that_cannot_be_claimed_holds_up_no_other() {
    let mut store = MockBillingStore::default();
    let other = WorkId { key: "other".to_owned(), ..recovery() };
    let due = vec![other, recovery()];
    store.work.expect_due_work().once().return_once(move |_, _| Ok(due));
    let mut unreachable = MockUnitOfWork::default();
    unreachable
        .work
        .expect_claim()
        .once()
        .return_once(|_, _, _, _, _| Err(StoreError::Unavailable("down".into())));
    let ended = work_on(workspace(enabled(), 3)).rolling_back();
    let completes = committing(completing(MockUnitOfWork::default(), Completion::Done));
    let mut claims = MockUnitOfWork::default();
    claims.work.expect_claim().once().return_once(|_, _, _, _, _| Ok(Some(claim(1))));

    let units = vec![unreachable, committing(claims), ended, completes];
    let worker = Worker::new(ports_over(store, units));

    assert_eq!(turn(&worker).await, Outcome::Obsolete);
}

#[tokio::test]
async fn a_failure_under_a_lost_lease_is_no_failure_of_the_work() {
    let mut down = MockUnitOfWork::default();
    down.switches.expect_lock_workspace().return_once(|_| Err(StoreError::Unavailable("down".into())));
    let mut lost = MockUnitOfWork::default();
    lost.work.expect_postpone().once().return_once(|_, _, _| Ok(Completion::LeaseLost));

    let worker = worker(vec![claims(1), down.rolling_back(), committing(lost)]);
    assert_eq!(turn(&worker).await, Outcome::LeaseLost);
}
