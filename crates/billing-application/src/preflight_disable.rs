use std::sync::Arc;

use billing_domain::ports::{BillingStore, StoreError};
use billing_domain::{Blockers, WorkspaceId};

/// Tells what would block switching billing off, changing nothing.
///
/// The answer is a forecast: only [`DisableBilling`](crate::DisableBilling) decides, with checkouts held back.
pub struct PreflightDisable {
    store: Arc<dyn BillingStore>,
}

impl PreflightDisable {
    /// The use case over this store.
    #[must_use]
    pub fn new(store: Arc<dyn BillingStore>) -> Self {
        Self { store }
    }

    /// Everything through which Stripe can still charge someone in this workspace.
    ///
    /// # Errors
    /// Whatever keeps the store from answering.
    pub async fn execute(&self, workspace: &WorkspaceId) -> Result<Blockers, StoreError> {
        self.store.blockers(workspace).await
    }
}
