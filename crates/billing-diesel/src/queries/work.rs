use billing_domain::ports::{DueFilter, SetAsideFilter, StoreError, WorkReader, WorkRepository};
use billing_domain::{
    Claim, Completion, Timestamp, WorkId, WorkKind, WorkPriority, WorkSetAside, WorkspaceId,
};
use diesel::dsl::not;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use diesel_async::RunQueryDsl;

use super::condition::Condition;
use super::dialect::Backend;
use super::rows::{self, Around, Cell};
use super::schema::work;
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::Row;

/// The key of a row as returned columns.
type Key = (String, String, String);

fn key(id: &WorkId) -> (&str, &'static str, &str) {
    (id.workspace_id.as_str(), id.kind.as_str(), &id.key)
}

fn id((workspace_id, kind, key): Key) -> Result<WorkId, StoreError> {
    let row = Row { table: "work", key: &key };
    Ok(WorkId {
        workspace_id: row.read("workspace_id", workspace_id)?,
        kind: row.read("kind", kind)?,
        key: key.clone(),
    })
}

fn set_aside(
    (key, reason, at): (Key, Option<String>, Option<Timestamp>),
) -> Result<WorkSetAside, StoreError> {
    let at = Row { table: "work", key: &key.2 }.present("set_aside_at", at)?;
    Ok(WorkSetAside { id: id(key)?, reason: reason.unwrap_or_default(), at })
}

/// Whether a row is of one of these kinds.
fn is_of_kind(is_one: fn(WorkKind) -> bool) -> Condition<()> {
    let kinds = WorkKind::ALL.iter().filter(|kind| is_one(**kind));
    let kinds: Vec<_> = kinds.map(|kind| format!("'{}'", kind.as_str())).collect();
    Condition::constant(&format!("work.kind IN ({})", kinds.join(", ")))
}

/// Whether this version knows the kind of a row.
fn is_of_known_kind() -> Condition<()> {
    is_of_kind(|_| true)
}

diesel::define_sql_function! { fn substr(text: Text, from: Integer, length: Integer) -> Text; }

/// Whether a row is of this account: its key is the account, or begins with it and a slash.
macro_rules! is_of_account {
    ($account:expr) => {{
        let prefix = format!("{}/", $account);
        let length = i32::try_from(prefix.len()).unwrap_or(i32::MAX);
        is_of_kind(WorkKind::is_of_account).and(substr(work::work_key.concat("/"), 1, length).eq(prefix))
    }};
}

/// The condition for claiming a row.
macro_rules! can_be_claimed {
    ($now:expr, $horizon:expr) => {
        work::set_aside_at
            .is_null()
            .and(work::due_at.le($now).or(work::due_at.le($horizon).and(work::attempts.eq(0))))
            .and(work::leased_until.is_null().or(work::leased_until.le($now)))
    };
}

/// The rows that were set aside, of the kinds that this version knows.
fn rows_set_aside(filter: &SetAsideFilter) -> work::BoxedQuery<'_, Backend> {
    let mut rows =
        work::table.filter(work::set_aside_at.is_not_null()).filter(is_of_known_kind()).into_boxed();
    if let Some(workspace) = &filter.workspace_id {
        rows = rows.filter(work::workspace_id.eq(workspace.as_str()));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(work::kind.eq(kind.as_str()));
    }
    if let Some(key) = &filter.key {
        rows = rows.filter(work::work_key.eq(key.as_str()));
    }
    rows
}

/// The rows a claim still holds.
macro_rules! held_by {
    ($claim:expr) => {
        work::table.find(key(&$claim.id)).filter(work::lease.eq(&$claim.lease))
    };
}

/// One statement, which adds a row or marks it: a row that another transaction adds, claims or removes meanwhile is waited
/// for. A mark may so be set without the lock of the workspace.
pub(super) const SCHEDULE: Around = (
    "INSERT INTO work (workspace_id, kind, work_key, due_at, mark, attempts, is_background)",
    "ON CONFLICT (workspace_id, kind, work_key) DO UPDATE SET
        mark = work.mark + 1,
        due_at = CASE WHEN work.set_aside_at IS NULL AND work.due_at < excluded.due_at
            THEN work.due_at ELSE excluded.due_at END,
        attempts = CASE WHEN work.set_aside_at IS NULL THEN work.attempts ELSE 0 END,
        reason = CASE WHEN work.set_aside_at IS NULL THEN work.reason END,
        is_background = work.is_background AND excluded.is_background,
        set_aside_at = NULL",
);

