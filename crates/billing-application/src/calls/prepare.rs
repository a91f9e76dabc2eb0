use billing_domain::ports::StoreError;
use billing_domain::{
    CallOutcome, CallPurpose, GatewayAccountId, GatewayCall, GatewayCallId, GatewayCommand, IdempotencyKey,
    Timestamp, WorkId, WorkKind, WorkPriority, WorkspaceId,
};
use chrono::TimeDelta;

use crate::change::Tx;

/// The age at which a call counts as left by its caller.
const PATIENCE: TimeDelta = TimeDelta::seconds(20);

/// The work that drives a call to its end.
pub(crate) fn settlement_of(workspace: &WorkspaceId, call: GatewayCallId) -> WorkId {
    WorkId { workspace_id: workspace.clone(), kind: WorkKind::SettleCall, key: call.to_string() }
}

impl Tx {
    /// Writes down a call of this purpose, or joins the unresolved one: there are never two at a time.
    pub(crate) async fn prepare_call(
        &mut self,
        account: &GatewayAccountId,
        purpose: CallPurpose,
        command: &GatewayCommand,
    ) -> Result<GatewayCall, StoreError> {
        if let Some(call) = self.unresolved_call(account, &purpose).await? {
            return Ok(call);
        }
        let id = self.new_call_id();
        self.insert_call(id, account, purpose, command).await
    }

    /// The unresolved call of this purpose.
    pub(crate) async fn unresolved_call(
        &mut self,
        account: &GatewayAccountId,
        purpose: &CallPurpose,
    ) -> Result<Option<GatewayCall>, StoreError> {
        let calls = self.work.gateway_calls();
        calls.unresolved_call_of(&self.workspace.id, account, &purpose.subject()).await
    }

    /// The latest call of this purpose, whatever its outcome.
    pub(crate) async fn latest_call(
        &mut self,
        account: &GatewayAccountId,
        purpose: &CallPurpose,
    ) -> Result<Option<GatewayCall>, StoreError> {
        let calls = self.work.gateway_calls();
        calls.latest_call_of(&self.workspace.id, account, &purpose.subject()).await
    }

    pub(crate) fn new_call_id(&self) -> GatewayCallId {
        GatewayCallId::from_uuid(self.ports.ids.uuid_v7())
    }

    /// Writes down a call with this id, whose purpose has no unresolved one.
    pub(crate) async fn insert_call(
        &mut self,
        id: GatewayCallId,
        account: &GatewayAccountId,
        purpose: CallPurpose,
        command: &GatewayCommand,
    ) -> Result<GatewayCall, StoreError> {
        let call = GatewayCall {
            id,
            workspace_id: self.workspace.id.clone(),
            account: account.clone(),
            key: IdempotencyKey::from_uuid(self.ports.ids.uuid_v7()),
            purpose,
            request: self.ports.gateway.freeze(id, &self.workspace.id, command),
            outcome: CallOutcome::Unresolved,
            prepared_at: self.now,
        };
        self.work.gateway_calls().insert_gateway_call(&call).await?;
        self.work.work().schedule(&settlement_of(&self.workspace.id, id), self.now + PATIENCE).await?;
        Ok(call)
    }

    /// Writes down a call that the worker is to send at once.
    pub(crate) async fn prepare_due_call(
        &mut self,
        account: &GatewayAccountId,
        purpose: CallPurpose,
        command: &GatewayCommand,
    ) -> Result<(), StoreError> {
        let call = self.prepare_call(account, purpose, command).await?;
        let settlement = settlement_of(&self.workspace.id, call.id);
        self.schedule_now(&settlement).await
    }

    /// Schedules work that is due now, and wakes the worker when it is committed.
    pub(crate) async fn schedule_now(&mut self, id: &WorkId) -> Result<(), StoreError> {
        self.wakes_worker = true;
        self.work.work().schedule(id, self.now).await
    }

    /// Schedules work that nobody waits for. A row that is there keeps its priority.
    pub(crate) async fn schedule_in_background(
        &mut self,
        id: &WorkId,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        let (key, priority) = (std::slice::from_ref(&id.key), WorkPriority::Background);
        self.work.work().schedule_all(&id.workspace_id, id.kind, key, priority, due_at).await
    }
}
