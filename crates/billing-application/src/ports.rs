use std::sync::Arc;

use billing_domain::ports::{BillingStore, Clock, IdGenerator, PaymentGateway};
use billing_domain::{GatewayAvailability, GraceDays};
use tokio::sync::Notify;

/// The ports of the use cases.
#[derive(Clone)]
pub struct Ports {
    /// The store of billing.
    pub store: Arc<dyn BillingStore>,
    /// The payment gateway.
    pub gateway: Arc<dyn PaymentGateway>,
    /// Wakes a worker of this process when work is due.
    pub wake: Arc<Notify>,
    /// The current time.
    pub clock: Arc<dyn Clock>,
    /// The source of new ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The gateways this deployment is configured for.
    pub availability: GatewayAvailability,
    /// The days for which a subscription that is past due keeps its access.
    pub grace: GraceDays,
    /// The address of the service for browsers, without a slash at its end.
    pub public_base_url: Arc<str>,
}
