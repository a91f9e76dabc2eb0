//! Where events are told to.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    webhooks,
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Reply, Routes,
        checks::checked_url,
        values::{merge_metadata, new_metadata},
        version,
    },
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    pub id: String,
    pub created: Timestamp,
    pub url: String,
    pub enabled_events: Vec<String>,
    pub is_enabled: bool,
    /// Whether it hears of the connected accounts, and not of its own.
    pub is_connect: bool,
    pub api_version: Option<String>,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub secret: String,
    /// The secret before the last roll, and until when (real time) it signs too.
    pub old_secret: Option<(String, Timestamp)>,
}

impl Resource for WebhookEndpoint {
    stored_as!(WebhookEndpoint);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "object": "webhook_endpoint",
            "api_version": self.api_version,
            "application": null,
            "created": self.created,
            "description": self.description,
            "enabled_events": self.enabled_events,
            "livemode": false,
            "metadata": self.metadata,
            "status": if self.is_enabled { "enabled" } else { "disabled" },
            "url": self.url,
        })
    }
}

impl WebhookEndpoint {
    pub fn wants(&self, event: &str) -> bool {
        self.is_enabled && self.enabled_events.iter().any(|name| name == "*" || name == event)
    }

    /// The secrets that sign at this time.
    pub fn secrets(&self, now: Timestamp) -> Vec<&str> {
        let old = self.old_secret.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(self.secret.as_str()).chain(old.map(|(secret, _)| secret.as_str())).collect()
    }

    /// Gives it a new secret; the old one signs too for so many seconds.
    pub fn roll(tx: &mut Tx<'_>, id: &str, expires_in: Timestamp) -> Result<Self, ApiError> {
        let endpoint = tx.get::<Self>(id)?;
        let until = crate::clock::real_now() + expires_in.clamp(0, crate::clock::DAY);
        let secret = format!("whsec_{}", tx.secret(32));
        let endpoint = Self { old_secret: Some((endpoint.secret, until)), secret, ..endpoint };
        tx.put(endpoint.clone());
        Ok(endpoint)
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/webhook_endpoints", list);
    routes.post("/v1/webhook_endpoints", create);
    routes.get("/v1/webhook_endpoints/{endpoint}", retrieve);
    routes.post("/v1/webhook_endpoints/{endpoint}", update);
    routes.delete("/v1/webhook_endpoints/{endpoint}", delete);
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    call.page_of(tx, tx.newest_first::<WebhookEndpoint>())
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<WebhookEndpoint>(call.id("endpoint"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateEndpoint {
    url: String,
    enabled_events: Vec<String>,
    connect: Option<bool>,
    api_version: Option<String>,
    description: Option<String>,
    metadata: Option<Metadata>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateEndpoint = call.params()?;
    if let Some(version) = &params.api_version {
        version::checked(version).map_err(|error| error.about("api_version"))?;
    }
    let endpoint = WebhookEndpoint {
        id: tx.new_id("we_"),
        created: tx.now(None),
        url: checked_url(params.url, "url")?,
        enabled_events: checked_events(params.enabled_events)?,
        is_enabled: true,
        is_connect: params.connect.unwrap_or(false),
        api_version: params.api_version,
        description: params.description,
        metadata: new_metadata(params.metadata)?,
        secret: format!("whsec_{}", tx.secret(32)),
        old_secret: None,
    };
    tx.put(endpoint.clone());
    // Only this answer tells the secret.
    let mut body = endpoint.render(tx);
    body["secret"] = json!(endpoint.secret);
    Ok(Answer::Json(body))
}

fn checked_events(events: Vec<String>) -> Result<Vec<String>, ApiError> {
    if events.is_empty() {
        let message = "`enabled_events` must name events such as `invoice.paid`, or be `*` for all.";
        return Err(ApiError::invalid(message).about("enabled_events"));
    }
    match events.iter().position(|name| name != "*" && !webhooks::is_event(name)) {
        None => Ok(events),
        Some(index) => {
            let message = format!("Invalid enabled_events[{index}]: there is no event '{}'.", events[index]);
            Err(ApiError::invalid(message).about(&format!("enabled_events[{index}]")))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateEndpoint {
    url: Option<String>,
    enabled_events: Option<Vec<String>>,
    disabled: Option<bool>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut endpoint = tx.get::<WebhookEndpoint>(call.id("endpoint"))?;
    let params: UpdateEndpoint = call.params()?;
    if let Some(url) = params.url {
        endpoint.url = checked_url(url, "url")?;
    }
    if let Some(events) = params.enabled_events {
        endpoint.enabled_events = checked_events(events)?;
    }
    endpoint.is_enabled = params.disabled.map_or(endpoint.is_enabled, |disabled| !disabled);
    params.description.apply(&mut endpoint.description);
    merge_metadata(&mut endpoint.metadata, params.metadata)?;
    tx.put(endpoint.clone());
    Ok(Answer::object(&endpoint))
}

fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let endpoint = tx.get::<WebhookEndpoint>(call.id("endpoint"))?;
    tx.remove::<WebhookEndpoint>(&endpoint.id);
    Ok(Answer::deleted("webhook_endpoint", &endpoint.id))
}