/// The row of [`SCHEDULE`] for work of this workspace and key. No two of a statement may be the same.
pub(super) fn scheduled<'a>(
    workspace: &'a str,
    kind: WorkKind,
    key: &'a str,
    priority: WorkPriority,
    due_at: Timestamp,
) -> [Cell<'a>; 7] {
    let is_background = Cell::Sql(if priority.is_background() { "TRUE" } else { "FALSE" });
    let zero = || Cell::Sql("0");
    [workspace.into(), kind.as_str().into(), key.into(), due_at.into(), zero(), zero(), is_background]
}

#[async_trait::async_trait]
impl WorkReader for DieselBillingStore {
    async fn due_work(&self, filter: &DueFilter, limit: u32) -> Result<Vec<WorkId>, StoreError> {
        let mut due = work::table
            .filter(work::is_background.eq(filter.priority.is_background()))
            // Implied by the next condition, and an end to what is read of the index.
            .filter(work::due_at.le(filter.now.max(filter.horizon)))
            .filter(can_be_claimed!(filter.now, filter.horizon))
            .filter(is_of_known_kind())
            .into_boxed();
        if let Some(account) = &filter.except {
            due = due.filter(not(is_of_account!(account)));
        }
        let keys: Vec<Key> = due
            .order(work::due_at)
            .limit(limit.into())
            .select((work::workspace_id, work::kind, work::work_key))
            .load(&mut *self.reader_of_the_service().await?)
            .await
            .map_err(store_error)?;
        keys.into_iter().map(id).collect()
    }

    async fn work_set_aside(
        &self,
        filter: &SetAsideFilter,
        limit: u32,
    ) -> Result<(Vec<WorkSetAside>, u64), StoreError> {
        let conn = &mut *self.reader_of_the_service().await?;
        let rows: Vec<(Key, Option<String>, Option<Timestamp>)> = rows_set_aside(filter)
            .order(work::set_aside_at.desc())
            .limit(limit.into())
            .select(((work::workspace_id, work::kind, work::work_key), work::reason, work::set_aside_at))
            .load(conn)
            .await
            .map_err(store_error)?;
        let total: i64 = rows_set_aside(filter).count().get_result(conn).await.map_err(store_error)?;
        let listed: Result<_, StoreError> = rows.into_iter().map(set_aside).collect();
        Ok((listed?, u64::try_from(total).unwrap_or_default()))
    }
}

#[async_trait::async_trait]
impl WorkRepository for DieselUnitOfWork {
    async fn schedule(&mut self, id: &WorkId, due_at: Timestamp) -> Result<(), StoreError> {
        let row = scheduled(id.workspace_id.as_str(), id.kind, &id.key, WorkPriority::Foreground, due_at);
        rows::write(self.conn()?, SCHEDULE, &[row]).await
    }

    async fn schedule_all(
        &mut self,
        workspace: &WorkspaceId,
        kind: WorkKind,
        keys: &[String],
        priority: WorkPriority,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        let workspace = workspace.as_str();
        let rows: Vec<_> = keys.iter().map(|key| scheduled(workspace, kind, key, priority, due_at)).collect();
        rows::write(self.conn()?, SCHEDULE, &rows).await
    }

    async fn ensure(&mut self, id: &WorkId, due_at: Timestamp) -> Result<bool, StoreError> {
        let (workspace_id, kind, work_key) = key(id);
        let added = diesel::insert_into(work::table)
            .values((
                work::workspace_id.eq(workspace_id),
                work::kind.eq(kind),
                work::work_key.eq(work_key),
                work::due_at.eq(due_at),
                work::mark.eq(0),
                work::attempts.eq(0),
            ))
            .on_conflict_do_nothing()
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        if added == 1 { Ok(true) } else { self.revive(id, due_at).await }
    }

    async fn keys_set_aside(
        &mut self,
        workspace: &WorkspaceId,
        kind: WorkKind,
    ) -> Result<Vec<String>, StoreError> {
        work::table
            .filter(work::workspace_id.eq(workspace.as_str()))
            .filter(work::kind.eq(kind.as_str()))
            .filter(work::set_aside_at.is_not_null())
            .order(work::work_key)
            .select(work::work_key)
            .load(self.conn()?)
            .await
            .map_err(store_error)
    }

