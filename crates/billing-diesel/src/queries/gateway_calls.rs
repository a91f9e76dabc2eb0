use billing_domain::ports::{GatewayCallReader, GatewayCallRepository, StoreError};
use billing_domain::{
    CallOutcome, CallPurpose, FrozenRequest, GatewayAccountId, GatewayCall, GatewayCallId, InvoiceId,
    StripeId, StripeSubscriptionId, Timestamp, WorkspaceId,
};
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::condition::Condition;
use super::dialect::{Backend, Conn, one_of};
use super::schema::gateway_calls;
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{Row, to_json, written};

/// In the words of the partial indexes, which answer to no bound value.
const UNRESOLVED: &str = "outcome = 'unresolved'";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = gateway_calls, check_for_backend(Backend), treat_none_as_default_value = false)]
struct GatewayCallRow {
    workspace_id: String,
    call_id: String,
    account: String,
    idempotency_key: String,
    subject: String,
    purpose: String,
    method: String,
    path: String,
    body: String,
    outcome: String,
    object_id: Option<String>,
    reason: Option<String>,
    prepared_at: Timestamp,
    /// Those of the purpose, for the indexes.
    invoice_id: Option<String>,
    refunded_payment: Option<String>,
}

/// The columns `outcome`, `object_id` and `reason`.
fn outcome_columns(outcome: &CallOutcome) -> (&'static str, Option<&str>, Option<&str>) {
    match outcome {
        CallOutcome::Unresolved => ("unresolved", None, None),
        CallOutcome::Done(object) => ("done", Some(object.as_str()), None),
        CallOutcome::Refused(reason) => ("refused", None, Some(reason)),
    }
}

impl GatewayCallRow {
    fn new(call: &GatewayCall) -> Result<Self, StoreError> {
        let (outcome, object_id, reason) = outcome_columns(&call.outcome);
        Ok(Self {
            workspace_id: call.workspace_id.to_string(),
            call_id: call.id.to_string(),
            account: call.account.to_string(),
            idempotency_key: call.key.to_string(),
            subject: call.purpose.subject(),
            purpose: to_json(&call.purpose)?,
            method: call.request.method.as_str().to_owned(),
            path: call.request.path.clone(),
            body: call.request.body.clone(),
            outcome: outcome.to_owned(),
            object_id: object_id.map(str::to_owned),
            reason: reason.map(str::to_owned),
            prepared_at: call.prepared_at,
            invoice_id: call.purpose.invoice().map(String::from),
            refunded_payment: call.purpose.refunded_payment().map(ToString::to_string),
        })
    }

    fn into_domain(self) -> Result<GatewayCall, StoreError> {
        let row = Row { table: "gateway_calls", key: &self.call_id };
        let outcome = match self.outcome.as_str() {
            "unresolved" => CallOutcome::Unresolved,
            "done" => {
                let object = row.present("object_id", self.object_id)?;
                CallOutcome::Done(row.read("object_id", object)?)
            }
            "refused" => CallOutcome::Refused(row.present("reason", self.reason)?),
            _ => return Err(row.corrupt("outcome")),
        };
        Ok(GatewayCall {
            id: row.read("call_id", self.call_id.as_str())?,
            workspace_id: row.read("workspace_id", self.workspace_id)?,
            account: row.read("account", self.account)?,
            key: row.read("idempotency_key", self.idempotency_key)?,
            purpose: row.facts("purpose", &self.purpose)?,
            request: FrozenRequest {
                method: row.read("method", self.method)?,
                path: self.path,
                body: self.body,
            },
            outcome,
            prepared_at: self.prepared_at,
        })
    }
}

fn into_call(row: QueryResult<GatewayCallRow>) -> Result<Option<GatewayCall>, StoreError> {
    row.optional().map_err(store_error)?.map(GatewayCallRow::into_domain).transpose()
}

async fn one(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    call: GatewayCallId,
) -> Result<Option<GatewayCall>, StoreError> {
    let row = gateway_calls::table.find((workspace.as_str(), call.to_string()));
    into_call(row.select(GatewayCallRow::as_select()).get_result(conn).await)
}

#[async_trait::async_trait]
impl GatewayCallReader for DieselBillingStore {
    async fn gateway_call(
        &self,
        workspace: &WorkspaceId,
        call: GatewayCallId,
    ) -> Result<Option<GatewayCall>, StoreError> {
        one(&mut *self.reader(workspace).await?, workspace, call).await
    }

