//! The workspace of a webhook, and those without one.

use std::sync::Arc;

use billing_domain::ports::{BillingStore, UnplacedEvent, UnplacedPage};
use billing_domain::{
    BillingSwitch, EventObject, GatewayAccountId, GatewayEvent, GatewayLink, StripeId, SyncTarget, WorkId,
    WorkspaceId,
};
use billing_testing::builders::{account, customer_link, gateway_event, stripe_id, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::events::{at, due, fetch_of, with_account};
use crate::raw;
use crate::story::{migrated, other_workspace, transact_in, uses};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("an_event_goes_to_the_workspace_of_its_customer", an_event_goes_to_its_customer)
        .on_every_database("a_hint_counts_only_if_the_workspace_uses_the_account", a_hint_counts_only_if_true)
        .on_every_database(
            "an_event_goes_to_the_only_workspace_of_its_account",
            an_event_goes_to_the_only_workspace,
        )
        .on_every_database(
            "an_event_without_a_workspace_is_set_aside",
            an_event_without_a_workspace_is_set_aside,
        )
        .on_every_database(
            "an_event_goes_to_the_workspace_that_pays_the_platform",
            an_event_goes_to_the_workspace_that_pays,
        )
        .on_every_database(
            "an_event_set_aside_can_be_accepted_again",
            an_event_set_aside_can_be_accepted_again,
        )
        .on_every_database(
            "a_batch_removes_what_it_places_from_those_set_aside",
            a_batch_removes_what_it_places_from_those_set_aside,
        )
        .on_every_database(
            "an_event_that_cannot_be_read_hides_no_other",
            an_event_that_cannot_be_read_hides_no_other,
        )
        .on_every_database("events_set_aside_are_read_in_parts", events_set_aside_are_read_in_parts)
}

fn named(account: &str) -> GatewayAccountId {
    GatewayAccountId::parse(account).unwrap()
}

fn event(number: u32, account: &str, customer: Option<&str>, hint: Option<&WorkspaceId>) -> GatewayEvent {
    let target = SyncTarget::Subscription(stripe_id(&format!("sub_{number}")));
    let (customer, workspace_hint) = (customer.map(stripe_id), hint.cloned());
    let object = EventObject { target, customer, workspace_hint, paying_workspace: None };
    GatewayEvent { account: named(account), object: Some(object), ..gateway_event(number) }
}

/// Accepts the event of each number and tells where it went.
async fn places<const N: usize>(
    store: &Arc<dyn BillingStore>,
    database: &TestDatabase,
    events: [GatewayEvent; N],
) -> [String; N] {
    let ids = events.clone().map(|event| event.id);
    store.events().accept(events.to_vec(), at(0)).await.unwrap();
    let stored =
        raw::lines(&database.url, "SELECT event_id || ' ' || workspace_id AS line FROM stripe_events").await;
    ids.map(|id: StripeId| {
        let place = stored.iter().find_map(|line| line.strip_prefix(&format!("{id} ")));
        place.unwrap_or("nowhere").to_owned()
    })
}

async fn an_event_goes_to_its_customer(database: TestDatabase) {
    let store = migrated(&database).await;
    let (ours, theirs) = (workspace_id(), other_workspace());
    uses(&store, &ours, &account()).await;
    uses(&store, &theirs, &account()).await;
    let of_others = GatewayLink { workspace_id: theirs.clone(), ..customer_link(2) };
    for link in [customer_link(1), of_others] {
        transact_in(&store, &link.workspace_id, |work| work.gateway_links().insert_gateway_link(&link))
            .await
            .unwrap();
    }

    let events = [
        event(1, "acct_test", Some("cus_1"), None),
        event(2, "acct_test", Some("cus_2"), None),
        event(3, "acct_test", Some("cus_2"), Some(&ours)),
        event(4, "acct_other", Some("cus_1"), None),
        event(5, "acct_test", Some("cus_3"), None),
    ];

    assert_eq!(
        places(&store, &database, events).await,
        ["ws_test", "ws_other", "ws_other", "nowhere", "nowhere"]
    );
}