    async fn row_set_aside(&mut self, id: &WorkId) -> Result<Option<WorkSetAside>, StoreError> {
        work::table
            .find(key(id))
            .filter(work::set_aside_at.is_not_null())
            .select(((work::workspace_id, work::kind, work::work_key), work::reason, work::set_aside_at))
            .get_result(self.conn()?)
            .await
            .optional()
            .map_err(store_error)?
            .map(set_aside)
            .transpose()
    }

    async fn cancel(&mut self, id: &WorkId) -> Result<(), StoreError> {
        diesel::delete(work::table.find(key(id))).execute(self.conn()?).await.map_err(store_error)?;
        Ok(())
    }

    async fn claim(
        &mut self,
        id: &WorkId,
        lease: &str,
        now: Timestamp,
        horizon: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        let claimed: Option<(i64, i64, bool)> = diesel::update(work::table.find(key(id)))
            .filter(can_be_claimed!(now, horizon))
            .set((work::lease.eq(lease), work::leased_until.eq(until), work::attempts.eq(work::attempts + 1)))
            .returning((work::mark, work::attempts, work::is_background))
            .get_result(self.conn()?)
            .await
            .optional()
            .map_err(store_error)?;
        let Some((mark, attempts, is_background)) = claimed else { return Ok(None) };
        let row = Row { table: "work", key: &id.key };
        let attempts = u32::try_from(attempts).map_err(|_| row.corrupt("attempts"))?;
        let priority = WorkPriority::from_is_background(is_background);
        Ok(Some(Claim { id: id.clone(), lease: lease.to_owned(), mark, attempts, priority }))
    }

    async fn renew(&mut self, claim: &Claim, until: Timestamp) -> Result<bool, StoreError> {
        let renewed = diesel::update(held_by!(claim))
            .set(work::leased_until.eq(until))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(renewed == 1)
    }

    async fn complete(&mut self, claim: &Claim, now: Timestamp) -> Result<Completion, StoreError> {
        let conn = self.conn()?;
        let unmarked = held_by!(claim).filter(work::mark.eq(claim.mark));
        if diesel::delete(unmarked).execute(conn).await.map_err(store_error)? == 1 {
            return Ok(Completion::Done);
        }
        self.release(claim, now).await
    }

    async fn postpone(
        &mut self,
        claim: &Claim,
        due_at: Timestamp,
        reason: &str,
    ) -> Result<Completion, StoreError> {
        let postponed = diesel::update(held_by!(claim))
            .set((
                work::lease.eq(None::<String>),
                work::leased_until.eq(None::<Timestamp>),
                work::due_at.eq(due_at),
                work::reason.eq(reason),
            ))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(if postponed == 1 { Completion::Done } else { Completion::LeaseLost })
    }

    async fn set_aside(
        &mut self,
        claim: &Claim,
        now: Timestamp,
        reason: &str,
    ) -> Result<Completion, StoreError> {
        let unmarked = held_by!(claim).filter(work::mark.eq(claim.mark));
        let set_aside = diesel::update(unmarked)
            .set((
                work::lease.eq(None::<String>),
                work::leased_until.eq(None::<Timestamp>),
                work::set_aside_at.eq(now),
                work::reason.eq(reason),
            ))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        if set_aside == 1 { Ok(Completion::Done) } else { self.release(claim, now).await }
    }
}

impl DieselUnitOfWork {
    /// Makes a row that was set aside due again, as if it had never been tried.
    async fn revive(&mut self, id: &WorkId, due_at: Timestamp) -> Result<bool, StoreError> {
        let revived = diesel::update(work::table.find(key(id)))
            .filter(work::set_aside_at.is_not_null())
            .set((
                work::due_at.eq(due_at),
                work::attempts.eq(0),
                work::set_aside_at.eq(None::<Timestamp>),
                work::reason.eq(None::<String>),
            ))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(revived == 1)
    }

    /// Ends a claim on a row marked meanwhile: it is due now, with no attempts counted.
    async fn release(&mut self, claim: &Claim, now: Timestamp) -> Result<Completion, StoreError> {
        let released = diesel::update(held_by!(claim))
            .set((
                work::lease.eq(None::<String>),
                work::leased_until.eq(None::<Timestamp>),
                work::due_at.eq(now),
                work::attempts.eq(0),
            ))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        Ok(if released == 1 { Completion::MoreArrived } else { Completion::LeaseLost })
    }
}
