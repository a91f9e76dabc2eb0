use billing_domain::ports::{AuditLog, AuditLogReader, StoreError};
use billing_domain::{AuditEntry, AuditEntryId, AuditRecord, Timestamp, WorkspaceId, wire_time};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::dialect::Backend;
use super::schema::audit_entries;
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::Row;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, check_for_backend(Backend))]
struct AuditEntryRow {
    workspace_id: String,
    entry_id: String,
    actor_kind: String,
    actor_id: Option<String>,
    subject: String,
    event: String,
    state_before: String,
    state_after: String,
    wire_times: bool,
    created_at: Timestamp,
}

impl AuditEntryRow {
    fn new(entry: &AuditEntry) -> Self {
        Self {
            workspace_id: entry.workspace_id.to_string(),
            entry_id: entry.id.to_string(),
            actor_kind: entry.actor.kind().to_owned(),
            actor_id: entry.actor.id().map(str::to_owned),
            subject: entry.change.subject.to_owned(),
            event: entry.change.event.to_owned(),
            state_before: entry.change.before.clone(),
            state_after: entry.change.after.clone(),
            wire_times: true,
            created_at: entry.at,
        }
    }

    fn into_record(self) -> Result<AuditRecord, StoreError> {
        let row = Row { table: "audit_entries", key: &self.entry_id };
        let state = |column, text: &str| -> Result<Value, StoreError> {
            let state = serde_json::from_str(text).map_err(|_| row.corrupt(column))?;
            Ok(if self.wire_times { state } else { with_wire_times(state) })
        };
        Ok(AuditRecord {
            id: row.read("entry_id", self.entry_id.as_str())?,
            before: state("state_before", &self.state_before)?,
            after: state("state_after", &self.state_after)?,
            subject: self.subject,
            event: self.event,
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            at: self.created_at,
        })
    }
}

/// The state with times in milliseconds. Earlier versions stored microseconds in these fields; the list is closed.
fn with_wire_times(mut state: Value) -> Value {
    for field in ["since", "closingSince", "archivedAt", "createdAt"] {
        let time = state.get(field).and_then(Value::as_str).and_then(|time| time.parse().ok());
        if let (Some(time), Some(slot)) = (time, state.get_mut(field)) {
            *slot = wire_time(time).into();
        }
    }
    state
}

#[async_trait::async_trait]
impl AuditLogReader for DieselBillingStore {
    async fn audit_records(
        &self,
        workspace: &WorkspaceId,
        before: Option<AuditEntryId>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let mut query = audit_entries::table
            .filter(audit_entries::workspace_id.eq(workspace.as_str()))
            .order(audit_entries::entry_id.desc())
            .limit(limit.into())
            .select(AuditEntryRow::as_select())
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(audit_entries::entry_id.lt(before.to_string()));
        }
        let rows: Vec<AuditEntryRow> = query.load(&mut *self.reader().await?).await.map_err(store_error)?;
        rows.into_iter().map(AuditEntryRow::into_record).collect()
    }
}

#[async_trait::async_trait]
impl AuditLog for DieselUnitOfWork {
    async fn append_audit_entry(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        diesel::insert_into(audit_entries::table)
            .values(AuditEntryRow::new(entry))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
