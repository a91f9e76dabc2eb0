use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::{Mutex, PoisonError};

use billing_domain::GatewayEvent;
use billing_domain::ports::{StoreError, WebhookRefused};
use tokio::sync::{Semaphore, oneshot};

use crate::Ports;
use crate::refusal::{ErrorCode, Refusal, Told};

/// Receives Stripe's webhooks. What arrives together is committed together: the events that come while transactions run
/// share the next one, so that a storm costs few transactions.
pub struct Webhooks {
    ports: Ports,
    waiting: Mutex<Waiting>,
    /// The turns to commit. Waiters take them in order of arrival.
    turns: Semaphore,
}

/// The events that wait for a transaction. Bounded, so that a storm cannot take the memory of the process (contract,
/// I11).
#[derive(Default)]
struct Waiting {
    events: VecDeque<(GatewayEvent, oneshot::Sender<()>)>,
    bytes: usize,
}

/// The largest number of bytes that wait.
const MOST_BYTES: usize = 32 << 20;
/// The largest number of events of one transaction.
const MOST_EVENTS: usize = 256;

/// A webhook that was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The webhook is not from Stripe, or cannot be read. Nothing was stored.
    #[error(transparent)]
    Refused(#[from] WebhookRefused),
    /// Too many events wait. Stripe sends it again.
    #[error("Too many webhooks at once.")]
    Crowded,
    /// The event is not stored. Stripe sends it again.
    #[error("The event was not stored.")]
    Store(#[from] StoreError),
    /// The transaction of the event failed, or was given up. Stripe sends it again.
    #[error("The event was not stored.")]
    NotStored,
}

impl Refusal for WebhookError {
    fn told(&self) -> Told<'_> {
        match self {
            Self::Refused(WebhookRefused::NotReady) => ErrorCode::PaymentGatewayUnavailable.into(),
            Self::Refused(_) => ErrorCode::InvalidWebhook.into(),
            Self::Crowded => ErrorCode::TooManyRequests.into(),
            Self::Store(_) | Self::NotStored => ErrorCode::DatabaseUnavailable.into(),
        }
    }
}

impl Webhooks {
    /// A receiver over these ports, with so many transactions at a time. A store with one writer wants one: a second
    /// would wait for the first with few events, instead of gathering more.
    #[must_use]
    pub fn new(ports: Ports, transactions: NonZero<usize>) -> Self {
        Self { ports, waiting: Mutex::default(), turns: Semaphore::new(transactions.get()) }
    }

    /// Verifies a webhook, and stores it durably with the mark of the object it speaks of. An event of no interest is
    /// accepted and not stored. May be repeated.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub async fn receive(&self, body: &[u8], signature: &str) -> Result<(), WebhookError> {
        let now = self.ports.clock.now();
        let event = self.ports.gateway.verified_event(body, signature, now)?;
        if event.object.is_none() {
            return Ok(());
        }
        let mut stored = self.wait_in_line(event)?;
        loop {
            let _turn = tokio::select! {
                biased;
                stored = &mut stored => return stored.map_err(|_| WebhookError::NotStored),
                turn = self.turns.acquire() => turn.map_err(|_| WebhookError::NotStored)?,
            };
            // Each transaction takes the head of the line, until this event is in one.
            if !self.commit_waiting().await? {
                break;
            }
        }
        // Another turn has taken it.
        stored.await.map_err(|_| WebhookError::NotStored)
    }

    fn wait_in_line(&self, event: GatewayEvent) -> Result<oneshot::Receiver<()>, WebhookError> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.bytes + event.body.len() > MOST_BYTES {
            return Err(WebhookError::Crowded);
        }
        waiting.bytes += event.body.len();
        let (stored, wait) = oneshot::channel();
        waiting.events.push_back((event, stored));
        Ok(wait)
    }

    /// Commits the events at the head of the line; false if none wait. If that fails, their senders are told by the drop
    /// of their channels.
    async fn commit_waiting(&self) -> Result<bool, StoreError> {
        let (events, stored): (Vec<_>, Vec<_>) = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let length = waiting.events.len().min(MOST_EVENTS);
            let batch: Vec<_> = waiting.events.drain(..length).collect();
            waiting.bytes -= batch.iter().map(|(event, _)| event.body.len()).sum::<usize>();
            batch.into_iter().unzip()
        };
        if events.is_empty() {
            return Ok(false);
        }
        self.ports.store.events().accept(events, self.ports.clock.now()).await?;
        self.ports.wake.notify_one();
        for stored in stored {
            // A sender that has gone away sends the event again.
            let _: Result<(), ()> = stored.send(());
        }
        Ok(true)
    }
}
