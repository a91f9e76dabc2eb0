//! The stored objects, a page at a time.

use serde_json::Value;

use super::{
    deliveries::{delivery_row, event_link, event_row, newest, object_address, object_of},
    moment,
};
use crate::{
    pages::views::{EventPage, Link, ObjectPage, ObjectRow, ObjectsPage, TypeCount},
    resources::events::Event,
    store::{Kind, Origin, World},
    webhooks::Delivery,
};

const ROWS: usize = 50;
const EVENTS_OF_OBJECT: usize = 20;
const DELIVERIES_OF_EVENT: usize = 50;

/// The types there are objects of, with how many.
pub(crate) fn type_counts(world: &World) -> Vec<TypeCount> {
    let public = Kind::ALL.iter().copied().filter(|kind| kind.is_public());
    let counted = public.map(|kind| {
        let tables = world.accounts().filter_map(|(_, tables)| tables.get(&kind));
        (kind.name(), tables.map(crate::store::Table::len).sum::<usize>())
    });
    counted.filter(|(_, count)| *count > 0).map(|(name, count)| type_count(&name, count)).collect()
}

fn type_count(name: &str, count: usize) -> TypeCount {
    TypeCount { objects: Link { href: list_address(name), text: name.to_owned() }, count }
}

fn list_address(object_type: &str) -> String {
    if object_type.is_empty() {
        "/_sandbox/objects".to_owned()
    } else {
        format!("/_sandbox/objects?type={object_type}")
    }
}

/// Objects of a type, or of every type, that were made before the place `cursor`; the newest first.
pub(crate) fn page(world: &mut World, kind: Option<Kind>, cursor: Option<u64>) -> ObjectsPage {
    let object_type = kind.map(Kind::name).unwrap_or_default();
    let (places, has_more) = places(world, kind, cursor.unwrap_or(u64::MAX));
    let address = list_address(&object_type);
    let next = places.last().filter(|_| has_more).map(|(place, ..)| {
        let separator = if kind.is_some() { '&' } else { '?' };
        format!("{address}{separator}cursor={place}")
    });
    ObjectsPage {
        types: type_counts(world),
        objects: places.iter().filter_map(|(_, account, kind, id)| row(world, account, *kind, id)).collect(),
        first: cursor.map(|_| address),
        next,
        object_type,
    }
}

type Place = (u64, String, Kind, String);

fn places(world: &World, kind: Option<Kind>, before: u64) -> (Vec<Place>, bool) {
    let mut all = Vec::new();
    for (account, tables) in world.accounts() {
        let wanted = |of: &Kind| of.is_public() && kind.is_none_or(|kind| kind == *of);
        for (of, table) in tables.iter().filter(|(of, _)| wanted(of)) {
            let newest = table.newest_before(before).take(ROWS + 1);
            all.extend(newest.map(|it| (it.place, account, *of, it.object.id())));
        }
    }
    all.sort_by_key(|row| std::cmp::Reverse(row.0));
    let has_more = all.len() > ROWS;
    let shown = all.into_iter().take(ROWS);
    let owned = shown.map(|(place, account, kind, id)| (place, account.to_owned(), kind, id.to_owned()));
    (owned.collect(), has_more)
}

fn row(world: &mut World, account: &str, kind: Kind, id: &str) -> Option<ObjectRow> {
    let tx = world.begin(account, Origin::default());
    let rendered = tx.object(kind, id)?.render(&tx);
    let object = match kind {
        Kind::Event => event_link(id, id),
        _ => Link { href: object_address(account, id), text: id.to_owned() },
    };
    Some(ObjectRow {
        object,
        summary: summary(&rendered),
        account: account.to_owned(),
        created: rendered["created"].as_i64().map(moment),
    })
}

/// What tells it from others of its type.
fn summary(rendered: &Value) -> String {
    let telling = ["email", "name", "nickname", "code", "url", "description", "number", "status", "type"];
    let values = telling.iter().filter_map(|field| rendered[field].as_str());
    values.filter(|value| !value.is_empty()).take(2).collect::<Vec<_>>().join(", ")
}

pub(crate) fn object_page(world: &mut World, account: &str, id: &str) -> Option<ObjectPage> {
    let (kind, json) = {
        let tx = world.begin(account, Origin::default());
        let object = tx.any(id)?;
        (object.kind(), indented(&object.render(&tx)))
    };
    let table = world.table(account, Kind::Event).into_iter();
    let all =
        table.flat_map(crate::store::Table::newest_first).filter_map(<Event as crate::store::Resource>::of);
    let about = all.filter(|event| event.is_about(id)).take(EVENTS_OF_OBJECT);
    Some(ObjectPage {
        id: id.to_owned(),
        object_type: kind.name(),
        account: account.to_owned(),
        json,
        events: about.map(|event| event_row(account, event)).collect(),
    })
}

pub(crate) fn event_page(world: &mut World, id: &str, flash: Option<String>) -> Option<EventPage> {
    let account = world.account_of(Kind::Event, id)?;
    let (event, json) = {
        let tx = world.begin(&account, Origin::default());
        (tx.find::<Event>(id)?.clone(), indented(&tx.object(Kind::Event, id)?.render(&tx)))
    };
    let deliveries = newest::<Delivery>(world, DELIVERIES_OF_EVENT, |it| it.event == id);
    Some(EventPage {
        id: id.to_owned(),
        object: object_of(&account, &event),
        at: moment(event.created),
        event_type: event.name,
        json,
        deliveries: deliveries.into_iter().map(|(of, it)| delivery_row(world, of, it)).collect(),
        path: format!("/_sandbox/events/{id}"),
        flash,
        account,
    })
}

fn indented(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
