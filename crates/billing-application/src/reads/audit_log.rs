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
        page: &PageRequest,
    ) -> Result<Page<AuditRecord>, Refused<InvalidCursor>> {
        let before = page.position()?;
        let limit = page.limit.and_one_more();
        let records =
            self.store.audit_log().audit_records(workspace, before, limit).await?.ok_or(InvalidCursor)?;
        Ok(Page::cut(records, page.limit, |record| record.id))
    }
}
