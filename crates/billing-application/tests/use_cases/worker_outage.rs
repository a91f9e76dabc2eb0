//! Workspaces that cannot be reached, as when a node of a distributed database is down.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::prelude::*;
use crate::testing::{Expecting, enabled, ports_over, recovery, work_on, workspace};

fn down() -> StoreError {
    StoreError::Unavailable("down".into())
}

fn unreachable() -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.work.expect_claim().once().return_once(|_, _, _, _, _| Err(down()));
    work
}

fn claimed() -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    let priority = WorkPriority::Foreground;
    let claim = Claim { id: recovery(), lease: "lease".to_owned(), mark: 0, attempts: 1, priority };
    work.work.expect_claim().once().return_once(move |_, _, _, _, _| Ok(Some(claim)));
    work.ending.expect_commit().once().return_once(|| Ok(()));
    work
}

/// A claim whose closing had ended before.
fn obsolete() -> Vec<MockUnitOfWork> {
    let mut completes = MockUnitOfWork::default();
    completes.work.expect_complete().once().return_once(|_, _| Ok(Completion::Done));
    completes.ending.expect_commit().once().return_once(|| Ok(()));
    vec![claimed(), work_on(workspace(enabled(), 3)).rolling_back(), completes]
}

fn row(number: usize) -> WorkId {
    let workspace = WorkspaceId::parse(format!("ws_{number}")).unwrap();
    WorkId::of_workspace(&workspace, WorkKind::RecoverClosing)
}

/// The closings are listed as `unscheduled`, and then these rows are due in each turn, and none after.
fn due(unscheduled: Result<(), StoreError>, turns: Vec<usize>) -> MockBillingStore {
    let mut store = MockBillingStore::default();
    store.switches.expect_unscheduled_closings().return_once(move |_, _| unscheduled.map(|()| Vec::new()));
    let turn = AtomicUsize::new(0);
    store.work.expect_due_work().returning(move |filter, limit| {
        if filter.priority.is_background() {
            return Ok(Vec::new());
        }
        let rows = turns.get(turn.fetch_add(1, Ordering::Relaxed)).copied().unwrap_or_default();
        Ok((0..rows.min(limit as usize)).map(row).collect())
    });
    store
}

async fn recovered(store: MockBillingStore, units: Vec<MockUnitOfWork>) -> (Vec<Outcome>, bool) {
    let mut outcomes = Vec::new();
    let worker = Worker::new(ports_over(store, units));
    let ended = worker.recover(Duration::from_secs(5), |_, outcome| outcomes.push(outcome)).await;
    (outcomes, ended.is_ok())
}

#[tokio::test]
async fn the_start_recovers_others_when_one_workspace_breaks_off() {
    // The workspace is lost after the claim: neither the work nor its failure can be written.
    let mut lost = MockUnitOfWork::default();
    lost.switches.expect_lock_workspace().return_once(|_| Err(down()));
    let mut unrecorded = MockUnitOfWork::default();
    unrecorded.work.expect_postpone().once().return_once(|_, _, _| Err(down()));
    let mut units = vec![claimed(), lost.rolling_back(), unrecorded];
    units.extend(obsolete());

    let (outcomes, ended) = recovered(due(Ok(()), vec![2, 1]), units).await;

    assert_eq!(outcomes, [Outcome::Failed, Outcome::Obsolete]);
    assert!(ended);
}

#[tokio::test]
async fn the_start_works_although_closings_cannot_be_listed() {
    let (outcomes, ended) = recovered(due(Err(down()), vec![1]), obsolete()).await;

    assert_eq!(outcomes, [Outcome::Obsolete]);
    assert!(!ended, "the failure is reported");
}

#[tokio::test]
async fn many_rows_that_cannot_be_claimed_hide_no_other() {
    let mut units: Vec<_> = (0..16).map(|_| unreachable()).collect();
    units.extend(obsolete());
    let worker = Worker::new(ports_over(due(Ok(()), vec![64, 64]), units));

    let turn = worker.turn().await.unwrap();

    assert_eq!(turn, Turn::Worked(WorkKind::RecoverClosing, Outcome::Obsolete));
}

#[tokio::test]
async fn a_turn_in_which_nothing_can_be_claimed_reports_the_failure() {
    let units = (0..20).map(|_| unreachable()).collect();
    let worker = Worker::new(ports_over(due(Ok(()), vec![20, 20]), units));

    assert!(matches!(worker.turn().await, Err(StoreError::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_cannot_be_claimed_is_left_alone_for_a_while() {
    let worker = Worker::new(ports_over(due(Ok(()), vec![1, 1, 1]), vec![unreachable(), unreachable()]));

    assert!(worker.turn().await.is_err());
    assert_eq!(worker.turn().await.unwrap(), Turn::Idle);
    tokio::time::advance(Duration::from_secs(31)).await;
    assert!(worker.turn().await.is_err());
}
