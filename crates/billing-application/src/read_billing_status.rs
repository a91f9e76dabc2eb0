use std::sync::Arc;

use billing_domain::ports::{BillingStore, StoreError};
use billing_domain::{BillingSwitch, WorkspaceId};

/// Tells whether a workspace's billing is on. One read, no lock.
pub struct ReadBillingStatus {
    store: Arc<dyn BillingStore>,
}

impl ReadBillingStatus {
    /// The use case over this store.
    #[must_use]
    pub fn new(store: Arc<dyn BillingStore>) -> Self {
        Self { store }
    }

    /// The workspace's switch; off for a workspace that was never seen.
    ///
    /// # Errors
    /// Whatever keeps the store from answering.
    pub async fn execute(&self, workspace: &WorkspaceId) -> Result<BillingSwitch, StoreError> {
        self.store.billing_switch(workspace).await
    }
}
