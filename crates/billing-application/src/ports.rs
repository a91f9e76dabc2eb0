use std::sync::Arc;

use billing_domain::GatewayAvailability;
use billing_domain::ports::{BillingStore, Clock, IdGenerator};

/// What the use cases need from outside.
#[derive(Clone)]
pub struct Ports {
    /// The state of billing.
    pub store: Arc<dyn BillingStore>,
    /// The current time.
    pub clock: Arc<dyn Clock>,
    /// The source of new ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The gateways this deployment is configured for.
    pub availability: GatewayAvailability,
}
