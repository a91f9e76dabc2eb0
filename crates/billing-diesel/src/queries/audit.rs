use billing_domain::ports::{AuditLog, AuditLogReader, StoreError};
use billing_domain::{AuditEntry, AuditEntryId, AuditRecord, Timestamp, WorkspaceId, wire_time};
use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::dialect::{Backend, Conn};
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
    number: i64,
}

impl AuditEntryRow {
    fn new(entry: &AuditEntry, number: i64) -> Self {
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
            number,
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
    ) -> Result<Option<Vec<AuditRecord>>, StoreError> {
        let conn = &mut *self.reader(workspace).await?;
        let mut query = audit_entries::table
            .filter(audit_entries::workspace_id.eq(workspace.as_str()))
            .order((audit_entries::number.desc(), audit_entries::entry_id.desc()))
            .limit(limit.into())
            .select(AuditEntryRow::as_select())
            .into_boxed();
        if let Some(before) = before {
            let before = before.to_string();
            let number: Option<i64> = audit_entries::table
                .find((workspace.as_str(), before.as_str()))
                .select(audit_entries::number)
                .get_result(conn)
                .await
                .optional()
                .map_err(store_error)?;
            let Some(number) = number else { return Ok(None) };
            // A comparison of rows, which the index answers.
            let earlier = sql::<Bool>("(number, entry_id) < (").bind::<BigInt, _>(number).sql(", ");
            query = query.filter(earlier.bind::<Text, _>(before).sql(")"));
        }
        let rows: Vec<AuditEntryRow> = query.load(conn).await.map_err(store_error)?;
        rows.into_iter().map(AuditEntryRow::into_record).collect::<Result<_, _>>().map(Some)
    }
}

#[async_trait::async_trait]
impl AuditLog for DieselUnitOfWork {
    async fn append_audit_entry(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        let number = self.next_entry_number(&entry.workspace_id).await?;
        diesel::insert_into(audit_entries::table)
            .values(AuditEntryRow::new(entry, number))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}

/// The column's default, written by a replica of the version before.
const UNNUMBERED: i64 = i64::MAX;

impl DieselUnitOfWork {
    async fn next_entry_number(&mut self, workspace: &WorkspaceId) -> Result<i64, StoreError> {
        let Some(locked) = self.locked(workspace) else {
            return Err(StoreError::Unexpected(
                "an audit entry is numbered under its workspace's lock".into(),
            ));
        };
        let last = match locked.last_entry {
            Some(last) => last,
            None => last_number(self.conn()?, workspace).await.map_err(store_error)?,
        };
        let next = last + 1;
        if let Some(locked) = self.locked(workspace) {
            locked.last_entry = Some(next);
        }
        Ok(next)
    }
}

/// The number of the workspace's newest entry, once every entry has one.
async fn last_number(conn: &mut Conn, workspace: &WorkspaceId) -> QueryResult<i64> {
    let of_workspace = || audit_entries::table.filter(audit_entries::workspace_id.eq(workspace.as_str()));
    let newest: Option<i64> = of_workspace().select(max(audit_entries::number)).get_result(conn).await?;
    if newest != Some(UNNUMBERED) {
        return Ok(newest.unwrap_or_default());
    }
    let numbered = of_workspace().filter(audit_entries::number.lt(UNNUMBERED));
    let last: Option<i64> = numbered.select(max(audit_entries::number)).get_result(conn).await?;
    let mut last = last.unwrap_or_default();
    let unnumbered: Vec<String> = of_workspace()
        .filter(audit_entries::number.eq(UNNUMBERED))
        .order(audit_entries::entry_id)
        .select(audit_entries::entry_id)
        .load(conn)
        .await?;
    for entry in unnumbered {
        last += 1;
        diesel::update(audit_entries::table.find((workspace.as_str(), entry)))
            .set(audit_entries::number.eq(last))
            .execute(conn)
            .await?;
    }
    Ok(last)
}
