//! The gateway accounts that a workspace uses.

use billing_domain::ports::StoreError;
use billing_domain::{Gateway, GatewayAccountId, WorkId, WorkKind, WorkspaceId};
use chrono::TimeDelta;

use crate::change::Tx;

/// The time between two reconciliations of an account.
pub(crate) const RECONCILED_EVERY: TimeDelta = TimeDelta::minutes(10);

/// The work that reconciles an account of a workspace.
pub(crate) fn reconciliation_of(workspace: &WorkspaceId, account: &GatewayAccountId) -> WorkId {
    WorkId { workspace_id: workspace.clone(), kind: WorkKind::Reconcile, key: account.to_string() }
}

impl Tx {
    /// Records for good that the workspace uses an account, with the first call that makes something on it: whatever is
    /// asked later of every account it ever used finds this one. Of the mode of its key, it is never used in the other one
    /// (invariant I8).
    pub(crate) async fn use_account(
        &mut self,
        account: &GatewayAccountId,
        gateway: Gateway,
    ) -> Result<(), StoreError> {
        let is_live = self.ports.gateway.is_live(account);
        let links = self.work.gateway_links();
        if links.use_gateway_account(&self.workspace.id, account, gateway, is_live, self.now).await? {
            let reconciliation = reconciliation_of(&self.workspace.id, account);
            self.schedule_in_background(&reconciliation, self.now + RECONCILED_EVERY).await?;
        }
        Ok(())
    }
}
