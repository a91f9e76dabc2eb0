use billing_domain::ports::{AuditFilter, AuditLog, AuditLogReader, Counted, Edge, Part, StoreError};
use billing_domain::{AppId, AuditEntry, AuditEntryId, AuditRecord, Timestamp, WorkspaceId, wire_time};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;

use super::condition::Condition;
use super::dialect::{Backend, Conn};
use super::lists::{Count, First};
use super::schema::audit_entries;
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::Row;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, check_for_backend(Backend), treat_none_as_default_value = false)]
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
    app_id: Option<String>,
    actor_name: Option<String>,
    subscription_id: Option<String>,
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
            app_id: entry.change.app_id.as_ref().map(AppId::to_string),
            actor_name: entry.actor.name().map(str::to_owned),
            subscription_id: entry.change.subscription_id.map(String::from),
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
            app_id: self.app_id,
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            actor_name: self.actor_name,
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

type Listed<'a> = audit_entries::BoxedQuery<'a, Backend>;

/// The entries of a list.
fn listed<'a>(workspace: &'a WorkspaceId, filter: &'a AuditFilter) -> Listed<'a> {
    let mut list =
        audit_entries::table.filter(audit_entries::workspace_id.eq(workspace.as_str())).into_boxed();
    if let Some(app) = &filter.app {
        list = list.filter(audit_entries::app_id.eq(app.as_str()));
    }
    if let Some(person) = &filter.person {
        list = list.filter(audit_entries::actor_id.eq(person.as_str()));
    }
    if let Some(subscription) = filter.subscription {
        list = list.filter(audit_entries::subscription_id.eq(subscription.to_string()));
    }
    list
}

/// The place of an entry in the log: its number and id.
#[derive(Clone)]
struct Place(i64, String);

impl Place {
    /// The place of the workspace's entry with this id.
    async fn of(
        conn: &mut Conn,
        workspace: &WorkspaceId,
        entry: AuditEntryId,
    ) -> Result<Option<Self>, StoreError> {
        let id = entry.to_string();
        let entry = audit_entries::table.find((workspace.as_str(), id.as_str()));
        let number = entry.select(audit_entries::number).get_result(conn).await;
        Ok(number.optional().map_err(store_error)?.map(|number| Self(number, id)))
    }

    /// The entries of the list whose place compares so to this one: a comparison of rows, which the indexes answer.
    fn compare<'a>(self, list: Listed<'a>, is: &str) -> Listed<'a> {
        let Self(number, id) = self;
        let values = (number.into_sql::<BigInt>(), id.into_sql::<Text>());
        list.filter(Condition::new(format!("(number, entry_id) {is} ("), values, ")"))
    }
}

#[async_trait::async_trait]
impl AuditLogReader for DieselBillingStore {
    async fn audit_records(
        &self,
        workspace: &WorkspaceId,
        filter: &AuditFilter,
        edge: Edge<AuditEntryId>,
        limit: u32,
    ) -> Result<Option<Part<AuditRecord>>, StoreError> {
        let conn = &mut *self.reader(workspace).await?;
        let list = listed(workspace, filter);
        let newest_first = (audit_entries::number.desc(), audit_entries::entry_id.desc());
        let list = match edge {
            Edge::Newest => list.order(newest_first),
            Edge::OlderThan(entry) => {
                let Some(place) = Place::of(conn, workspace, entry).await? else { return Ok(None) };
                place.compare(list, "<").order(newest_first)
            }
            Edge::NewerThan(entry) => {
                let Some(place) = Place::of(conn, workspace, entry).await? else { return Ok(None) };
                place.compare(list, ">").order((audit_entries::number, audit_entries::entry_id))
            }
        };
        let list = First::new(limit, list.select(AuditEntryRow::as_select()));
        let mut rows: Vec<AuditEntryRow> = list.load(conn).await.map_err(store_error)?;
        if let Edge::NewerThan(_) = edge {
            rows.reverse();
        }
        let is_newest = edge == Edge::Newest && *filter == AuditFilter::default();
        let counted = match &rows[..] {
            [newest, ..] if is_newest => numbered(newest.number, 0),
            _ => None,
        };
        let items: Result<_, _> = rows.into_iter().map(AuditEntryRow::into_record).collect();
        Ok(Some(Part { items: items?, is_cut: false, counted }))
    }

    async fn count_audit_records(
        &self,
        workspace: &WorkspaceId,
        filter: &AuditFilter,
        than: Option<AuditEntryId>,
    ) -> Result<Option<Counted>, StoreError> {
        let conn = &mut *self.reader(workspace).await?;
        let place = match than {
            None => None,
            Some(entry) => match Place::of(conn, workspace, entry).await? {
                None => return Ok(None),
                place => place,
            },
        };
        if *filter == AuditFilter::default()
            && let Some(counted) = counted_by_number(conn, workspace, place.as_ref()).await?
        {
            return Ok(Some(counted));
        }
        let list = || listed(workspace, filter);
        let id = audit_entries::entry_id;
        let count = match place {
            None => Count::split(None, list().select(id)),
            Some(place) => {
                let newer = place.clone().compare(list(), ">");
                Count::split(Some(newer.select(id)), place.compare(list(), "<=").select(id))
            }
        };
        count.read(conn, false).await.map(Some)
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

/// The counts of the whole log whose newest entry has this number, of which `newer` are newer than another: entries are
/// numbered from 1 without a gap. `None` if some have no number yet.
fn numbered(newest: i64, newer: i64) -> Option<Counted> {
    let is_numbered = newest != UNNUMBERED && newer >= 0;
    is_numbered.then(|| Counted { newer: newer.unsigned_abs(), total: newest.unsigned_abs(), is_exact: true })
}

async fn counted_by_number(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    than: Option<&Place>,
) -> Result<Option<Counted>, StoreError> {
    let of_workspace = audit_entries::table.filter(audit_entries::workspace_id.eq(workspace.as_str()));
    let newest: Option<i64> =
        of_workspace.select(max(audit_entries::number)).get_result(conn).await.map_err(store_error)?;
    let newest = newest.unwrap_or_default();
    Ok(numbered(newest, than.map_or(0, |Place(number, _)| newest - number)))
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
