//! The reads. They change nothing, take no lock and may be repeated.

mod apps;
mod audit_log;
mod catalog;
mod gate;
mod page;

use std::sync::Arc;

use billing_domain::GatewayAvailability;
use billing_domain::ports::{BillingStore, StoreError};

pub use gate::GatewayOption;
pub use page::*;

/// Everything a driving adapter can read.
pub struct Reads {
    store: Arc<dyn BillingStore>,
    availability: GatewayAvailability,
}

impl Reads {
    /// The reads over this store, in a deployment configured for these gateways.
    #[must_use]
    pub fn new(store: Arc<dyn BillingStore>, availability: GatewayAvailability) -> Self {
        Self { store, availability }
    }

    /// Passes when requests can be served.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when they cannot.
    pub async fn readiness(&self) -> Result<(), StoreError> {
        self.store.readiness().await
    }
}
