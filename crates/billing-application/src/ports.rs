use std::sync::Arc;

use billing_domain::GatewayAvailability;
use billing_domain::ports::{BillingStore, Clock, IdGenerator};

/// The ports of the use cases.
#[derive(Clone)]
pub struct Ports {
    /// The store of billing.
    pub store: Arc<dyn BillingStore>,
    /// The current time.
    pub clock: Arc<dyn Clock>,
    /// The source of new ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The gateways this deployment is configured for.
    pub availability: GatewayAvailability,
}
