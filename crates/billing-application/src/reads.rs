//! The reads. They take no lock and may be repeated.

mod apps;
mod audit_log;
mod catalog;
mod gate;
mod page;

use std::sync::Arc;

use billing_domain::GatewayAvailability;
use billing_domain::ports::{BillingStore, StoreError};

pub use catalog::Listed;
pub use gate::GatewayOption;
pub use page::*;

/// The reads for driving adapters.
pub struct Reads {
    store: Arc<dyn BillingStore>,
    availability: GatewayAvailability,
}

impl Reads {
    /// The reads of this store, with these configured gateways.
    #[must_use]
    pub fn new(store: Arc<dyn BillingStore>, availability: GatewayAvailability) -> Self {
        Self { store, availability }
    }

    /// Checks that requests can be served.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when they cannot.
    pub async fn readiness(&self) -> Result<(), StoreError> {
        self.store.readiness().await
    }
}
