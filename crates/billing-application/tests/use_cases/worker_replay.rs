//! Work that was set aside and is tried again by an operator.

use crate::prelude::*;
use crate::testing::{Expecting, enabled, now, ports_over, recovery, work_on, workspace};

fn fetch() -> WorkId {
    WorkId { kind: WorkKind::SyncObject, key: "acct_1/sub_1".to_owned(), ..recovery() }
}

/// A store in which this work of the filter was set aside.
fn set_aside(which: &SetAsideFilter, work: Vec<WorkId>) -> MockBillingStore {
    let mut store = MockBillingStore::default();
    let expected = which.clone();
    let row = |id| WorkSetAside { id, reason: "poison".to_owned(), at: now() };
    store
        .work
        .expect_work_set_aside()
        .once()
        .withf(move |filter, limit| (filter, *limit) == (&expected, 10_000))
        .return_once(move |_, _| Ok((work.into_iter().map(row).collect(), 2)));
    store
}

/// A unit of work that makes a row due, unless it was taken up meanwhile.
fn revives(expected: WorkId, revived: bool) -> MockUnitOfWork {
    let mut work = work_on(workspace(enabled(), 1));
    work.work
        .expect_ensure()
        .once()
        .withf(move |id, due_at| (id, due_at) == (&expected, &now()))
        .return_once(move |_, _| Ok(revived));
    if !revived {
        return work.rolling_back();
    }
    work.ending.expect_commit().once().return_once(|| Ok(()));
    work
}

async fn replayed(which: SetAsideFilter, work: Vec<WorkId>, units: Vec<MockUnitOfWork>) -> u64 {
    Worker::new(ports_over(set_aside(&which, work), units)).replay(&which).await.unwrap()
}

#[tokio::test]
async fn replay_counts_only_work_that_was_still_set_aside() {
    let units = vec![revives(recovery(), true), revives(fetch(), false)];
    assert_eq!(replayed(SetAsideFilter::default(), vec![recovery(), fetch()], units).await, 1);
}

#[tokio::test]
async fn replay_leaves_the_choice_of_rows_to_the_store() {
    let of_fetch = SetAsideFilter {
        workspace_id: Some(fetch().workspace_id),
        kind: Some(fetch().kind),
        key: Some(fetch().key),
    };
    assert_eq!(replayed(of_fetch, vec![fetch()], vec![revives(fetch(), true)]).await, 1);
}

#[tokio::test]
async fn a_workspace_that_cannot_be_locked_holds_up_no_replay() {
    let mut away = MockUnitOfWork::default();
    away.switches.expect_lock_workspace().return_once(|_| Err(StoreError::Unavailable("down".into())));
    let units = vec![away.rolling_back(), revives(fetch(), true)];
    assert_eq!(replayed(SetAsideFilter::default(), vec![recovery(), fetch()], units).await, 1);
}
