//! Doubles of the ports for unit tests: one generated `MockX` per small port, held by the store and the unit of work.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use mockall::mock;

use super::{
    AccountModes, AnsweredRequests, AppReader, AppRepository, AttentionReader, AuditLog, AuditLogReader,
    BillingStore, CheckoutIntentReader, CheckoutIntentRepository, Clock, DriftReader, DriftRepository,
    EventInbox, FeatureReader, FeatureRepository, GatewayAccounts, GatewayCallReader, GatewayCallRepository,
    GatewayCalls, GatewayError, GatewayEvents, GatewayLinkReader, GatewayLinkRepository, GatewayReads,
    GatewayScope, IdGenerator, InvoiceReader, InvoiceRepository, MockAccountModes, MockAnsweredRequests,
    MockAppReader, MockAppRepository, MockAttentionReader, MockAuditLog, MockAuditLogReader,
    MockCheckoutIntentReader, MockCheckoutIntentRepository, MockDriftReader, MockDriftRepository,
    MockEventInbox, MockFeatureReader, MockFeatureRepository, MockGatewayCallReader,
    MockGatewayCallRepository, MockGatewayLinkReader, MockGatewayLinkRepository, MockInvoiceReader,
    MockInvoiceRepository, MockPlanReader, MockPlanRepository, MockRetention, MockRevenueReader,
    MockRevenueRepository, MockSubscriptionReader, MockSubscriptionRepository, MockSwitchReader,
    MockSwitchRepository, MockWorkReader, MockWorkRepository, ObjectPage, OpenedPage, PayingWorkspace,
    PlanReader, PlanRepository, Retention, RevenueReader, RevenueRepository, SentCall, StoreError,
    SubscriptionReader, SubscriptionRepository, SwitchReader, SwitchRepository, UnitOfWork, WebhookRefused,
    WorkReader, WorkRepository,
};
use crate::{
    ChangeableSubscription, ChargeableObject, FrozenRequest, Gateway, GatewayAccountId, GatewayCall,
    GatewayCallId, GatewayCheckoutSession, GatewayCommand, GatewayEvent, GatewayInvoice, GatewaySubscription,
    ItemChange, PreviewedInvoice, StripeId, StripeSubscriptionId, Timestamp, WorkspaceId,
};

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

/// The modes of accounts that are all used in this one; of none that is used yet.
#[derive(Debug, Clone, Copy)]
pub struct FixedMode(pub Option<bool>);

#[async_trait]
impl AccountModes for FixedMode {
    async fn mode_of_account(
        &self,
        _account: &GatewayAccountId,
        _is_live: bool,
    ) -> Result<Option<bool>, StoreError> {
        Ok(self.0)
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
    pub account_modes: MockAccountModes,
    pub switches: MockSwitchReader,
    pub apps: MockAppReader,
    pub plans: MockPlanReader,
    pub features: MockFeatureReader,
    pub checkout_intents: MockCheckoutIntentReader,
    pub subscriptions: MockSubscriptionReader,
    pub drifts: MockDriftReader,
    pub revenue: MockRevenueReader,
    pub invoices: MockInvoiceReader,
    pub attention: MockAttentionReader,
    pub gateway_calls: MockGatewayCallReader,
    pub gateway_links: MockGatewayLinkReader,
    pub events: MockEventInbox,
    pub retention: MockRetention,
    pub audit_log: MockAuditLogReader,
    pub work: MockWorkReader,
    pub transactions: MockTransactions,
}

#[async_trait]
impl AccountModes for MockBillingStore {
    async fn mode_of_account(
        &self,
        account: &GatewayAccountId,
        is_live: bool,
    ) -> Result<Option<bool>, StoreError> {
        self.account_modes.mode_of_account(account, is_live).await
    }
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

    fn checkout_intents(&self) -> &dyn CheckoutIntentReader {
        &self.checkout_intents
    }

    fn subscriptions(&self) -> &dyn SubscriptionReader {
        &self.subscriptions
    }

    fn drifts(&self) -> &dyn DriftReader {
        &self.drifts
    }

    fn revenue(&self) -> &dyn RevenueReader {
        &self.revenue
    }

    fn invoices(&self) -> &dyn InvoiceReader {
        &self.invoices
    }

    fn attention(&self) -> &dyn AttentionReader {
        &self.attention
    }

    fn gateway_calls(&self) -> &dyn GatewayCallReader {
        &self.gateway_calls
    }

    fn gateway_links(&self) -> &dyn GatewayLinkReader {
        &self.gateway_links
    }

    fn events(&self) -> &dyn EventInbox {
        &self.events
    }

