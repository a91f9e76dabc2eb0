//! Retention: the deletion of expired rows.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;

use crate::prelude::*;
use crate::testing::{now, ports_over};

type Asked = Arc<Mutex<Vec<String>>>;

/// A store of this many workspaces, whose deletions of events delete what `events` says, and what was asked for.
fn store(
    workspaces: usize,
    events: impl Fn(&str) -> Result<u64, StoreError> + Send + 'static,
) -> (MockBillingStore, Asked) {
    let name = |number: usize| WorkspaceId::parse(format!("ws_{number:03}")).unwrap();
    let account = || GatewayAccountId::parse("acct_1").unwrap();
    let mut store = MockBillingStore::default();
    store.gateway_links.expect_workspaces_with_accounts().returning(move |after, limit| {
        let first = after.map_or(0, |(after, _)| after.as_str()[3..].parse::<usize>().unwrap() + 1);
        Ok((first..workspaces).take(limit as usize).map(|number| (name(number), account())).collect())
    });
    let asked = Asked::default();
    let [of_events, of_calls, of_unplaced] = [(); 3].map(|()| Arc::clone(&asked));
    let old = now() - TimeDelta::days(30);
    store.retention.expect_delete_expired_events().returning(move |workspace, _, before, limit| {
        assert_eq!((before, limit), (old, 500));
        of_events.lock().unwrap().push(format!("events of {workspace}"));
        events(workspace.as_str())
    });
    store.retention.expect_delete_expired_calls().returning(move |workspace, _, before, _| {
        assert_eq!(before, old);
        of_calls.lock().unwrap().push(format!("calls of {workspace}"));
        Ok(1)
    });
    store.retention.expect_delete_expired_drifts().returning(move |_, _, before, _| {
        assert_eq!(before, old);
        Ok(0)
    });
    store.retention.expect_delete_expired_unplaced_events().returning(move |before, _| {
        assert_eq!(before, old);
        of_unplaced.lock().unwrap().push("unplaced".to_owned());
        Ok(2)
    });
    store.retention.expect_paying_workspaces().returning(|after, _| {
        let platform = GatewayAccountId::parse("acct_platform").unwrap();
        Ok(if after.is_none() { vec![(paying(), platform)] } else { Vec::new() })
    });
    (store, asked)
}

/// A workspace that pays the platform, on whose account it sells nothing.
fn paying() -> WorkspaceId {
    WorkspaceId::parse("ws_paying").unwrap()
}

async fn deleted(store: MockBillingStore) -> u64 {
    Worker::new(ports_over(store, Vec::new())).delete_expired().await.unwrap()
}

#[tokio::test]
async fn what_is_older_than_30_days_is_deleted_in_every_workspace() {
    let (store, asked) = store(150, |_| Ok(0));

    assert_eq!(deleted(store).await, 2 + 150 + 1);

    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 1 + 2 * 150 + 2);
    for number in 0..150 {
        assert!(asked.contains(&format!("events of ws_{number:03}")), "{number}");
        assert!(asked.contains(&format!("calls of ws_{number:03}")), "{number}");
    }
}

#[tokio::test]
async fn many_rows_are_deleted_in_bounded_batches() {
    let (store, asked) = store(2, |workspace| Ok(if workspace == "ws_000" { 500 } else { 0 }));

    assert_eq!(deleted(store).await, 2 + 20 * 500 + 2 + 1);

    let of_first = asked.lock().unwrap().iter().filter(|asked| *asked == "events of ws_000").count();
    assert_eq!(of_first, 20);
}

#[tokio::test]
async fn a_workspace_that_cannot_be_reached_holds_up_no_other() {
    let (store, _) = store(3, |workspace| match workspace {
        "ws_paying" => Ok(0),
        "ws_001" => Err(StoreError::Unavailable("down".into())),
        _ => Ok(10),
    });

    assert_eq!(deleted(store).await, 2 + 2 * 10 + 3 + 1);
}

#[tokio::test]
async fn webhooks_of_paying_workspaces_are_deleted() {
    let (store, asked) = store(0, |workspace| Ok(if workspace == "ws_paying" { 7 } else { 0 }));

    assert_eq!(deleted(store).await, 2 + 7 + 1);

    assert!(asked.lock().unwrap().contains(&"events of ws_paying".to_owned()));
}
