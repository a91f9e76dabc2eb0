//! Doubles of the ports for unit tests: one generated `MockX` per small port, held by the store and the unit of work.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use mockall::mock;

use super::{
    AnsweredRequests, AppReader, AppRepository, AuditLog, AuditLogReader, BillingStore,
    CheckoutIntentRepository, Clock, FeatureReader, FeatureRepository, IdGenerator, MockAnsweredRequests,
    MockAppReader, MockAppRepository, MockAuditLog, MockAuditLogReader, MockCheckoutIntentRepository,
    MockFeatureReader, MockFeatureRepository, MockPlanReader, MockPlanRepository, MockSubscriptionRepository,
    MockSwitchReader, MockSwitchRepository, MockWorkReader, MockWorkRepository, PlanReader, PlanRepository,
    StoreError, SubscriptionRepository, SwitchReader, SwitchRepository, UnitOfWork, WorkReader,
    WorkRepository,
};
use crate::{Timestamp, WorkspaceId};

/// A clock with a fixed time.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Ids that count up from one.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl IdGenerator for SequentialIds {
    fn uuid_v7(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

mock! {
    /// The calls of a store that begin or probe.
    pub Transactions {
        /// [`BillingStore::readiness`].
        pub fn readiness(&self) -> Result<(), StoreError>;
        /// [`BillingStore::begin`].
        pub fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;
    }
}

mock! {
    /// The calls that end a unit of work.
    pub Ending {
        /// [`UnitOfWork::commit`].
        pub fn commit(&self) -> Result<(), StoreError>;
        /// [`UnitOfWork::rollback`].
        pub fn rollback(&self) -> Result<(), StoreError>;
    }
}

/// A store of one generated double per reader.
#[derive(Default)]
#[expect(missing_docs, reason = "each field is named for what the store hands out")]
pub struct MockBillingStore {
    pub switches: MockSwitchReader,
    pub apps: MockAppReader,
    pub plans: MockPlanReader,
    pub features: MockFeatureReader,
    pub audit_log: MockAuditLogReader,
    pub work: MockWorkReader,
    pub transactions: MockTransactions,
}

#[async_trait]
impl BillingStore for MockBillingStore {
    fn switches(&self) -> &dyn SwitchReader {
        &self.switches
    }

    fn apps(&self) -> &dyn AppReader {
        &self.apps
    }

    fn plans(&self) -> &dyn PlanReader {
        &self.plans
    }

    fn features(&self) -> &dyn FeatureReader {
        &self.features
    }

    fn audit_log(&self) -> &dyn AuditLogReader {
        &self.audit_log
    }

    fn work(&self) -> &dyn WorkReader {
        &self.work
    }

    async fn readiness(&self) -> Result<(), StoreError> {
        self.transactions.readiness()
    }

    async fn begin(&self, _workspace: &WorkspaceId) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.transactions.begin()
    }
}

/// A unit of work of one generated double per repository.
#[derive(Default)]
#[expect(missing_docs, reason = "each field is named for what the unit of work hands out")]
pub struct MockUnitOfWork {
    pub switches: MockSwitchRepository,
    pub apps: MockAppRepository,
    pub plans: MockPlanRepository,
    pub features: MockFeatureRepository,
    pub checkout_intents: MockCheckoutIntentRepository,
    pub subscriptions: MockSubscriptionRepository,
    pub answered_requests: MockAnsweredRequests,
    pub audit_log: MockAuditLog,
    pub work: MockWorkRepository,
    pub ending: MockEnding,
}

#[async_trait]
impl UnitOfWork for MockUnitOfWork {
    fn switches(&mut self) -> &mut dyn SwitchRepository {
        &mut self.switches
    }

    fn apps(&mut self) -> &mut dyn AppRepository {
        &mut self.apps
    }

    fn plans(&mut self) -> &mut dyn PlanRepository {
        &mut self.plans
    }

    fn features(&mut self) -> &mut dyn FeatureRepository {
        &mut self.features
    }

    fn checkout_intents(&mut self) -> &mut dyn CheckoutIntentRepository {
        &mut self.checkout_intents
    }

    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepository {
        &mut self.subscriptions
    }

    fn answered_requests(&mut self) -> &mut dyn AnsweredRequests {
        &mut self.answered_requests
    }

    fn audit_log(&mut self) -> &mut dyn AuditLog {
        &mut self.audit_log
    }

    fn work(&mut self) -> &mut dyn WorkRepository {
        &mut self.work
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.ending.commit()
    }

    async fn rollback(self: Box<Self>) -> Result<(), StoreError> {
        self.ending.rollback()
    }
}
