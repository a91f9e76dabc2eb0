use std::time::Duration;

use billing_application::Worker;
use billing_domain::{BillingSwitch, WorkspaceId};
use billing_testing::{Suite, TestDatabase};
use chrono::TimeDelta;

use crate::history;
use crate::load::Load;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("the_gate_holds_under_64_changes_at_once", the_gate_holds_under_64_changes_at_once)
        .on_every_database(
            "the_audit_log_is_unbroken_when_the_clocks_of_replicas_differ",
            the_audit_log_is_unbroken_when_the_clocks_of_replicas_differ,
        )
}

const ROUNDS: usize = 30;
/// What happens is left to chance, so the load goes on until all did, this many times at most.
const BOUTS: usize = 20;
const EVENTS: [&str; 5] = ["enabled", "gateway_switched", "closing_started", "disabled", "disable_refused"];

async fn the_gate_holds_under_64_changes_at_once(database: TestDatabase) {
    billing_diesel::migrate(&database.url.parse().unwrap()).await.unwrap();
    let workspace = WorkspaceId::parse("ws_busy").unwrap();
    let load = Load::on(&database.url, &workspace);
    load.prepare().await;

    let store = load.store().as_ref();
    let missing = async || {
        for event in EVENTS {
            if history::count(store, &workspace, event).await == 0 {
                return Some(event);
            }
        }
        None
    };
    for _ in 0..BOUTS {
        load.run(ROUNDS).await;
        history::assert_unbroken(store, &workspace).await;
        if missing().await.is_none() {
            break;
        }
    }
    // The load was one: everything that can happen did.
    assert_eq!(missing().await, None, "it never happened");
    assert!(load.accepted_intents() > 0);
    Worker::new(load.ports().clone()).recover(Duration::MAX, |_, _| {}).await.unwrap();
    let settled = history::assert_unbroken(store, &workspace).await;
    assert!(!matches!(settled.switch, BillingSwitch::Closing { .. }));
}

/// As three replicas: one whose clock is right, one that is 10 seconds behind, and one set back an hour.
async fn the_audit_log_is_unbroken_when_the_clocks_of_replicas_differ(database: TestDatabase) {
    billing_diesel::migrate(&database.url.parse().unwrap()).await.unwrap();
    let workspace = WorkspaceId::parse("ws_skewed").unwrap();
    let replica = |behind| Load::on(&database.url, &workspace).behind(behind);
    let [right, behind, set_back] =
        [TimeDelta::zero(), TimeDelta::seconds(10), TimeDelta::hours(1)].map(replica);

    tokio::join!(right.toggle(8), behind.toggle(8), set_back.toggle(8));

    let store = right.store().as_ref();
    history::assert_unbroken(store, &workspace).await;
    for event in ["enabled", "disabled"] {
        assert!(history::count(store, &workspace, event).await > 10, "{event} hardly ever happened");
    }
}
