use billing_domain::ports::{MockBillingStore, MockUnitOfWork};
use billing_domain::{BillingSwitch, Blockers};

use super::*;
use crate::testing::{
    Expecting, closing, enabled, one_blocker, ports_over, work_on, workspace, workspace_id,
};

fn recover(pages: Vec<Vec<WorkspaceId>>, units: Vec<MockUnitOfWork>) -> RecoverClosings {
    let mut store = MockBillingStore::new();
    let mut pages = pages.into_iter();
    store
        .expect_closing_workspaces()
        .times(pages.len())
        .returning(move |_, _| Ok(pages.next().unwrap_or_default()));
    RecoverClosings::new(ports_over(store, units))
}

fn one_closing() -> Vec<Vec<WorkspaceId>> {
    vec![vec![workspace_id()]]
}

fn joins() -> MockUnitOfWork {
    work_on(workspace(closing(), 2)).rolling_back()
}

#[tokio::test]
async fn a_closing_left_by_a_crash_is_finished() {
    let ends = work_on(workspace(closing(), 2)).finding(Blockers::none()).saving(
        2,
        BillingSwitch::Disabled,
        Actor::Recovery,
    );

    let recovered = recover(one_closing(), vec![joins(), ends]).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings { disabled: 1, ..Default::default() });
}

#[tokio::test]
async fn a_closing_is_undone_when_someone_can_still_be_charged() {
    let ends = work_on(workspace(closing(), 2)).finding(one_blocker()).saving(2, enabled(), Actor::Recovery);

    let recovered = recover(one_closing(), vec![joins(), ends]).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings { refused: 1, ..Default::default() });
}

#[tokio::test]
async fn a_closing_that_ended_meanwhile_is_left_alone() {
    let ended_before = work_on(workspace(enabled(), 3)).rolling_back();

    let recovered = recover(one_closing(), vec![ended_before]).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings::default());
}

#[tokio::test]
async fn a_closing_that_ends_while_it_is_joined_is_left_alone() {
    let ended_since = work_on(workspace(enabled(), 3)).finding(Blockers::none()).rolling_back();

    let recovered = recover(one_closing(), vec![joins(), ended_since]).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings::default());
}

#[tokio::test]
async fn one_workspace_that_fails_does_not_keep_the_others_closing() {
    let mut corrupt = MockUnitOfWork::new();
    corrupt.expect_lock_workspace().once().return_once(|_| {
        Err(StoreError::Corrupt { table: "workspaces", column: "gateway", row: "ws_test".into() })
    });
    let ends = work_on(workspace(closing(), 2)).finding(Blockers::none()).saving(
        2,
        BillingSwitch::Disabled,
        Actor::Recovery,
    );
    let page = vec![workspace_id(), workspace_id()];

    let recovered = recover(vec![page], vec![corrupt, joins(), ends]).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings { disabled: 1, failed: 1, ..Default::default() });
}

#[tokio::test]
async fn every_page_of_closings_is_visited() {
    let page = vec![workspace_id(); PAGE as usize];
    let units = (0..=PAGE).map(|_| work_on(workspace(enabled(), 3)).rolling_back()).collect();

    let recovered = recover(vec![page, vec![workspace_id()]], units).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings::default());
}