    async fn unresolved_calls(
        &self,
        workspace: &WorkspaceId,
        after: Option<GatewayCallId>,
        limit: u32,
    ) -> Result<Vec<GatewayCall>, StoreError> {
        let after = after.map(|after| after.to_string()).unwrap_or_default();
        let rows: Vec<GatewayCallRow> = gateway_calls::table
            .filter(gateway_calls::workspace_id.eq(workspace.as_str()))
            .filter(gateway_calls::call_id.gt(after))
            .filter(Condition::constant(UNRESOLVED))
            .order(gateway_calls::call_id)
            .limit(limit.into())
            .select(GatewayCallRow::as_select())
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(GatewayCallRow::into_domain).collect()
    }

    async fn is_ended_duplicate(
        &self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subscription: &StripeSubscriptionId,
    ) -> Result<bool, StoreError> {
        let ends = gateway_calls::table
            .filter(gateway_calls::workspace_id.eq(workspace.as_str()))
            .filter(gateway_calls::account.eq(account.as_str()))
            .filter(gateway_calls::subject.like(of_kind(CallPurpose::CANCEL_DUPLICATE)).escape('\\'))
            .filter(gateway_calls::object_id.eq(subscription.as_str()));
        let conn = &mut *self.reader(workspace).await?;
        select(exists(ends)).get_result(conn).await.map_err(store_error)
    }
}

/// The pattern of the subjects of a kind.
fn of_kind(kind: &str) -> String {
    format!("{}/%", kind.replace('_', "\\_"))
}

#[async_trait::async_trait]
impl GatewayCallRepository for DieselUnitOfWork {
    async fn gateway_call_to_change(
        &mut self,
        workspace: &WorkspaceId,
        call: GatewayCallId,
    ) -> Result<Option<GatewayCall>, StoreError> {
        one(self.conn()?, workspace, call).await
    }

    async fn unresolved_call_of(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subject: &str,
    ) -> Result<Option<GatewayCall>, StoreError> {
        let row = gateway_calls::table
            .filter(gateway_calls::workspace_id.eq(workspace.as_str()))
            .filter(gateway_calls::account.eq(account.as_str()))
            .filter(gateway_calls::subject.eq(subject))
            .filter(Condition::constant(UNRESOLVED))
            .select(GatewayCallRow::as_select())
            .get_result(self.conn()?)
            .await;
        into_call(row)
    }

    async fn unresolved_since(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        kind: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let subject = of_kind(kind);
        let of_kind = gateway_calls::table
            .filter(gateway_calls::workspace_id.eq(workspace.as_str()))
            .filter(gateway_calls::account.eq(account.as_str()))
            .filter(gateway_calls::subject.like(subject).escape('\\'))
            .filter(Condition::constant(UNRESOLVED));
        let oldest = of_kind.order(gateway_calls::call_id).limit(1).select(gateway_calls::prepared_at);
        oldest.get_result(self.conn()?).await.optional().map_err(store_error)
    }

    async fn latest_call_of(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        subject: &str,
    ) -> Result<Option<GatewayCall>, StoreError> {
        let row = gateway_calls::table
            .filter(gateway_calls::workspace_id.eq(workspace.as_str()))
            .filter(gateway_calls::account.eq(account.as_str()))
            .filter(gateway_calls::subject.eq(subject))
            .order(gateway_calls::call_id.desc())
            .limit(1)
            .select(GatewayCallRow::as_select())
            .get_result(self.conn()?)
            .await;
        into_call(row)
    }

    async fn calls_on_invoice(
        &mut self,
        workspace: &WorkspaceId,
        invoice: InvoiceId,
        payments: &[StripeId],
    ) -> Result<Vec<GatewayCall>, StoreError> {
        let refunds_payment = one_of("refunded_payment", payments.iter().map(ToString::to_string));
        let rows: Vec<GatewayCallRow> = gateway_calls::table
            .filter(gateway_calls::workspace_id.eq(workspace.as_str()))
            .filter(gateway_calls::invoice_id.eq(invoice.to_string()).or(refunds_payment))
            .order(gateway_calls::call_id)
            .select(GatewayCallRow::as_select())
            .load(self.conn()?)
            .await
            .map_err(store_error)?;
        rows.into_iter().map(GatewayCallRow::into_domain).collect()
    }

    async fn insert_gateway_call(&mut self, call: &GatewayCall) -> Result<(), StoreError> {
        diesel::insert_into(gateway_calls::table)
            .values(GatewayCallRow::new(call)?)
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn resolve_gateway_call(
        &mut self,
        workspace: &WorkspaceId,
        call: GatewayCallId,
        outcome: &CallOutcome,
    ) -> Result<(), StoreError> {
        let (outcome, object_id, reason) = outcome_columns(outcome);
        let updated = diesel::update(gateway_calls::table.find((workspace.as_str(), call.to_string())))
            .filter(Condition::constant(UNRESOLVED))
            .set((
                gateway_calls::outcome.eq(outcome),
                gateway_calls::object_id.eq(object_id),
                gateway_calls::reason.eq(reason),
            ))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        written(updated)
    }
}
