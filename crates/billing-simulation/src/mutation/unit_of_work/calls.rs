//! The calls of a transaction with a weakened rule.

use async_trait::async_trait;
use billing_domain::ports::{GatewayCallRepository, StoreError};
use billing_domain::{
    CallOutcome, GatewayAccountId, GatewayCall, GatewayCallId, InvoiceId, StripeId, Timestamp, WorkspaceId,
};

use super::WeakUnitOfWork;
use crate::mutation::Mutation;

#[async_trait]
impl GatewayCallRepository for WeakUnitOfWork {
    async fn gateway_call_to_change(
        &mut self,
        workspace: &WorkspaceId,
        call: GatewayCallId,
    ) -> Result<Option<GatewayCall>, StoreError> {
        self.inner().gateway_calls().gateway_call_to_change(workspace, call).await
    }

    async fn unresolved_call_of(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subject: &str,
    ) -> Result<Option<GatewayCall>, StoreError> {
        self.inner().gateway_calls().unresolved_call_of(workspace, account, subject).await
    }

    async fn unresolved_since(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        kind: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.inner().gateway_calls().unresolved_since(workspace, account, kind).await
    }

    async fn latest_call_of(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subject: &str,
    ) -> Result<Option<GatewayCall>, StoreError> {
        self.inner().gateway_calls().latest_call_of(workspace, account, subject).await
    }

    async fn calls_on_invoice(
        &mut self,
        workspace: &WorkspaceId,
        invoice: InvoiceId,
        payments: &[StripeId],
    ) -> Result<Vec<GatewayCall>, StoreError> {
        if self.is(Mutation::RefundCallsForgotten) {
            return Ok(Vec::new());
        }
        self.inner().gateway_calls().calls_on_invoice(workspace, invoice, payments).await
    }

    async fn insert_gateway_call(&mut self, call: &GatewayCall) -> Result<(), StoreError> {
        self.inner().gateway_calls().insert_gateway_call(call).await
    }

    async fn resolve_gateway_call(
        &mut self,
        workspace: &WorkspaceId,
        call: GatewayCallId,
        outcome: &CallOutcome,
    ) -> Result<(), StoreError> {
        self.inner().gateway_calls().resolve_gateway_call(workspace, call, outcome).await
    }
}
