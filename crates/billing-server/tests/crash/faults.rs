//! A store that fails on purpose, and a clock that moves on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use async_trait::async_trait;
use billing_application::Ports;
use billing_domain::ports::{
    AccountModes, AnsweredRequests, AppReader, AppRepository, AttentionReader, AuditLog, AuditLogReader,
    BillingStore, CheckoutIntentReader, CheckoutIntentRepository, Clock, DriftReader, DriftRepository,
    EventInbox, FeatureReader, FeatureRepository, GatewayCallReader, GatewayCallRepository,
    GatewayLinkReader, GatewayLinkRepository, IdGenerator, InvoiceReader, InvoiceRepository, PlanReader,
    PlanRepository, Retention, RevenueReader, RevenueRepository, StoreError, SubscriptionReader,
    SubscriptionRepository, SwitchReader, SwitchRepository, UnitOfWork, WorkReader, WorkRepository,
};
use billing_domain::{
    BillingSwitch, Blockers, GatewayAccountId, GatewayAvailability, GraceDays, Timestamp, Version,
    WorkspaceBilling, WorkspaceId,
};
use billing_stripe::{StripePaymentGateway, StripeSettings};
use tokio::sync::Semaphore;

/// A clock in microseconds since 1970.
#[derive(Default)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// The faults of one process.
#[derive(Default)]
pub(crate) struct Faults {
    /// The process dies at this commit, counted from zero: before it or after it.
    pub(crate) dies_at: Option<(usize, Moment)>,
    /// The lock of this workspace cannot be had.
    pub(crate) poisoned: Option<WorkspaceId>,
    /// The unit of work with this number, counted from zero, waits for a permit.
    pub(crate) waits_at: Option<(usize, Arc<Semaphore>)>,
    pub(crate) commits: AtomicUsize,
    pub(crate) begun: AtomicUsize,
    pub(crate) is_dead: AtomicBool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    After,
}

fn gone(why: &str) -> StoreError {
    StoreError::Unavailable(why.into())
}

impl Faults {
    pub(crate) fn is_dead(&self) -> bool {
        self.is_dead.load(Ordering::SeqCst)
    }

    pub(crate) fn has_begun(&self, number: usize) -> bool {
        self.begun.load(Ordering::SeqCst) > number
    }

    fn die(&self) -> Result<(), StoreError> {
        self.is_dead.store(true, Ordering::SeqCst);
        Err(gone("the process is dead"))
    }
}

pub(crate) struct FaultyStore {
    pub(crate) store: Arc<dyn BillingStore>,
    pub(crate) faults: Arc<Faults>,
}

#[async_trait]
impl AccountModes for FaultyStore {
    async fn mode_of_account(
        &self,
        account: &GatewayAccountId,
        is_live: bool,
    ) -> Result<Option<bool>, StoreError> {
        self.store.mode_of_account(account, is_live).await
    }
}

#[async_trait]
impl BillingStore for FaultyStore {
    fn switches(&self) -> &dyn SwitchReader {
        self.store.switches()
    }

    fn apps(&self) -> &dyn AppReader {
        self.store.apps()
    }

    fn plans(&self) -> &dyn PlanReader {
        self.store.plans()
    }

    fn features(&self) -> &dyn FeatureReader {
        self.store.features()
    }

    fn checkout_intents(&self) -> &dyn CheckoutIntentReader {
        self.store.checkout_intents()
    }

    fn subscriptions(&self) -> &dyn SubscriptionReader {
        self.store.subscriptions()
    }

    fn drifts(&self) -> &dyn DriftReader {
        self.store.drifts()
    }

    fn revenue(&self) -> &dyn RevenueReader {
        self.store.revenue()
    }

    fn invoices(&self) -> &dyn InvoiceReader {
        self.store.invoices()
    }

    fn attention(&self) -> &dyn AttentionReader {
        self.store.attention()
    }

    fn gateway_calls(&self) -> &dyn GatewayCallReader {
        self.store.gateway_calls()
    }

    fn gateway_links(&self) -> &dyn GatewayLinkReader {
        self.store.gateway_links()
    }

    fn events(&self) -> &dyn EventInbox {
        self.store.events()
    }

    fn retention(&self) -> &dyn Retention {
        self.store.retention()
    }

