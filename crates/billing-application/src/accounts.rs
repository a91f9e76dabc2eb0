//! The gateway accounts that a workspace uses.

use std::convert::Infallible;

use async_trait::async_trait;
use billing_domain::ports::StoreError;
use billing_domain::{Actor, Gateway, GatewayAccountId, WorkId, WorkKind, WorkspaceId};
use chrono::TimeDelta;

use crate::change::{Change, Decision, Executor, Gate, Tx};
use crate::refusal::Refused;

/// The time between two reconciliations of an account.
pub(crate) const RECONCILED_EVERY: TimeDelta = TimeDelta::minutes(10);

/// The work that reconciles an account of a workspace.
pub(crate) fn reconciliation_of(workspace: &WorkspaceId, account: &GatewayAccountId) -> WorkId {
    WorkId { workspace_id: workspace.clone(), kind: WorkKind::Reconcile, key: account.to_string() }
}

/// Records for good that the workspace uses an account, before anything is made on it: whatever is asked later of every
/// account it ever used finds this one.
#[derive(Debug, Clone)]
struct UseAccount {
    account: GatewayAccountId,
    gateway: Gateway,
}

#[async_trait]
impl Change for UseAccount {
    const NAME: &'static str = "use_account";
    type Answer = ();
    type Refusal = Infallible;

    fn gate(&self) -> Gate<'_> {
        Gate::Always
    }

    async fn decide(&self, tx: &mut Tx) -> Result<Decision<()>, Refused<Infallible>> {
        let links = tx.work.gateway_links();
        if !links.use_gateway_account(&tx.workspace.id, &self.account, self.gateway, tx.now).await? {
            return Ok(Decision::Unchanged(()));
        }
        let reconciliation = reconciliation_of(&tx.workspace.id, &self.account);
        tx.work.work().schedule(&reconciliation, tx.now + RECONCILED_EVERY).await?;
        Ok(Decision::Changed(()))
    }
}

impl Executor {
    /// Records that the workspace uses the account, unless it is recorded. May be repeated.
    pub(crate) async fn use_account(
        &self,
        workspace: &WorkspaceId,
        actor: &Actor,
        account: &GatewayAccountId,
        gateway: Gateway,
    ) -> Result<(), StoreError> {
        if self.ports.store.gateway_links().gateway_accounts(workspace).await?.contains(account) {
            return Ok(());
        }
        let used = UseAccount { account: account.clone(), gateway };
        self.change_as(workspace, actor, &used).await.map_err(StoreError::from)
    }
}
