//! Work that was set aside and is tried again by an operator.

use crate::prelude::*;
use crate::testing::{Expecting, enabled, now, ports_over, recovery, work_on, workspace};

fn fetch() -> WorkId {
    WorkId { kind: WorkKind::SyncObject, key: "acct_1/sub_1".to_owned(), ..recovery() }
}

/// A store in which a recovery and a fetch were set aside.
fn set_aside() -> MockBillingStore {
    let mut store = MockBillingStore::default();
    let row = |id| WorkSetAside { id, reason: "poison".to_owned(), at: now() };
    store.work.expect_work_set_aside().returning(move |_| Ok((vec![row(recovery()), row(fetch())], 2)));
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

async fn replayed(which: SetAsideFilter, units: Vec<MockUnitOfWork>) -> u64 {
    Worker::new(ports_over(set_aside(), units)).replay(&which).await.unwrap()
}

#[tokio::test]
async fn all_work_that_was_set_aside_is_tried_again() {
    let units = vec![revives(recovery(), true), revives(fetch(), false)];
    assert_eq!(replayed(SetAsideFilter::default(), units).await, 2);
}

#[tokio::test]
async fn only_the_work_that_is_named_is_tried_again() {
    let all = SetAsideFilter::default;
    let of_kind = SetAsideFilter { kind: Some(WorkKind::SyncObject), ..all() };
    let of_key = SetAsideFilter { key: Some(fetch().key), ..all() };
    for which in [of_kind, of_key] {
        assert_eq!(replayed(which, vec![revives(fetch(), true)]).await, 1);
    }
    let others = SetAsideFilter { workspace_id: Some(WorkspaceId::parse("ws_other").unwrap()), ..all() };
    assert_eq!(replayed(others, Vec::new()).await, 0);
}

#[tokio::test]
async fn a_workspace_that_cannot_be_locked_holds_up_no_replay() {
    let mut away = MockUnitOfWork::default();
    away.switches.expect_lock_workspace().return_once(|_| Err(StoreError::Unavailable("down".into())));
    let units = vec![away.rolling_back(), revives(fetch(), true)];
    assert_eq!(replayed(SetAsideFilter::default(), units).await, 1);
}
