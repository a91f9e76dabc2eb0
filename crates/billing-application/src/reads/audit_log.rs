use billing_domain::ports::AuditFilter;
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
                Ok::<_, Refused<_>>(records.ok_or(InvalidCursor)?)
            },
            |than| async move {
                let counted = log.count_audit_records(workspace, filter, than).await?;
                Ok(counted.ok_or(InvalidCursor)?)
            },
        );
        page.await
    }
}
