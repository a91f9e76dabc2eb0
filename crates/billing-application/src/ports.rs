use std::sync::Arc;

use billing_domain::ports::{BillingStore, Clock, IdGenerator, StoreError, UnitOfWork};
use billing_domain::{
    Actor, Administrator, AuditEntry, AuditEntryId, AuditedChange, SwitchChange, Version, WorkspaceBilling,
    WorkspaceId,
};

/// What the use cases need from outside.
#[derive(Clone)]
pub struct Ports {
    /// Where state is kept.
    pub store: Arc<dyn BillingStore>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl Ports {
    /// Saves the change of a locked workspace's switch with its audit entry, makes both durable, and returns
    /// the workspace as it is then.
    pub(crate) async fn commit_switch_change(
        &self,
        mut work: Box<dyn UnitOfWork>,
        workspace: WorkspaceBilling,
        change: SwitchChange,
        actor: &Actor,
    ) -> Result<WorkspaceBilling, StoreError> {
        let version: Version = work.save_switch(&workspace.id, workspace.version, &change.after).await?;
        let audited = AuditedChange::BillingSwitch(change);
        self.append_audit_entry(&mut *work, &workspace.id, actor, audited).await?;
        work.commit().await?;
        tracing::info!(
            workspace_id = %workspace.id, %actor, event = ?change.event, "billing switch changed"
        );
        Ok(WorkspaceBilling { switch: change.after, version, ..workspace })
    }
    /// Writes down who changed what, in the transaction that changes it.
    pub(crate) async fn audit(
        &self,
        work: &mut dyn UnitOfWork,
        administrator: &Administrator,
        change: AuditedChange,
    ) -> Result<(), StoreError> {
        self.append_audit_entry(work, &administrator.workspace_id, &administrator.actor, change).await
    }

    async fn append_audit_entry(
        &self,
        work: &mut dyn UnitOfWork,
        workspace: &WorkspaceId,
        actor: &Actor,
        change: AuditedChange,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry {
            id: AuditEntryId::from_uuid(self.ids.uuid_v7()),
            workspace_id: workspace.clone(),
            actor: actor.clone(),
            change,
            at: self.clock.now(),
        };
        work.append_audit_entry(&entry).await
    }
}
