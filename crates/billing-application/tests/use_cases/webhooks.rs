//! Webhooks that arrive together.

use std::num::NonZero;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::prelude::*;
use crate::testing::{now, ports_over, stripe_id};

/// A transaction under way: the numbers of its events, and the way to end it.
struct Batch {
    numbers: Vec<String>,
    end: oneshot::Sender<Result<(), StoreError>>,
}

impl Batch {
    fn commit(self) {
        self.end.send(Ok(())).unwrap();
    }
}

/// A store whose transactions end when a test says so. It has nothing but the inbox.
struct HeldStore {
    other: MockBillingStore,
    batches: mpsc::UnboundedSender<Batch>,
}

#[async_trait]
impl EventInbox for HeldStore {
    async fn accept(&self, events: Vec<GatewayEvent>, at: Timestamp) -> Result<(), StoreError> {
        assert_eq!(at, now());
        let (end, ended) = oneshot::channel();
        let numbers = events.into_iter().map(|event| event.body).collect();
        self.batches.send(Batch { numbers, end }).unwrap();
        ended.await.unwrap()
    }

    async fn unplaced_events(&self, limit: u32) -> Result<(Vec<UnplacedEvent>, u64), StoreError> {
        self.other.events.unplaced_events(limit).await
    }

    async fn unplaced_to_accept(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> Result<UnplacedPage, StoreError> {
        self.other.events.unplaced_to_accept(after, limit).await
    }
}

macro_rules! of_the_other {
    ($($method:ident: $reader:ident),+) => {
        $(fn $method(&self) -> &dyn $reader {
            self.other.$method()
        })+
    };
}

#[async_trait]
impl AccountModes for HeldStore {
    async fn mode_of_account(
        &self,
        account: &GatewayAccountId,
        is_live: bool,
    ) -> Result<Option<bool>, StoreError> {
        self.other.mode_of_account(account, is_live).await
    }
}

#[async_trait]
impl BillingStore for HeldStore {
    of_the_other!(
        switches: SwitchReader,
        apps: AppReader,
        plans: PlanReader,
        features: FeatureReader,
        checkout_intents: CheckoutIntentReader,
        subscriptions: SubscriptionReader,
        drifts: DriftReader,
        revenue: RevenueReader,
        invoices: InvoiceReader,
        attention: AttentionReader,
        gateway_calls: GatewayCallReader,
        gateway_links: GatewayLinkReader,
        retention: Retention,
        audit_log: AuditLogReader,
        work: WorkReader
    );

    fn events(&self) -> &dyn EventInbox {
        self
    }

    async fn readiness(&self) -> Result<(), StoreError> {
        self.other.readiness().await
    }

    async fn begin(&self, workspace: &WorkspaceId) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.other.begin(workspace).await
    }
}

fn event(number: &[u8]) -> GatewayEvent {
    let target = SyncTarget::Invoice(stripe_id("in_1"));
    GatewayEvent {
        id: stripe_id("evt_1"),
        account: GatewayAccountId::parse("acct_1").unwrap(),
        kind: "invoice.paid".to_owned(),
        object: Some(EventObject { target, customer: None, workspace_hint: None, paying_workspace: None }),
        created_at: now(),
        body: String::from_utf8(number.to_vec()).unwrap(),
    }
}

/// A receiver with so many transactions at a time, and its batches.
struct Receiver {
    webhooks: Arc<Webhooks>,
    batches: mpsc::UnboundedReceiver<Batch>,
}

impl Receiver {
    fn with_transactions(number: usize) -> Self {
        let (sender, batches) = mpsc::unbounded_channel();
        let store = HeldStore { other: MockBillingStore::default(), batches: sender };
        let mut gateway = MockPaymentGateway::new();
        gateway.expect_verified_event().returning(|body, _, _| Ok(event(body)));
        let ports = Ports {
            store: Arc::new(store),
            gateway: Arc::new(gateway),
            ..ports_over(MockBillingStore::default(), Vec::new())
        };
        Self { webhooks: Arc::new(Webhooks::new(ports, NonZero::new(number).unwrap())), batches }
    }

    /// Sends a webhook, and waits until its receiver cannot go on alone.
    async fn send(&self, number: &'static str) -> JoinHandle<Result<(), WebhookError>> {
        let webhooks = Arc::clone(&self.webhooks);
        let sending = tokio::spawn(async move { webhooks.receive(number.as_bytes(), "").await });
        quiet().await;
        sending
    }

    /// The transaction that has begun.
    fn begun(&mut self) -> Batch {
        self.batches.try_recv().unwrap()
    }

    fn has_begun_none(&mut self) -> bool {
        self.batches.try_recv().is_err()
    }
}

/// Lets every task of the only thread go on until it waits.
async fn quiet() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn events_that_arrive_during_a_transaction_share_the_next() {
    let mut receiver = Receiver::with_transactions(1);
    let first = receiver.send("1").await;
    let (second, third) = (receiver.send("2").await, receiver.send("3").await);
    let batch = receiver.begun();
    assert_eq!(batch.numbers, ["1"]);
    assert!(receiver.has_begun_none());
    batch.commit();
    first.await.unwrap().unwrap();
    quiet().await;
    let batch = receiver.begun();
    assert_eq!(batch.numbers, ["2", "3"]);
    assert!(!second.is_finished() && !third.is_finished(), "acknowledged before the commit");
    batch.commit();
    second.await.unwrap().unwrap();
    third.await.unwrap().unwrap();
    assert!(receiver.has_begun_none());
}

#[tokio::test]
async fn transactions_of_webhooks_run_side_by_side() {
    let mut receiver = Receiver::with_transactions(2);
    let slow = receiver.send("1").await;
    let second = receiver.send("2").await;
    let (third, fourth) = (receiver.send("3").await, receiver.send("4").await);
    let (held, batch) = (receiver.begun(), receiver.begun());
    assert_eq!((&held.numbers, &batch.numbers), (&vec!["1".to_owned()], &vec!["2".to_owned()]));
    assert!(receiver.has_begun_none());

    batch.commit();
    second.await.unwrap().unwrap();
    quiet().await;
    let shared = receiver.begun();
    assert_eq!(shared.numbers, ["3", "4"]);
    held.commit();
    slow.await.unwrap().unwrap();
    quiet().await;
    // The turn that is free now finds no event to take.
    assert!(receiver.has_begun_none() && !third.is_finished() && !fourth.is_finished());
    shared.commit();
    third.await.unwrap().unwrap();
    fourth.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_transaction_that_fails_is_told_to_all_its_senders() {
    let mut receiver = Receiver::with_transactions(1);
    let first = receiver.send("1").await;
    let (second, third) = (receiver.send("2").await, receiver.send("3").await);
    receiver.begun().commit();
    first.await.unwrap().unwrap();
    quiet().await;
    let failing = receiver.begun();
    failing.end.send(Err(StoreError::Unavailable("it is down".into()))).unwrap();
    for sender in [second, third] {
        let refused = sender.await.unwrap().unwrap_err();
        assert!(matches!(refused, WebhookError::Store(_) | WebhookError::NotStored), "{refused:?}");
    }
    let next = receiver.send("4").await;
    receiver.begun().commit();
    next.await.unwrap().unwrap();
}
