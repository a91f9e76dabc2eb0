//! Events and deliveries as rows.

use super::moment;
use crate::{
    pages::views::{Badge, DeliveryRow, EventRow, Link, Tone},
    resources::{events::Event, webhook_endpoints::WebhookEndpoint},
    store::{Kind, Resource, Table, World},
    webhooks::{Delivery, Outcome},
};

/// The newest of all accounts, newest first, each with its account; at most `most`.
pub(crate) fn newest<T: Resource>(
    world: &World,
    most: usize,
    wanted: impl Fn(&T) -> bool,
) -> Vec<(&str, &T)> {
    let mut all = Vec::new();
    for (account, tables) in world.accounts() {
        let objects = tables.get(&T::KIND).into_iter().flat_map(Table::newest_first);
        let of_account = objects.filter_map(T::of).filter(|it| wanted(it)).take(most);
        all.extend(of_account.map(|it| (account, it)));
    }
    // Ids that were made later sort later.
    all.sort_by(|a, b| b.1.id().cmp(a.1.id()));
    all.truncate(most);
    all
}

pub(crate) fn object_address(account: &str, id: &str) -> String {
    format!("/_sandbox/objects/{account}/{id}")
}

pub(crate) fn event_link(id: &str, name: &str) -> Link {
    Link { href: format!("/_sandbox/events/{id}"), text: name.to_owned() }
}

/// To the object an event is about; what is no object of its own, such as the preview of an invoice, is only in the
/// event.
pub(crate) fn object_of(account: &str, event: &Event) -> Link {
    match event.object_id() {
        Some(id) => Link { href: object_address(account, &id), text: id },
        None => event_link(&event.id, "in the event"),
    }
}

pub(crate) fn event_row(account: &str, event: &Event) -> EventRow {
    EventRow {
        event: event_link(&event.id, &event.name),
        object: object_of(account, event),
        account: account.to_owned(),
        at: moment(event.created),
    }
}

pub(crate) fn delivery_row(world: &World, account: &str, delivery: &Delivery) -> DeliveryRow {
    let table = world.table(account, Kind::WebhookEndpoint);
    let endpoint = table.and_then(|table| WebhookEndpoint::of(&table.get(&delivery.endpoint)?.object));
    let last = delivery.attempts.last();
    let last_result = last.and_then(|attempt| match attempt.status {
        Some(status) => Some(format!("HTTP {status}")),
        None => attempt.error.clone(),
    });
    DeliveryRow {
        id: delivery.id.clone(),
        event: event_link(&delivery.event, &delivery.event_name),
        endpoint: endpoint.map_or_else(|| delivery.endpoint.clone(), |endpoint| endpoint.url.clone()),
        status: outcome(delivery),
        attempts: u32::try_from(delivery.attempts.len()).unwrap_or(u32::MAX),
        last_result,
        next_attempt: delivery.next_attempt.map(moment),
    }
}

fn outcome(delivery: &Delivery) -> Badge {
    match delivery.outcome {
        Outcome::Pending if delivery.attempts.is_empty() => Badge::new("Waiting", Tone::Neutral),
        Outcome::Pending => Badge::new("Will retry", Tone::Warning),
        Outcome::Delivered => Badge::new("Delivered", Tone::Good),
        Outcome::Failed => Badge::new("Failed", Tone::Bad),
        Outcome::Dropped => Badge::new("Dropped by chaos", Tone::Warning),
    }
}