async fn a_hint_counts_only_if_true(database: TestDatabase) {
    let store = migrated(&database).await;
    let (ours, theirs) = (workspace_id(), other_workspace());
    let third = WorkspaceId::parse("ws_third").unwrap();
    uses(&store, &ours, &account()).await;
    uses(&store, &third, &account()).await;
    uses(&store, &theirs, &named("acct_theirs")).await;

    let events = [
        event(1, "acct_test", None, Some(&ours)),
        event(2, "acct_test", Some("cus_unknown"), Some(&third)),
        event(3, "acct_test", None, Some(&theirs)),
        event(4, "acct_theirs", None, Some(&ours)),
        event(5, "acct_theirs", None, Some(&theirs)),
    ];

    // The fourth goes to the only workspace of its account, whatever its metadata says.
    assert_eq!(
        places(&store, &database, events).await,
        ["ws_test", "ws_third", "nowhere", "ws_other", "ws_other"]
    );
}

async fn an_event_goes_to_the_only_workspace(database: TestDatabase) {
    let store = with_account(&database).await;
    assert_eq!(places(&store, &database, [event(1, "acct_test", None, None)]).await, ["ws_test"]);
    uses(&store, &other_workspace(), &account()).await;
    uses(&store, &other_workspace(), &named("acct_theirs")).await;
    let events = [event(2, "acct_test", None, None), event(3, "acct_theirs", None, None)];
    assert_eq!(places(&store, &database, events).await, ["nowhere", "ws_other"]);
}

async fn an_event_without_a_workspace_is_set_aside(database: TestDatabase) {
    let store = migrated(&database).await;
    for number in 1..=3 {
        let unplaced = event(number, "acct_test", Some("cus_1"), None);
        store.events().accept(vec![unplaced.clone(), unplaced], at(number.into())).await.unwrap();
    }
    store.events().accept(vec![event(1, "acct_test", Some("cus_1"), None)], at(9)).await.unwrap();

    let (listed, total) = store.events().unplaced_events(2).await.unwrap();

    let seen = |number: u32| UnplacedEvent {
        id: gateway_event(number).id,
        account: account(),
        kind: "invoice.paid".to_owned(),
        received_at: at(number.into()),
    };
    assert_eq!((listed, total), (vec![seen(3), seen(2)], 3));
    assert_eq!(due(&store, 99).await, []);
    assert_eq!(store.events().unplaced_events(0).await.unwrap(), (Vec::new(), 3));
}

/// It need not use the account, nor ever have come here.
async fn an_event_goes_to_the_workspace_that_pays(database: TestDatabase) {
    let store = with_account(&database).await;
    let link = customer_link(1);
    transact_in(&store, &workspace_id(), |work| work.gateway_links().insert_gateway_link(&link))
        .await
        .unwrap();
    let paying = |number, customer| {
        let event = event(number, "acct_test", customer, None);
        let object = event.object.clone().map(|object| EventObject {
            paying_workspace: Some(WorkspaceId::parse("ws_paying").unwrap()),
            ..object
        });
        GatewayEvent { object, ..event }
    };

    let events = [paying(1, Some("cus_9")), paying(2, None), paying(3, Some("cus_1"))];

    assert_eq!(places(&store, &database, events).await, ["ws_paying", "ws_paying", "ws_test"]);
    let disabled = store.switches().billing_switch(&WorkspaceId::parse("ws_paying").unwrap()).await;
    assert_eq!(disabled.unwrap(), BillingSwitch::Disabled);
}

