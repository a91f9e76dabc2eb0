use billing_domain::ports::{MockBillingStore, MockUnitOfWork};
use billing_domain::{BillingSwitch, Blockers, WorkspaceBilling};

use super::*;
use crate::testing::{Expecting, closing, enabled, one_blocker, ports_over, work_on, workspace};

fn recover(pages: Vec<Vec<WorkspaceBilling>>, units: Vec<MockUnitOfWork>) -> RecoverClosings {
    let mut store = MockBillingStore::new();
    let mut pages = pages.into_iter();
    store
        .expect_closing_workspaces()
        .times(pages.len())
        .returning(move |_, _| Ok(pages.next().unwrap_or_default()));
    RecoverClosings::new(ports_over(store, units))
}

#[tokio::test]
async fn a_closing_left_by_a_crash_is_finished() {
    let work = work_on(workspace(closing(), 2)).finding(Blockers::none()).saving(
        2,
        BillingSwitch::Disabled,
        Actor::Recovery,
    );

    let recovered = recover(vec![vec![workspace(closing(), 2)]], vec![work]).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings { disabled: 1, ..Default::default() });
}

#[tokio::test]
async fn a_closing_is_undone_when_someone_can_still_be_charged() {
    let work = work_on(workspace(closing(), 2)).finding(one_blocker()).saving(2, enabled(), Actor::Recovery);

    let recovered = recover(vec![vec![workspace(closing(), 2)]], vec![work]).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings { refused: 1, ..Default::default() });
}

#[tokio::test]
async fn a_closing_that_ended_meanwhile_is_left_alone() {
    let work = work_on(workspace(enabled(), 3)).finding(Blockers::none()).rolling_back();

    let recovered = recover(vec![vec![workspace(closing(), 2)]], vec![work]).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings::default());
}

#[tokio::test]
async fn one_workspace_that_fails_does_not_keep_the_others_closing() {
    let mut fails = work_on(workspace(closing(), 2));
    fails.expect_blockers().once().return_once(|_| {
        Err(StoreError::Corrupt { table: "subscriptions", column: "status", row: "sub_1".into() })
    });
    let ends = work_on(workspace(closing(), 2)).finding(Blockers::none()).saving(
        2,
        BillingSwitch::Disabled,
        Actor::Recovery,
    );
    let page = vec![workspace(closing(), 2), workspace(closing(), 2)];

    let recovered = recover(vec![page], vec![fails, ends]).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings { disabled: 1, failed: 1, ..Default::default() });
}

#[tokio::test]
async fn every_page_of_closings_is_visited() {
    let ended = || work_on(workspace(enabled(), 3)).finding(Blockers::none()).rolling_back();
    let page = vec![workspace(closing(), 2); PAGE as usize];
    let units = (0..=PAGE).map(|_| ended()).collect();

    let recovered = recover(vec![page, vec![workspace(closing(), 2)]], units).execute().await.unwrap();

    assert_eq!(recovered, RecoveredClosings::default());
}
