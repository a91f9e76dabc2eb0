use std::sync::Arc;

use billing_domain::ports::{BillingStore, StoreError};
use billing_domain::{Blockers, WorkspaceId};

/// Tells what would block switching billing off, changing nothing.
///
/// The answer is a forecast: only [`DisableBilling`](crate::DisableBilling) decides, with checkouts held back.
pub struct PreflightDisable {
    store: Arc<dyn BillingStore>,
}

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum PreflightDisableError {
    /// Billing is off already.
    #[error("Billing is not enabled in this workspace.")]
    NotEnabled,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
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
    /// [`PreflightDisableError`].
    pub async fn execute(&self, workspace: &WorkspaceId) -> Result<Blockers, PreflightDisableError> {
        if !self.store.billing_switch(workspace).await?.is_on() {
            return Err(PreflightDisableError::NotEnabled);
        }
        Ok(self.store.blockers(workspace).await?)
    }
}

#[cfg(test)]
mod tests;
