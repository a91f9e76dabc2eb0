//! The reads. They take no lock and may be repeated.

mod apps;
mod audit_log;
mod catalog;
mod export;
mod gate;
mod page;
mod payer;
mod revenue;
mod sales;
mod timeline;
mod work;

use billing_domain::ports::StoreError;

use crate::{Executor, Ports};

pub use catalog::Listed;
pub use export::SalesExport;
pub use gate::GatewayOption;
pub use page::*;
pub use payer::{PayerAccess, PayerFacts};
pub use timeline::{Attention, Timeline};

/// The reads for driving adapters.
pub struct Reads {
    ports: Ports,
}

impl Reads {
    /// The reads over these ports.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// Checks that requests can be served.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when they cannot.
    pub async fn readiness(&self) -> Result<(), StoreError> {
        self.ports.store.readiness().await
    }
}

impl Executor {
    /// The reads over the same ports.
    #[must_use]
    pub fn reads(&self) -> Reads {
        Reads::new(self.ports.clone())
    }
}
