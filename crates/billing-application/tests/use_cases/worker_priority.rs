//! The order of due work, in virtual time: a process with four workers, and a Stripe that answers in 200 ms.

use std::time::Duration;

use tokio::time::sleep;

use crate::prelude::*;
use crate::testing::{Queue, stripe_id, workspace_id};

const SECOND: Duration = Duration::from_secs(1);
/// The time within which a webhook's object is fetched (invariant I5).
const IN_TIME: Duration = Duration::from_secs(5);

#[tokio::test(start_paused = true)]
async fn webhooks_are_followed_in_time_while_accounts_are_reconciled() {
    let queue = Queue::with_accounts(&[("acct_1", 1_000), ("acct_2", 1_000), ("acct_3", 1_000)]);
    let mut process = queue.start();
    process.reconcile().await;

    for number in 0..60 {
        sleep(SECOND * 3).await;
        let key = format!("acct_{}/sub_hook_{number}", number % 3 + 1);
        process.receive(&key);
        let received = queue.lock().now();
        sleep(IN_TIME).await;
        let fetched = queue.fetched_at(&key).map(|at| at.saturating_sub(received));
        assert!(fetched.is_some_and(|waited| waited < SECOND), "{key}: {fetched:?}");
    }
    assert!(process.is_running());
}

/// As docs/operations.md has it: 3,000 objects in 5 minutes.
#[tokio::test(start_paused = true)]
async fn a_process_reconciles_3_000_objects_in_five_minutes() {
    let queue = Queue::with_accounts(&[("acct_1", 2_500), ("acct_2", 250), ("acct_3", 250)]);
    let process = queue.start();
    process.reconcile().await;

    sleep(SECOND * 320).await;

    let mut fetched: Vec<_> = queue.lock().fetched.iter().map(|(key, _)| key.clone()).collect();
    fetched.sort_unstable();
    fetched.dedup();
    assert_eq!(fetched.len(), 3_000);
}

#[tokio::test(start_paused = true)]
async fn two_workers_at_most_do_work_in_the_background() {
    let queue = Queue::empty();
    for number in 0..8 {
        queue.schedule(&format!("acct_{number}/sub_1"), WorkPriority::Background);
    }
    let _process = queue.start();

    sleep(SECOND).await;

    let begun: Vec<_> = queue.lock().fetched.iter().map(|(_, at)| at.as_millis() / 100).collect();
    assert_eq!(begun, [0, 0, 2, 2, 4, 4, 6, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_webhooks_leaves_every_fifth_turn_to_reconciliation() {
    let queue = Queue::empty();
    for number in 0..200 {
        queue.schedule(&format!("acct_{}/sub_{number}", number % 9), WorkPriority::Foreground);
    }
    for number in 0..20 {
        queue.schedule(&format!("acct_{number}/sub_back"), WorkPriority::Background);
    }
    let _process = queue.start();

    sleep(SECOND * 6).await;

    let fetched: Vec<_> = queue.lock().fetched.iter().map(|(key, _)| key.ends_with("back")).collect();
    let in_background = fetched[..100].iter().filter(|is_background| **is_background).count();
    assert!((18..=20).contains(&in_background), "{in_background}");
}

/// Its requests wait for its rate.
#[tokio::test(start_paused = true)]
async fn one_account_leaves_a_worker_to_the_others() {
    let queue = Queue::empty();
    queue.lock().slowness.insert(GatewayAccountId::parse("acct_busy").unwrap(), SECOND * 20);
    for number in 0..2_000 {
        queue.schedule(&format!("acct_busy/sub_{number}"), WorkPriority::Foreground);
    }
    let process = queue.start();
    sleep(SECOND).await;

    process.receive("acct_1/sub_1");

    sleep(IN_TIME).await;
    assert!(queue.fetched_at("acct_1/sub_1").is_some());
    assert_eq!(queue.lock().fetched.len(), 4, "and three do its work");
}

#[tokio::test(start_paused = true)]
async fn work_that_waits_out_an_outage_keeps_its_priority() {
    for priority in [WorkPriority::Foreground, WorkPriority::Background] {
        let queue = Queue::empty();
        queue.lock().is_down = true;
        queue.schedule("acct_1/sub_1", priority);

        let turn = Worker::new(queue.ports()).turn().await.unwrap();

        assert_eq!(turn, Turn::Worked(WorkKind::SyncObject, Outcome::Outage));
        assert_eq!(queue.lock().rows[0].priority, priority);
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_leaves_reconciliation_to_the_workers() {
    let queue = Queue::empty();
    queue.schedule("acct_1/sub_1", WorkPriority::Background);
    queue.schedule("acct_1/sub_2", WorkPriority::Foreground);

    Worker::new(queue.ports()).recover(IN_TIME, |_, _| {}).await.unwrap();

    let fetched: Vec<_> = queue.lock().fetched.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(fetched, ["acct_1/sub_2"]);
}

/// Two lists for each of 20 customers, at 12 requests a second.
#[tokio::test(start_paused = true)]
async fn the_lists_of_a_shared_account_are_paced() {
    let queue = Queue::empty();
    queue.lock().customers = (0..60).map(|number| stripe_id(&format!("cus_{number:02}"))).collect();
    let reconciliation =
        WorkId { workspace_id: workspace_id(), kind: WorkKind::Reconcile, key: "acct_1".to_owned() };
    queue.add(reconciliation, WorkPriority::Background);
    let _process = queue.start();

    sleep(SECOND * 60).await;

    let listed: Vec<_> = queue.lock().listed.iter().map(Duration::as_secs).collect();
    assert!(listed.windows(2).all(|parts| parts[1] - parts[0] >= 4), "{listed:?}");
    assert_eq!(listed.len(), 4);
}
