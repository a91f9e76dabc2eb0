use billing_domain::ports::{AuditLog, StoreError};
use billing_domain::{
    Actor, AuditEntry, AuditEntryId, AuditedChange, Change, StateVisitor, SwitchChange, Timestamp,
    WorkspaceId,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::dialect::{Backend, Conn};
use super::schema::audit_entries;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{Row, to_json};

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

/// Writes the states before and after as JSON; `null` for none.
struct StatesAsJson;

impl StateVisitor for StatesAsJson {
    type Output = Result<(String, String), StoreError>;

    fn visit<T: Serialize>(self, before: Option<&T>, after: Option<&T>) -> Self::Output {
        Ok((to_json(&before)?, to_json(&after)?))
    }
}

impl AuditEntryRow {
    fn new(entry: &AuditEntry) -> Result<Self, StoreError> {
        let (actor_kind, actor_id) = match &entry.actor {
            Actor::DashboardUser(id) => ("dashboard_user", Some(id.to_string())),
            Actor::Recovery => ("recovery", None),
        };
        let (state_before, state_after) = entry.change.visit_states(StatesAsJson)?;
        Ok(Self {
            workspace_id: entry.workspace_id.to_string(),
            entry_id: entry.id.to_string(),
            actor_kind: actor_kind.to_owned(),
            actor_id,
            subject: entry.change.subject().to_owned(),
            event: entry.change.event().to_owned(),
            state_before,
            state_after,
            created_at: entry.at,
        })
    }

    fn into_domain(self) -> Result<AuditEntry, StoreError> {
        let row = Row { table: "audit_entries", key: &self.entry_id };
        let actor = match (self.actor_kind.as_str(), self.actor_id.as_deref()) {
            ("dashboard_user", Some(id)) => Actor::DashboardUser(row.read("actor_id", id)?),
            ("recovery", None) => Actor::Recovery,
            _ => return Err(row.corrupt("actor_kind")),
        };
        Ok(AuditEntry {
            id: row.read("entry_id", &self.entry_id)?,
            workspace_id: row.read("workspace_id", &self.workspace_id)?,
            actor,
            change: self.change(row)?,
            at: self.created_at,
        })
    }

    fn change(&self, row: Row<'_>) -> Result<AuditedChange, StoreError> {
        let change = match self.subject.as_str() {
            "billing_switch" => AuditedChange::BillingSwitch(SwitchChange {
                event: row.json("event", &format!("\"{}\"", self.event))?,
                before: row.json("state_before", &self.state_before)?,
                after: row.json("state_after", &self.state_after)?,
            }),
            "app" => AuditedChange::App(self.states(row)?),
            "plan" => AuditedChange::Plan(self.states(row)?),
            "price" => AuditedChange::Price(self.states(row)?),
            "feature" => AuditedChange::Feature(self.states(row)?),
            "plan_feature" => AuditedChange::PlanFeature(self.states(row)?),
            _ => return Err(row.corrupt("subject")),
        };
        if change.event() == self.event { Ok(change) } else { Err(row.corrupt("event")) }
    }

    fn states<T: DeserializeOwned>(&self, row: Row<'_>) -> Result<Change<T>, StoreError> {
        let change = Change {
            before: row.json("state_before", &self.state_before)?,
            after: row.json("state_after", &self.state_after)?,
        };
        match change {
            Change { before: None, after: None } => Err(row.corrupt("state_after")),
            change => Ok(change),
        }
    }
}

pub(super) async fn entries(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    before: Option<AuditEntryId>,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut query = audit_entries::table
        .filter(audit_entries::workspace_id.eq(workspace.as_str()))
        .order(audit_entries::entry_id.desc())
        .limit(limit.into())
        .select(AuditEntryRow::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(audit_entries::entry_id.lt(before.to_string()));
    }
    let rows: Vec<AuditEntryRow> = query.load(conn).await.map_err(store_error)?;
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
