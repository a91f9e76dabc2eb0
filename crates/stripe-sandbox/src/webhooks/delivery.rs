//! One event on its way to one endpoint.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clock::{Timestamp, real_now},
    control::Fate,
    resources::{events::Event, webhook_endpoints::WebhookEndpoint},
    store::{Resource, Tx, stored_as},
};

const KEPT_AT_MOST: usize = 5_000;

/// Seconds from one attempt to the next, in real time.
const BACKOFF: [u64; 15] =
    [1, 5, 30, 120, 600, 3_600, 7_200, 14_400, 14_400, 14_400, 14_400, 14_400, 14_400, 14_400, 14_400];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pending,
    Delivered,
    Failed,
    /// By the chaos that was asked for.
    Dropped,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    pub at: Timestamp,
    pub status: Option<u16>,
    pub error: Option<String>,
}

/// It lives in the account of its endpoint, which for a Connect endpoint is not the account of its event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivery {
    pub id: String,
    pub created: Timestamp,
    pub event: String,
    pub event_name: String,
    pub event_account: String,
    pub endpoint: String,
    pub outcome: Outcome,
    pub attempts: Vec<Attempt>,
    /// Before the first attempt.
    pub delay_ms: u64,
}

impl Resource for Delivery {
    stored_as!(Delivery);

    fn render(&self, tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "account": tx.account(),
            "event": self.event,
            "type": self.event_name,
            "eventAccount": self.event_account,
            "endpoint": self.endpoint,
            "outcome": self.outcome,
            "attempts": self.attempts,
        })
    }
}

/// What is sent, and where to.
pub struct Parcel {
    pub url: String,
    pub body: String,
    pub secrets: Vec<String>,
}

impl Delivery {
    pub fn new(tx: &mut Tx<'_>, event: &Event, account: &str, endpoint: &str, fate: Fate) -> Self {
        for id in tx.oldest_beyond::<Self>(KEPT_AT_MOST) {
            tx.remove::<Self>(&id);
        }
        Self {
            id: tx.new_id("whd_"),
            created: tx.now(None),
            event: event.id.clone(),
            event_name: event.name.clone(),
            event_account: account.to_owned(),
            endpoint: endpoint.to_owned(),
            outcome: if fate.is_dropped { Outcome::Dropped } else { Outcome::Pending },
            attempts: Vec::new(),
            delay_ms: fate.delay_ms,
        }
    }

    /// The signed letter; nothing when the endpoint or the event is no more.
    pub fn parcel(&self, tx: &mut Tx<'_>) -> Option<Parcel> {
        let endpoint = tx.find::<WebhookEndpoint>(&self.endpoint)?.clone();
        let is_connect = endpoint.is_connect;
        let account = self.event_account.clone();
        let mut event = tx.within(&account, |tx| Some(tx.find::<Event>(&self.event)?.render(tx)))?;
        if is_connect {
            event["account"] = json!(self.event_account);
        }
        Some(Parcel {
            body: serde_json::to_string_pretty(&event).ok()?,
            secrets: endpoint.secrets(real_now()).into_iter().map(str::to_owned).collect(),
            url: endpoint.url,
        })
    }

    /// How long after this attempt the next one is made; `None` when it was the last.
    pub fn backoff(&self) -> Option<std::time::Duration> {
        let made = self.attempts.len().checked_sub(1)?;
        BACKOFF.get(made).copied().map(std::time::Duration::from_secs)
    }

    /// Keeps what came of an attempt.
    pub fn attempted(tx: &mut Tx<'_>, id: &str, attempt: Attempt) -> Option<Self> {
        let mut delivery = tx.find::<Self>(id)?.clone();
        let is_delivered = attempt.status.is_some_and(|status| (200..300).contains(&status));
        delivery.attempts.push(attempt);
        delivery.outcome = match (is_delivered, delivery.backoff()) {
            (true, _) => Outcome::Delivered,
            (false, Some(_)) => Outcome::Pending,
            (false, None) => Outcome::Failed,
        };
        tx.put(delivery.clone());
        if is_delivered {
            let account = delivery.event_account.clone();
            tx.within(&account, |tx| heard(tx, &delivery.event));
        }
        Some(delivery)
    }
}

fn heard(tx: &mut Tx<'_>, event: &str) {
    if let Some(event) = tx.find::<Event>(event).cloned() {
        let pending_webhooks = event.pending_webhooks.saturating_sub(1);
        tx.put(Event { pending_webhooks, ..event });
    }
}