    fn audit_log(&self) -> &dyn AuditLogReader {
        self.store.audit_log()
    }

    fn work(&self) -> &dyn WorkReader {
        self.store.work()
    }

    async fn readiness(&self) -> Result<(), StoreError> {
        self.store.readiness().await
    }

    async fn begin(&self, workspace: &WorkspaceId) -> Result<Box<dyn UnitOfWork>, StoreError> {
        if self.faults.is_dead() {
            return Err(gone("the process is dead"));
        }
        let number = self.faults.begun.fetch_add(1, Ordering::SeqCst);
        if let Some((waiting, go_on)) = &self.faults.waits_at
            && *waiting == number
        {
            drop(go_on.acquire().await.unwrap());
        }
        Ok(Box::new(FaultyWork {
            work: self.store.begin(workspace).await?,
            faults: Arc::clone(&self.faults),
        }))
    }
}

struct FaultyWork {
    work: Box<dyn UnitOfWork>,
    faults: Arc<Faults>,
}

#[async_trait]
impl UnitOfWork for FaultyWork {
    fn switches(&mut self) -> &mut dyn SwitchRepository {
        self
    }

    fn apps(&mut self) -> &mut dyn AppRepository {
        self.work.apps()
    }

    fn plans(&mut self) -> &mut dyn PlanRepository {
        self.work.plans()
    }

    fn features(&mut self) -> &mut dyn FeatureRepository {
        self.work.features()
    }

    fn checkout_intents(&mut self) -> &mut dyn CheckoutIntentRepository {
        self.work.checkout_intents()
    }

    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepository {
        self.work.subscriptions()
    }

    fn drifts(&mut self) -> &mut dyn DriftRepository {
        self.work.drifts()
    }

    fn revenue(&mut self) -> &mut dyn RevenueRepository {
        self.work.revenue()
    }

    fn invoices(&mut self) -> &mut dyn InvoiceRepository {
        self.work.invoices()
    }

    fn gateway_calls(&mut self) -> &mut dyn GatewayCallRepository {
        self.work.gateway_calls()
    }

    fn gateway_links(&mut self) -> &mut dyn GatewayLinkRepository {
        self.work.gateway_links()
    }

    fn answered_requests(&mut self) -> &mut dyn AnsweredRequests {
        self.work.answered_requests()
    }

    fn audit_log(&mut self) -> &mut dyn AuditLog {
        self.work.audit_log()
    }

    fn work(&mut self) -> &mut dyn WorkRepository {
        self.work.work()
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let number = self.faults.commits.fetch_add(1, Ordering::SeqCst);
        match self.faults.dies_at {
            Some((at, Moment::Before)) if at == number => self.faults.die(),
            Some((at, Moment::After)) if at == number => {
                self.work.commit().await?;
                self.faults.die()
            }
            _ => self.work.commit().await,
        }
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.work.rollback().await
    }
}

#[async_trait]
impl SwitchRepository for FaultyWork {
    async fn lock_workspace(&mut self, workspace: &WorkspaceId) -> Result<WorkspaceBilling, StoreError> {
        if self.faults.poisoned.as_ref() == Some(workspace) {
            return Err(gone("poison"));
        }
        self.work.switches().lock_workspace(workspace).await
    }

    async fn save_switch(
        &mut self,
        workspace: &WorkspaceId,
        loaded: Version,
        switch: &BillingSwitch,
    ) -> Result<Version, StoreError> {
        self.work.switches().save_switch(workspace, loaded, switch).await
    }

    async fn blockers(&mut self, workspace: &WorkspaceId) -> Result<Blockers, StoreError> {
        self.work.switches().blockers(workspace).await
    }
}

/// Ports of a deployment without a key to Stripe.
pub(crate) fn without_stripe(
    store: Arc<dyn BillingStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
) -> Ports {
    let settings = StripeSettings::new(StripeSettings::STRIPE);
    let gateway = StripePaymentGateway::connect(&settings, store.clone()).unwrap();
    Ports {
        store,
        gateway: Arc::new(gateway),
        wake: Arc::default(),
        clock,
        ids,
        availability: GatewayAvailability::default(),
        grace: GraceDays::default(),
        public_base_url: "http://localhost".into(),
    }
}
