//! One event on its way to one endpoint.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    clock::{Timestamp, real_now},
    control::Fate,
    resources::{events::Event, webhook_endpoints::WebhookEndpoint},
    store::{Resource, Tx, stored_as},
};

/// Of those that are done with.
const KEPT: usize = 5_000;
/// With those that are still to be sent.
const KEPT_AT_MOST: usize = 40_000;
/// How many of the oldest are looked at when one is done with.
const LOOKED_AT: usize = 16;

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
    /// When it is tried again, in real time.
    pub next_attempt: Option<Timestamp>,
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
            "delayMs": self.delay_ms,
            "nextAttempt": self.next_attempt,
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
        // One less than is kept: there is room for this one.
        for id in tx.oldest_beyond::<Self>(KEPT_AT_MOST - 1, LOOKED_AT) {
            if let Some(oldest) = tx.find::<Self>(&id).cloned().filter(|it| it.outcome == Outcome::Pending) {
                tx.control().lose_delivery(&oldest.event, &oldest.endpoint);
                oldest.settled(tx);
            }
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
            next_attempt: None,
        }
    }

    /// What to send now.
    ///
    /// # Errors
    ///
    /// Why there is nothing to send, or nobody to send it to, any more.
    pub fn parcel(&self, tx: &mut Tx<'_>) -> Result<Parcel, &'static str> {
        let endpoint = tx.find::<WebhookEndpoint>(&self.endpoint).cloned();
        let endpoint = endpoint.ok_or("The endpoint was deleted.")?;
        if !endpoint.is_enabled {
            return Err("The endpoint was disabled.");
        }
        let event = tx.within(&self.event_account, |tx| Some(tx.find::<Event>(&self.event)?.render(tx)));
        let mut event = event.ok_or("The event is too old to be kept.")?;
        if endpoint.is_connect {
            event["account"] = json!(self.event_account);
        }
        Ok(Parcel {
            body: serde_json::to_string_pretty(&event).unwrap_or_default(),
            secrets: endpoint.secrets(real_now()).into_iter().map(str::to_owned).collect(),
            url: endpoint.url,
        })
    }

    /// How long before it is sent: its own delay at first, later what is left of the time until the next attempt.
    pub fn wait(&self, now: Timestamp) -> Duration {
        match self.next_attempt {
            None => Duration::from_millis(self.delay_ms),
            Some(at) => Duration::from_secs(u64::try_from(at.saturating_sub(now)).unwrap_or_default()),
        }
    }

    /// Keeps what came of an attempt.
    pub fn attempted(mut self, tx: &mut Tx<'_>, attempt: Attempt) -> Self {
        let is_delivered = attempt.status.is_some_and(|status| (200..300).contains(&status));
        let again_at = attempt.at.saturating_add_unsigned(self.backoff().unwrap_or_default());
        self.outcome = match (is_delivered, self.backoff()) {
            (true, _) => Outcome::Delivered,
            (false, Some(_)) => Outcome::Pending,
            (false, None) => Outcome::Failed,
        };
        self.next_attempt = (self.outcome == Outcome::Pending).then_some(again_at);
        self.attempts.push(attempt);
        self.stored(tx)
    }

    /// Nothing is left to be tried.
    pub fn given_up(mut self, tx: &mut Tx<'_>, reason: &str) -> Self {
        self.attempts.push(Attempt { at: real_now(), status: None, error: Some(reason.to_owned()) });
        self.outcome = Outcome::Failed;
        self.next_attempt = None;
        self.stored(tx)
    }

    /// Sends its event once more, whatever came of it, as a delivery of its own.
    pub fn again(&self, tx: &mut Tx<'_>) -> Self {
        let account = self.event_account.clone();
        let event = tx.within(&account, |tx| tx.find::<Event>(&self.event).cloned());
        let delivery = Self {
            id: tx.new_id("whd_"),
            created: tx.now(None),
            outcome: Outcome::Pending,
            attempts: Vec::new(),
            delay_ms: 0,
            next_attempt: None,
            ..self.clone()
        };
        if let Some(event) = event {
            let pending_webhooks = event.pending_webhooks.saturating_add(1);
            tx.within(&account, |tx| tx.put(Event { pending_webhooks, ..event }));
        }
        tx.deliver(delivery.clone());
        delivery
    }

    /// Seconds from the attempt that is being made to the next one; `None` when it is the last.
    fn backoff(&self) -> Option<u64> {
        BACKOFF.get(self.attempts.len()).copied()
    }

    fn stored(self, tx: &mut Tx<'_>) -> Self {
        if let Some(before) = tx.find::<Self>(&self.id).cloned()
            && self.outcome != Outcome::Pending
        {
            before.settled(tx);
        }
        tx.put(self.clone());
        Self::forget_oldest(tx);
        self
    }

    /// What waits to be sent is not forgotten for its age.
    fn forget_oldest(tx: &mut Tx<'_>) {
        for id in tx.oldest_beyond::<Self>(KEPT, LOOKED_AT) {
            if tx.find::<Self>(&id).is_some_and(|it| it.outcome != Outcome::Pending) {
                tx.remove::<Self>(&id);
            }
        }
    }

    /// Its event waits for one delivery less, if it waited for this one.
    fn settled(&self, tx: &mut Tx<'_>) {
        if self.outcome != Outcome::Pending {
            return;
        }
        tx.within(&self.event_account, |tx| {
            if let Some(event) = tx.find::<Event>(&self.event).cloned() {
                let pending_webhooks = event.pending_webhooks.saturating_sub(1);
                tx.put(Event { pending_webhooks, ..event });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Clock,
        store::{Origin, World},
    };

    fn event(tx: &mut Tx<'_>) -> Event {
        Event::record(tx, "customer.created", json!({}), None, None);
        tx.newest_first::<Event>().next().unwrap().clone()
    }

    fn endpoint(tx: &mut Tx<'_>, is_connect: bool) -> WebhookEndpoint {
        let endpoint = WebhookEndpoint {
            id: tx.new_id("we_"),
            created: 0,
            url: "http://localhost/".to_owned(),
            enabled_events: vec!["customer.created".to_owned()],
            is_enabled: true,
            is_connect,
            api_version: None,
            description: None,
            metadata: crate::wire::Metadata::default(),
            secret: "whsec_a".to_owned(),
            old_secret: None,
        };
        tx.put(endpoint.clone());
        endpoint
    }

    fn world() -> World {
        World::new(Clock::Standing { at: 0 }, 1, String::new())
    }

    fn failure(at: Timestamp) -> Attempt {
        Attempt { at, status: Some(302), error: None }
    }

    #[test]
    fn delivery_fails_after_sixteen_attempts() {
        let mut world = world();
        let mut tx = world.begin("acct_1", Origin::default());
        endpoint(&mut tx, false);
        assert_eq!(event(&mut tx).pending_webhooks, 1);
        let mut delivery = tx.newest_first::<Delivery>().next().unwrap().clone();
        let mut waits = Vec::new();
        while delivery.outcome == Outcome::Pending {
            delivery = delivery.attempted(&mut tx, failure(1_000));
            waits.push(delivery.wait(1_000).as_secs());
        }
        assert_eq!(waits[..6], [1, 5, 30, 120, 600, 3_600]);
        assert_eq!((delivery.attempts.len(), delivery.outcome), (16, Outcome::Failed));
        assert_eq!(tx.newest_first::<Event>().next().unwrap().pending_webhooks, 0);
    }

    #[test]
    fn an_endpoint_that_is_disabled_or_deleted_meanwhile_is_sent_nothing() {
        let mut world = world();
        let mut tx = world.begin("acct_1", Origin::default());
        let endpoint = endpoint(&mut tx, false);
        event(&mut tx);
        let delivery = tx.newest_first::<Delivery>().next().unwrap().clone();
        assert!(delivery.parcel(&mut tx).is_ok());
        tx.put(WebhookEndpoint { is_enabled: false, ..endpoint.clone() });
        assert!(delivery.parcel(&mut tx).is_err());
        tx.remove::<WebhookEndpoint>(&endpoint.id);
        assert!(delivery.parcel(&mut tx).is_err());
    }

    #[test]
    fn what_is_done_with_is_forgotten_for_its_age_and_what_waits_is_not() {
        let mut world = world();
        let mut tx = world.begin("acct_1", Origin::default());
        endpoint(&mut tx, false);
        for _ in 0..KEPT + 2 {
            event(&mut tx);
        }
        assert_eq!(tx.newest_first::<Delivery>().count(), KEPT + 2);
        let oldest = tx.newest_first::<Delivery>().last().unwrap().clone();
        oldest.clone().attempted(&mut tx, failure(1_000));
        assert!(tx.find::<Delivery>(&oldest.id).is_some());
        oldest.clone().given_up(&mut tx, "The endpoint was deleted.");
        assert!(tx.find::<Delivery>(&oldest.id).is_none());
        assert_eq!(tx.newest_first::<Delivery>().count(), KEPT + 1);
    }

    #[test]
    fn a_connect_endpoint_does_not_hear_of_its_own_account() {
        let mut world = world();
        let mut tx = world.begin("acct_1", Origin::default());
        endpoint(&mut tx, true);
        assert_eq!(event(&mut tx).pending_webhooks, 0);
    }

    #[test]
    fn one_more_try_is_a_delivery_of_its_own() {
        let mut world = world();
        let mut tx = world.begin("acct_1", Origin::default());
        endpoint(&mut tx, false);
        event(&mut tx);
        let first = tx.newest_first::<Delivery>().next().unwrap().clone();
        let first = first.attempted(&mut tx, Attempt { at: 0, status: Some(204), error: None });
        assert_eq!(first.outcome, Outcome::Delivered);
        let again = first.again(&mut tx);
        assert_eq!((again.event.as_str(), again.outcome), (first.event.as_str(), Outcome::Pending));
        assert_eq!(tx.newest_first::<Event>().next().unwrap().pending_webhooks, 1);
    }
}
