use async_trait::async_trait;

use super::{
    AnsweredRequests, AppRepository, AuditLog, CheckoutIntentRepository, DriftRepository, FeatureRepository,
    GatewayCallRepository, GatewayLinkRepository, InvoiceRepository, PlanRepository, RevenueRepository,
    StoreError, SubscriptionRepository, SwitchRepository, WorkRepository,
};

/// One transaction with its repositories. Dropping it rolls back; an expected refusal calls
/// [`rollback`](Self::rollback), which is cheaper.
#[async_trait]
pub trait UnitOfWork: Send {
    /// The billing switches.
    fn switches(&mut self) -> &mut dyn SwitchRepository;
    /// The apps.
    fn apps(&mut self) -> &mut dyn AppRepository;
    /// The plans and their prices.
    fn plans(&mut self) -> &mut dyn PlanRepository;
    /// The features.
    fn features(&mut self) -> &mut dyn FeatureRepository;
    /// The checkout intents.
    fn checkout_intents(&mut self) -> &mut dyn CheckoutIntentRepository;
    /// The mirrored subscriptions.
    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepository;
    /// What reconciliation mends.
    fn drifts(&mut self) -> &mut dyn DriftRepository;
    /// The facts of revenue.
    fn revenue(&mut self) -> &mut dyn RevenueRepository;
    /// The mirrored invoices.
    fn invoices(&mut self) -> &mut dyn InvoiceRepository;
    /// The calls to Stripe.
    fn gateway_calls(&mut self) -> &mut dyn GatewayCallRepository;
    /// The gateway accounts and the objects on them.
    fn gateway_links(&mut self) -> &mut dyn GatewayLinkRepository;
    /// The answered requests.
    fn answered_requests(&mut self) -> &mut dyn AnsweredRequests;
    /// The audit log.
    fn audit_log(&mut self) -> &mut dyn AuditLog;
    /// The durable work.
    fn work(&mut self) -> &mut dyn WorkRepository;

    /// Commits. On [`StoreError::Unavailable`] the outcome is unknown.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Rolls back and releases the locks.
    async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
}
