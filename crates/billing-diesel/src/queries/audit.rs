use billing_domain::ports::{AuditLog, StoreError};
use billing_domain::{
    Actor, AuditEntry, AuditedChange, BillingSwitch, SwitchChange, SwitchEvent, Timestamp, WorkspaceId,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::dialect::{Backend, Conn};
use super::schema::audit_entries;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::Row;

const BILLING_SWITCH: &str = "billing_switch";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, check_for_backend(Backend))]
pub(super) struct AuditEntryRow {
    workspace_id: String,
    entry_id: String,
    actor_kind: String,
    actor_id: Option<String>,
    subject: String,
    event: String,
    state_before: String,
    state_after: String,
    created_at: Timestamp,
}

fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unexpected(Box::new(error)))
}

fn from_json<T: DeserializeOwned>(row: Row<'_>, column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| row.corrupt(column))
}

impl AuditEntryRow {
    fn new(entry: &AuditEntry) -> Result<Self, StoreError> {
        let (actor_kind, actor_id) = match &entry.actor {
            Actor::DashboardUser(id) => ("dashboard_user", Some(id.to_string())),
            Actor::Recovery => ("recovery", None),
        };
        let AuditedChange::BillingSwitch(change) = &entry.change;
        Ok(Self {
            workspace_id: entry.workspace_id.to_string(),
            entry_id: entry.id.to_string(),
            actor_kind: actor_kind.to_owned(),
            actor_id,
            subject: BILLING_SWITCH.to_owned(),
            event: to_json(&change.event)?.trim_matches('"').to_owned(),
            state_before: to_json(&change.before)?,
            state_after: to_json(&change.after)?,
            created_at: entry.at,
        })
    }

    fn into_domain(self) -> Result<AuditEntry, StoreError> {
        let row = Row { table: "audit_entries", key: &self.entry_id };
        if self.subject != BILLING_SWITCH {
            return Err(row.corrupt("subject"));
        }
        let event: SwitchEvent = from_json(row, "event", &format!("\"{}\"", self.event))?;
        let before: BillingSwitch = from_json(row, "state_before", &self.state_before)?;
        let after: BillingSwitch = from_json(row, "state_after", &self.state_after)?;
        let actor = match (self.actor_kind.as_str(), self.actor_id.as_deref()) {
            ("dashboard_user", Some(id)) => Actor::DashboardUser(row.read("actor_id", id)?),
            ("recovery", None) => Actor::Recovery,
            _ => return Err(row.corrupt("actor_kind")),
        };
        Ok(AuditEntry {
            id: row.read("entry_id", &self.entry_id)?,
            workspace_id: row.read("workspace_id", &self.workspace_id)?,
            actor,
            change: AuditedChange::BillingSwitch(SwitchChange { event, before, after }),
            at: self.created_at,
        })
    }
}

pub(super) async fn latest(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    let rows: Vec<AuditEntryRow> = audit_entries::table
        .filter(audit_entries::workspace_id.eq(workspace.as_str()))
        .order(audit_entries::entry_id.desc())
        .limit(limit.into())
        .select(AuditEntryRow::as_select())
        .load(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(AuditEntryRow::into_domain).collect()
}

#[async_trait::async_trait]
impl AuditLog for DieselUnitOfWork {
    async fn append_audit_entry(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        diesel::insert_into(audit_entries::table)
            .values(AuditEntryRow::new(entry)?)
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(())
    }
}