async fn an_event_set_aside_can_be_accepted_again(database: TestDatabase) {
    let store = migrated(&database).await;
    let (ours, theirs) = (workspace_id(), other_workspace());
    let events = [
        event(1, "acct_test", Some("cus_1"), None),
        event(2, "acct_test", None, Some(&ours)),
        event(3, "acct_theirs", None, None),
        event(4, "acct_test", Some("cus_2"), None),
        event(5, "acct_nobody", None, None),
    ];
    store.events().accept(events.to_vec(), at(0)).await.unwrap();
    assert_eq!(store.events().unplaced_to_accept(None, 10).await.unwrap(), UnplacedPage::default());

    for (workspace, account) in [(&ours, "acct_test"), (&theirs, "acct_test"), (&theirs, "acct_theirs")] {
        uses(&store, workspace, &named(account)).await;
    }
    let link = customer_link(1);
    transact_in(&store, &ours, |work| work.gateway_links().insert_gateway_link(&link)).await.unwrap();
    let again = store.events().unplaced_to_accept(None, 10).await.unwrap().events;
    assert_eq!(again, events[..3]);
    store.events().accept(again, at(5)).await.unwrap();

    let due = due(&store, 5).await;
    let of = |workspace: &WorkspaceId, event: &GatewayEvent| WorkId {
        workspace_id: workspace.clone(),
        ..fetch_of(event)
    };
    assert_eq!(due, [of(&ours, &events[0]), of(&ours, &events[1]), of(&theirs, &events[2])]);
    assert_eq!(store.events().unplaced_to_accept(None, 10).await.unwrap(), UnplacedPage::default());
    assert_eq!(store.events().unplaced_events(9).await.unwrap().1, 2);
}

/// Stripe sends events again, and one of its ids may be another's on another account.
async fn a_batch_removes_what_it_places_from_those_set_aside(database: TestDatabase) {
    let store = migrated(&database).await;
    let events = [
        event(1, "acct_test", Some("cus_1"), None),
        event(1, "acct_theirs", Some("cus_1"), None),
        event(2, "acct_test", Some("cus_2"), None),
    ];
    store.events().accept(events.to_vec(), at(0)).await.unwrap();
    let link = customer_link(1);
    transact_in(&store, &workspace_id(), |work| work.gateway_links().insert_gateway_link(&link))
        .await
        .unwrap();

    store.events().accept(events.to_vec(), at(5)).await.unwrap();

    assert_eq!(due(&store, 5).await, [fetch_of(&events[0])]);
    let left = "SELECT account || ' ' || event_id AS line FROM unplaced_events";
    assert_eq!(raw::lines(&database.url, left).await, ["acct_test evt_0002", "acct_theirs evt_0001"]);
}

async fn events_set_aside_are_read_in_parts(database: TestDatabase) {
    let store = migrated(&database).await;
    let events: Vec<_> = (1..=5).map(|number| event(number, "acct_test", None, None)).collect();
    store.events().accept(events.iter().rev().cloned().collect(), at(0)).await.unwrap();
    uses(&store, &workspace_id(), &account()).await;

    let part = async |after: Option<&GatewayEvent>| {
        store.events().unplaced_to_accept(after.map(|event| event.id.to_string()), 2).await.unwrap().events
    };
    assert_eq!(part(None).await, events[..2]);
    // As if it had been placed meanwhile.
    raw::execute(&database.url, "DELETE FROM unplaced_events WHERE event_id = 'evt_0002'").await;
    assert_eq!(part(Some(&events[1])).await, events[2..4]);
    assert_eq!(part(Some(&events[3])).await, events[4..]);
}

async fn an_event_that_cannot_be_read_hides_no_other(database: TestDatabase) {
    let store = migrated(&database).await;
    let events: Vec<_> = (1..=5).map(|number| event(number, "acct_test", None, None)).collect();
    store.events().accept(events.clone(), at(0)).await.unwrap();
    uses(&store, &workspace_id(), &account()).await;
    let unreadable =
        "UPDATE unplaced_events SET target = 'x' WHERE event_id IN ('evt_0002', 'evt_0003', 'evt_0004')";
    raw::execute(&database.url, unreadable).await;

    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let UnplacedPage { events, last } = store.events().unplaced_to_accept(after, 2).await.unwrap();
        pages.push(events);
        after = last;
        if after.is_none() {
            break;
        }
    }

    assert_eq!(pages, [vec![events[0].clone()], Vec::new(), vec![events[4].clone()], Vec::new()]);
}
