use async_trait::async_trait;

use crate::WorkspaceId;

use super::{
    AccountModes, AppReader, AttentionReader, AuditLogReader, CheckoutIntentReader, DriftReader, EventInbox,
    FeatureReader, GatewayCallReader, GatewayLinkReader, InvoiceReader, PlanReader, Retention, RevenueReader,
    SubscriptionReader, SwitchReader, UnitOfWork, WorkReader,
};

/// The cause of a failure below a port, for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The store of billing. Its readers take one round trip and no transaction; every write goes through a
/// [`UnitOfWork`].
#[async_trait]
pub trait BillingStore: AccountModes {
    /// The billing switches.
    fn switches(&self) -> &dyn SwitchReader;
    /// The apps.
    fn apps(&self) -> &dyn AppReader;
    /// The plans and their prices.
    fn plans(&self) -> &dyn PlanReader;
    /// The features.
    fn features(&self) -> &dyn FeatureReader;
    /// The checkout intents.
    fn checkout_intents(&self) -> &dyn CheckoutIntentReader;
    /// The mirrored subscriptions.
    fn subscriptions(&self) -> &dyn SubscriptionReader;
    /// What reconciliation has mended.
    fn drifts(&self) -> &dyn DriftReader;
    /// The figures of revenue.
    fn revenue(&self) -> &dyn RevenueReader;
    /// The mirrored invoices.
    fn invoices(&self) -> &dyn InvoiceReader;
    /// The subscriptions that somebody has to look after.
    fn attention(&self) -> &dyn AttentionReader;
    /// The calls to Stripe.
    fn gateway_calls(&self) -> &dyn GatewayCallReader;
    /// The gateway accounts and the objects on them.
    fn gateway_links(&self) -> &dyn GatewayLinkReader;
    /// The inbox of webhooks.
    fn events(&self) -> &dyn EventInbox;
    /// The deletion of what is needed no longer.
    fn retention(&self) -> &dyn Retention;
    /// The audit log.
    fn audit_log(&self) -> &dyn AuditLogReader;
    /// The durable work of every workspace.
    fn work(&self) -> &dyn WorkReader;

    /// Checks that requests can be served: the database is reachable and has every migration this code needs.
    async fn readiness(&self) -> Result<(), StoreError>;

    /// Begins a transaction in a workspace. Hold at most one at a time, and never across a call to another system.
    ///
    /// Callers wait for their workspace before they take anything that all workspaces share: however many call for one
    /// workspace, the others are not held up (contract, I11). A caller who waited for 5 seconds gets
    /// [`StoreError::Unavailable`].
    async fn begin(&self, workspace: &WorkspaceId) -> Result<Box<dyn UnitOfWork>, StoreError>;
}

/// An error and its causes in one line, for the log.
#[must_use]
pub fn error_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another transaction changed or created the same data first. Nothing was written; load and decide again.
    #[error("the data was changed by someone else in the meantime")]
    Conflict,
    /// The database is unreachable or too busy. Nothing was written, except that a failed commit has an unknown
    /// outcome. May be repeated later.
    #[error("the database is unavailable")]
    Unavailable(#[source] BoxError),
    /// A row holds a value this code cannot have written. A repeat does not help: an operator must look.
    #[error("corrupt row: {table}.{column} of {row} cannot be read")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
    },
    /// Any other failure: a bug in the code or the schema.
    #[error("the database failed unexpectedly")]
    Unexpected(#[source] BoxError),
}
