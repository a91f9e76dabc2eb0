//! Webhooks that were set aside and have a workspace now.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use crate::prelude::*;
use crate::testing::{at, now, ports_over};

fn event(number: usize) -> GatewayEvent {
    let id = |prefix: &str| StripeId::parse(format!("{prefix}_{number:04}")).unwrap();
    GatewayEvent {
        id: id("evt"),
        account: GatewayAccountId::parse("acct_1").unwrap(),
        kind: "invoice.paid".to_owned(),
        object: Some(EventObject {
            target: SyncTarget::Invoice(id("in")),
            customer: None,
            workspace_hint: None,
            paying_workspace: None,
        }),
        created_at: at(0),
        body: String::new(),
    }
}

fn number_of(event: &GatewayEvent) -> usize {
    event.id.as_str()[4..].parse().unwrap()
}

fn numbers(events: &[GatewayEvent]) -> Vec<usize> {
    events.iter().map(number_of).collect()
}

/// A store in which events 1 to `total` have a workspace now, and what is accepted. `fails` judges a batch.
fn placeable(
    total: usize,
    fails: impl Fn(&[usize]) -> Result<(), StoreError> + Send + 'static,
) -> (MockBillingStore, Arc<Mutex<Vec<usize>>>) {
    partly_placeable(total, 0..0, fails)
}

/// The same, in which some of the rows cannot be read.
fn partly_placeable(
    total: usize,
    unreadable: Range<usize>,
    fails: impl Fn(&[usize]) -> Result<(), StoreError> + Send + 'static,
) -> (MockBillingStore, Arc<Mutex<Vec<usize>>>) {
    let mut store = MockBillingStore::default();
    store.events.expect_unplaced_to_accept().returning(move |after: Option<String>, limit| {
        let first = after.map_or(1, |after| after[4..].parse::<usize>().unwrap() + 1);
        let rows: Vec<_> = (first..=total).take(limit as usize).map(event).collect();
        let last = rows.last().map(|event| event.id.to_string());
        let events = rows.into_iter().filter(|event| !unreadable.contains(&number_of(event)));
        Ok(UnplacedPage { events: events.collect(), last })
    });
    let accepted = Arc::new(Mutex::new(Vec::new()));
    let accepting = Arc::clone(&accepted);
    store.events.expect_accept().returning(move |events: Vec<GatewayEvent>, at| {
        assert_eq!(at, now());
        fails(&numbers(&events))?;
        accepting.lock().unwrap().extend(numbers(&events));
        Ok(())
    });
    (store, accepted)
}

#[tokio::test]
async fn events_with_a_workspace_are_accepted_in_pages() {
    let (store, accepted) = placeable(250, |batch| {
        assert!(batch.len() <= 100);
        Ok(())
    });
    let worker = Worker::new(ports_over(store, Vec::new()));

    assert_eq!(worker.accept_unplaced().await.unwrap(), 250);
    assert_eq!(*accepted.lock().unwrap(), (1..=250).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_of_unreadable_events_hides_no_other() {
    let (store, accepted) = partly_placeable(6_150, 2..6_100, |_| Ok(()));
    let worker = Worker::new(ports_over(store, Vec::new()));

    assert_eq!(worker.accept_unplaced().await.unwrap(), 52);
    assert_eq!(*accepted.lock().unwrap(), [1].into_iter().chain(6_100..=6_150).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_call_accepts_a_bounded_number_of_events() {
    let (store, _) = placeable(9_000, |_| Ok(()));
    assert_eq!(Worker::new(ports_over(store, Vec::new())).accept_unplaced().await.unwrap(), 5_000);
}

#[tokio::test]
async fn an_event_that_cannot_be_accepted_holds_up_no_other() {
    let poison = |batch: &[usize]| {
        if batch.contains(&3) { Err(StoreError::Unexpected("poison".into())) } else { Ok(()) }
    };
    let (store, accepted) = placeable(120, poison);
    let worker = Worker::new(ports_over(store, Vec::new()));

    assert_eq!(worker.accept_unplaced().await.unwrap(), 119);
    assert_eq!(*accepted.lock().unwrap(), (1..=120).filter(|number| *number != 3).collect::<Vec<_>>());
}

#[tokio::test]
async fn nothing_more_is_tried_while_the_database_is_away() {
    let (store, accepted) = placeable(120, |_| Err(StoreError::Unavailable("down".into())));
    let worker = Worker::new(ports_over(store, Vec::new()));

    assert!(matches!(worker.accept_unplaced().await, Err(StoreError::Unavailable(_))));
    assert_eq!(*accepted.lock().unwrap(), [0; 0]);
}

#[tokio::test]
async fn the_sweep_accepts_events_although_closings_cannot_be_listed() {
    let (mut store, accepted) = placeable(1, |_| Ok(()));
    store.switches.expect_unscheduled_closings().return_once(|_, _| Err(StoreError::Conflict));

    assert!(Worker::new(ports_over(store, Vec::new())).sweep().await.is_err());
    assert_eq!(*accepted.lock().unwrap(), [1]);
}