    fn retention(&self) -> &dyn Retention {
        &self.retention
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
    pub drifts: MockDriftRepository,
    pub revenue: MockRevenueRepository,
    pub invoices: MockInvoiceRepository,
    pub gateway_calls: MockGatewayCallRepository,
    pub gateway_links: MockGatewayLinkRepository,
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

    fn drifts(&mut self) -> &mut dyn DriftRepository {
        &mut self.drifts
    }

    fn revenue(&mut self) -> &mut dyn RevenueRepository {
        &mut self.revenue
    }

    fn invoices(&mut self) -> &mut dyn InvoiceRepository {
        &mut self.invoices
    }

    fn gateway_calls(&mut self) -> &mut dyn GatewayCallRepository {
        &mut self.gateway_calls
    }

    fn gateway_links(&mut self) -> &mut dyn GatewayLinkRepository {
        &mut self.gateway_links
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

/// The answer of a double that may take its time.
pub type PendingAnswer<T> = Pin<Box<dyn Future<Output = Result<T, GatewayError>> + Send>>;

mock! {
    /// A double of the payment gateway. Two of its reads answer with a future, so that a test can delay them: `async fn`
    /// answers at once in a generated double. Their signatures are what `async_trait` makes of the port's.
    pub PaymentGateway {}

    #[async_trait]
    impl GatewayAccounts for PaymentGateway {
        async fn account_of(&self, gateway: Gateway) -> Result<GatewayAccountId, GatewayError>;
        fn serves_one_workspace(&self, account: &GatewayAccountId) -> bool;
        fn is_live(&self, account: &GatewayAccountId) -> bool;
    }

    #[async_trait]
    impl GatewayCalls for PaymentGateway {
        fn freeze(
            &self,
            call: GatewayCallId,
            workspace: &WorkspaceId,
            command: &GatewayCommand,
        ) -> FrozenRequest;
        async fn send(&self, call: &GatewayCall, important: bool) -> Result<SentCall, GatewayError>;
        async fn open_page(&self, call: &GatewayCall) -> Result<OpenedPage, GatewayError>;
        async fn object_of(&self, call: &GatewayCall) -> Result<Option<StripeId>, GatewayError>;
    }

    #[async_trait]
    impl GatewayReads for PaymentGateway {
        async fn checkout_session(
            &self,
            account: &GatewayAccountId,
            id: &StripeId,
        ) -> Result<Option<GatewayCheckoutSession>, GatewayError>;
        fn subscription<'life0, 'life1, 'life2, 'async_trait>(
            &'life0 self,
            account: &'life1 GatewayAccountId,
            id: &'life2 StripeSubscriptionId,
        ) -> PendingAnswer<Option<GatewaySubscription>>
        where
            'life0: 'async_trait,
            'life1: 'async_trait,
            'life2: 'async_trait,
            Self: 'async_trait;
        async fn changeable_subscription(
            &self,
            account: &GatewayAccountId,
            id: &StripeSubscriptionId,
        ) -> Result<Option<ChangeableSubscription>, GatewayError>;
        async fn previewed_change(
            &self,
            account: &GatewayAccountId,
            change: &ItemChange,
        ) -> Result<PreviewedInvoice, GatewayError>;
        async fn invoice(
            &self,
            account: &GatewayAccountId,
            id: &StripeId,
        ) -> Result<Option<GatewayInvoice>, GatewayError>;
        async fn invoices_of_payment(
            &self,
            account: &GatewayAccountId,
            payment: &StripeId,
        ) -> Result<Vec<StripeId>, GatewayError>;
        fn chargeable<'life0, 'life1, 'life2, 'async_trait>(
            &'life0 self,
            account: &'life1 GatewayAccountId,
            scope: &'life2 GatewayScope,
        ) -> PendingAnswer<Vec<ChargeableObject>>
        where
            'life0: 'async_trait,
            'life1: 'async_trait,
            'life2: 'async_trait,
            Self: 'async_trait;
        async fn objects(
            &self,
            account: &GatewayAccountId,
            scope: &GatewayScope,
            after: Option<StripeId>,
        ) -> Result<ObjectPage, GatewayError>;
        async fn unrefunded_payments(
            &self,
            account: &GatewayAccountId,
            subscription: &StripeSubscriptionId,
        ) -> Result<Vec<StripeId>, GatewayError>;
        async fn paying_workspaces(&self, gateway: Gateway) -> Result<Vec<PayingWorkspace>, GatewayError>;
    }

    impl GatewayEvents for PaymentGateway {
        fn verified_event(
            &self,
            body: &[u8],
            signature: &str,
            now: Timestamp,
        ) -> Result<GatewayEvent, WebhookRefused>;
    }
}
