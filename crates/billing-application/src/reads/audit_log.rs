use billing_domain::ports::{AuditFilter, Part};
use billing_domain::{AuditRecord, WorkspaceId};

use super::{InvalidCursor, Page, PageRequest, Reads};
use crate::refusal::Refused;

impl Reads {
    /// The audit log in the order of commits, newest first. Allowed while billing is off.
    ///
    /// # Errors
    /// [`InvalidCursor`] and [`Refused::Store`].
    pub async fn audit_log(
        &self,
        workspace: &WorkspaceId,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditRecord>, Refused<InvalidCursor>> {
        let log = self.ports.store.audit_log();
        let page = Page::load(
            page,
            |record: &AuditRecord| record.id,
            |edge, limit| async move {
                let records = log.audit_records(workspace, filter, edge, limit).await?;
                let items = records.ok_or(InvalidCursor)?;
                Ok::<_, Refused<_>>(Part { items, is_cut: false, counted: None })
            },
            |than| async move {
                let counted = log.count_audit_records(workspace, filter, than).await?;
                Ok(counted.ok_or(InvalidCursor)?)
            },
        );
        page.await
    }
}
