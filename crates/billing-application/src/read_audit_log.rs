use std::sync::Arc;

use billing_domain::ports::{BillingStore, StoreError};
use billing_domain::{Actor, AuditEntry, AuditEntryId, StateVisitor, Timestamp, WorkspaceId};
use serde::Serialize;
use serde_json::Value;

use crate::page::{InvalidCursor, Page, PageRequest};

/// Tells who changed what in a workspace, whether its billing is on or not.
pub struct ReadAuditLog {
    store: Arc<dyn BillingStore>,
}

/// One line of the audit log, with the states as they are written.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRecord {
    /// Its id.
    pub id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What was changed, in a word.
    pub subject: &'static str,
    /// What happened to it, in a word.
    pub event: &'static str,
    /// As it was; null if it was made.
    pub before: Value,
    /// As it is; null if it was deleted.
    pub after: Value,
}

/// Why the log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadAuditLogError {
    /// The page that was asked for is none.
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReadAuditLog {
    /// The use case over this store.
    #[must_use]
    pub fn new(store: Arc<dyn BillingStore>) -> Self {
        Self { store }
    }

    /// The log, newest first.
    ///
    /// # Errors
    /// [`ReadAuditLogError`].
    pub async fn execute(
        &self,
        workspace: &WorkspaceId,
        page: &PageRequest,
    ) -> Result<Page<AuditRecord>, ReadAuditLogError> {
        let before = page.position()?;
        let entries = self.store.audit_entries(workspace, before, page.limit.and_one_more()).await?;
        let page = Page::cut(entries, page.limit, |entry| entry.id);
        let records: Result<_, _> = page.items.into_iter().map(record).collect();
        let items = records.map_err(|error| StoreError::Unexpected(Box::new(error)))?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }
}

fn record(entry: AuditEntry) -> serde_json::Result<AuditRecord> {
    let (before, after) = entry.change.visit_states(ToJson)?;
    Ok(AuditRecord {
        id: entry.id,
        at: entry.at,
        subject: entry.change.subject(),
        event: entry.change.event(),
        actor: entry.actor,
        before,
        after,
    })
}

struct ToJson;

impl StateVisitor for ToJson {
    type Output = serde_json::Result<(Value, Value)>;

    fn visit<T: Serialize>(self, before: Option<&T>, after: Option<&T>) -> Self::Output {
        Ok((serde_json::to_value(before)?, serde_json::to_value(after)?))
    }
}

#[cfg(test)]
mod tests;
