//! What happened, as it was then.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    api::API_VERSION,
    clock::Timestamp,
    store::{JsonText, Resource, Tx, stored_as},
    webhooks,
    wire::{Call, Range, Reply, Routes},
};

/// Of those that every endpoint has heard of.
const KEPT: usize = 20_000;
/// With those that some endpoint waits for.
const KEPT_AT_MOST: usize = 40_000;
/// How many of the oldest are looked at when a new one comes.
const LOOKED_AT: usize = 16;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub created: Timestamp,
    #[serde(rename = "type")]
    pub name: String,
    pub object: JsonText,
    pub previous_attributes: Option<JsonText>,
    pub request: Option<String>,
    pub idempotency_key: Option<String>,
    pub api_version: String,
    /// How many endpoints have not heard of it yet.
    pub pending_webhooks: u32,
}

impl Resource for Event {
    stored_as!(Event);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        let mut data = json!({ "object": self.object.value() });
        if let Some(previous) = &self.previous_attributes {
            data["previous_attributes"] = previous.value();
        }
        json!({
            "id": self.id,
            "object": "event",
            "api_version": self.api_version,
            "created": self.created,
            "data": data,
            "livemode": false,
            "pending_webhooks": self.pending_webhooks,
            "request": { "id": self.request, "idempotency_key": self.idempotency_key },
            "type": self.name,
        })
    }
}

impl Event {
    pub fn record(
        tx: &mut Tx<'_>,
        name: &str,
        object: Value,
        previous_attributes: Option<Map<String, Value>>,
        test_clock: Option<&str>,
    ) {
        debug_assert!(webhooks::is_event(name), "no endpoint can ask for {name}");
        let mut event = Self {
            id: tx.new_id("evt_"),
            created: tx.now(test_clock),
            name: name.to_owned(),
            object: object.into(),
            previous_attributes: previous_attributes.map(|previous| Value::Object(previous).into()),
            request: tx.origin().request.clone(),
            idempotency_key: tx.origin().idempotency_key.clone(),
            api_version: API_VERSION.to_owned(),
            pending_webhooks: 0,
        };
        event.pending_webhooks = webhooks::announce(tx, &event);
        tx.put(event);
        Self::forget_oldest(tx);
    }

    /// The id of the object it is about, if that has one.
    pub fn object_id(&self) -> Option<String> {
        self.object.read::<Identified>().id
    }

    pub fn is_about(&self, id: &str) -> bool {
        self.object.text().contains(id) && self.object_id().as_deref() == Some(id)
    }

    fn forget_oldest(tx: &mut Tx<'_>) {
        let is_done = |id: &String| tx.find::<Self>(id).is_some_and(|event| event.pending_webhooks == 0);
        let mut gone = tx.oldest_beyond::<Self>(KEPT, LOOKED_AT);
        gone.retain(is_done);
        gone.extend(tx.oldest_beyond::<Self>(KEPT_AT_MOST, LOOKED_AT));
        for id in gone {
            tx.remove::<Self>(&id);
        }
    }
}

#[derive(Default, Deserialize)]
struct Identified {
    id: Option<String>,
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/events", list);
    routes.get("/v1/events/{event}", retrieve);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListEvents {
    created: Option<Range>,
    #[serde(rename = "type")]
    name: Option<String>,
    types: Option<Vec<String>>,
    delivery_success: Option<bool>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListEvents = call.params()?;
    let wanted = |event: &&Event| {
        params.created.is_none_or(|range| range.holds(event.created))
            && params.name.as_deref().is_none_or(|pattern| matches(pattern, &event.name))
            && params.types.as_ref().is_none_or(|types| types.contains(&event.name))
            && params.delivery_success.is_none_or(|success| success == (event.pending_webhooks == 0))
    };
    call.page_of(tx, tx.newest_from::<Event>(call.starting_after()).filter(wanted))
}

/// `customer.*` means every event of that family.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(family) => name.starts_with(family),
        None => name == pattern,
    }
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(crate::wire::Answer::object(&tx.get::<Event>(call.id("event"))?))
}
