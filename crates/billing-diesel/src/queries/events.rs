use std::collections::{BTreeMap, BTreeSet};

use billing_domain::ports::{EventInbox, StoreError, UnitOfWork, UnplacedEvent, UnplacedPage};
use billing_domain::{
    EventObject, GatewayEvent, StripeId, SyncTarget, Timestamp, WorkKind, WorkPriority, WorkspaceId,
};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::condition::Condition;
use super::dialect::{Backend, Batch, Conn};
use super::placing;
use super::rows::{self, Around, Cell, Found, Lookup};
use super::schema::unplaced_events;
use super::store::DieselBillingStore;
use super::work;
use crate::error::store_error;
use crate::row::Row;

/// The number of times a batch is begun that a deadlock ends.
const TRIES: u32 = 3;

const STORE: Around = (
    "INSERT INTO stripe_events (workspace_id, account, event_id, kind, body, received_at)",
    "ON CONFLICT DO NOTHING",
);

const SET_ASIDE: Around = (
    "INSERT INTO unplaced_events
        (event_id, account, kind, target, customer, workspace_hint, created_at, body, received_at)",
    "ON CONFLICT DO NOTHING",
);

const WERE_SET_ASIDE: Around = (
    "WITH given (event_id, account) AS (",
    ") SELECT u.event_id, u.account, u.kind FROM given CROSS JOIN unplaced_events AS u
    WHERE u.event_id = given.event_id AND u.account = given.account",
);

#[derive(Queryable, Selectable)]
#[diesel(table_name = unplaced_events, check_for_backend(Backend))]
struct UnplacedRow {
    event_id: String,
    account: String,
    kind: String,
    target: String,
    customer: Option<String>,
    workspace_hint: Option<String>,
    created_at: Timestamp,
    body: String,
}

impl UnplacedRow {
    fn into_event(self) -> Result<GatewayEvent, StoreError> {
        let row = Row { table: "unplaced_events", key: &self.event_id };
        let target = SyncTarget::of(row.read("target", self.target)?);
        Ok(GatewayEvent {
            id: row.read("event_id", self.event_id.as_str())?,
            account: row.read("account", self.account)?,
            kind: self.kind,
            object: Some(EventObject {
                target: row.present("target", target)?,
                customer: row.read("customer", self.customer)?,
                workspace_hint: row.read("workspace_hint", self.workspace_hint)?,
                // An event of the platform's own account that names a workspace is never set aside.
                paying_workspace: None,
            }),
            created_at: self.created_at,
            body: self.body,
        })
    }
}

#[async_trait::async_trait]
impl EventInbox for DieselBillingStore {
    /// Every batch takes its rows in one order, so that those of several replicas wait for each other in a line. A
    /// transaction that changes several rows of work in another order may still meet one in a deadlock.
    async fn accept(&self, events: Vec<GatewayEvent>, now: Timestamp) -> Result<(), StoreError> {
        let mut tries = 1;
        loop {
            match self.accept_once(&events, now).await {
                Err(StoreError::Conflict) if tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    async fn unplaced_events(&self, limit: u32) -> Result<(Vec<UnplacedEvent>, u64), StoreError> {
        let conn = &mut *self.reader_of_the_service().await?;
        let rows: Vec<(String, String, String, Timestamp)> = unplaced_events::table
            .order((unplaced_events::received_at.desc(), unplaced_events::event_id.desc()))
            .limit(limit.into())
            .select((
                unplaced_events::event_id,
                unplaced_events::account,
                unplaced_events::kind,
                unplaced_events::received_at,
            ))
            .load(conn)
            .await
            .map_err(store_error)?;
        let total: i64 = unplaced_events::table.count().get_result(conn).await.map_err(store_error)?;
        let read = |(event_id, account, kind, received_at): (String, String, String, Timestamp)| {
            let row = Row { table: "unplaced_events", key: &event_id };
            let (id, account) = (row.read("event_id", event_id.as_str())?, row.read("account", account)?);
            Ok(UnplacedEvent { id, account, kind, received_at })
        };
        let listed: Result<_, StoreError> = rows.into_iter().map(read).collect();
        Ok((listed?, u64::try_from(total).unwrap_or_default()))
    }

    async fn unplaced_to_accept(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> Result<UnplacedPage, StoreError> {
        let rows: Vec<UnplacedRow> = unplaced_events::table
            .filter(unplaced_events::event_id.gt(after.unwrap_or_default()))
            .filter(Condition::constant(placing::UNPLACED_WITH_WORKSPACE))
            .order((unplaced_events::event_id, unplaced_events::account))
            .limit(limit.into())
            .select(UnplacedRow::as_select())
            .load(&mut *self.reader_of_the_service().await?)
            .await
            .map_err(store_error)?;
        let last = rows.last().map(|row| row.event_id.clone());
        let read = rows.into_iter().map(UnplacedRow::into_event);
        let events = read.filter_map(|event| event.inspect_err(unreadable).ok()).collect();
        Ok(UnplacedPage { events, last })
    }
}

fn unreadable(corrupt: &StoreError) {
    tracing::error!(%corrupt, "an event that was set aside cannot be read");
}

impl DieselBillingStore {
    async fn accept_once(&self, events: &[GatewayEvent], now: Timestamp) -> Result<(), StoreError> {
        let mut work = self.begin_of_the_service_with_read().await?;
        match accept_in(work.conn()?, events, now).await {
            Ok(batch) => work.commit_with(batch).await,
            Err(error) => {
                if let Err(failed) = Box::new(work).rollback().await {
                    tracing::debug!(%failed, "the connection is closed instead");
                }
                Err(error)
            }
        }
    }
}

/// What is left to do when the transaction is committed. In the usual case, in which each event has a known customer,
/// Postgres is waited for once here, and once more with the commit.
async fn accept_in(conn: &mut Conn, events: &[GatewayEvent], now: Timestamp) -> Result<Batch, StoreError> {
    let keys: BTreeSet<_> = events.iter().map(|event| (event.account.as_str(), event.id.as_str())).collect();
    let (workspaces, set_aside) = placing::workspaces_of(conn, events, &were_set_aside(keys)).await?;
    let mut placed = BTreeMap::new();
    let mut unplaced = BTreeMap::new();
    let mut stale = BTreeSet::new();
    for (event, workspace) in events.iter().zip(&workspaces) {
        let (account, id) = (event.account.as_str(), event.id.as_str());
        if let Some(workspace) = workspace.as_deref() {
            placed.insert((workspace, account, id), event);
            stale.extend(
                event.object.iter().map(|object| (workspace, object.target.work_key(&event.account))),
            );
        } else if let Some(object) = &event.object {
            unplaced.insert((id, account), (event, object));
        }
    }
    let stale: Vec<_> = stale
        .iter()
        .map(|(workspace, key)| {
            work::scheduled(workspace, WorkKind::SyncObject, key, WorkPriority::Foreground, now)
        })
        .collect();
    let mut batch = Batch::new();
    rows::add(&mut batch, conn, STORE, &stored(&placed, now)).await?;
    rows::add(&mut batch, conn, SET_ASIDE, &set_aside_rows(&unplaced, now)).await?;
    rows::add(&mut batch, conn, work::SCHEDULE, &stale).await?;
    delete_unplaced(&mut batch, conn, &placed, set_aside).await?;
    Ok(batch)
}

/// Events by workspace, account and id.
type Placed<'a> = BTreeMap<(&'a str, &'a str, &'a str), &'a GatewayEvent>;

/// Events by id and account.
type Unplaced<'a> = BTreeMap<(&'a str, &'a str), (&'a GatewayEvent, &'a EventObject)>;

fn stored<'a>(placed: &Placed<'a>, now: Timestamp) -> Vec<[Cell<'a>; 6]> {
    placed
        .iter()
        .map(|((workspace, account, id), event)| {
            let (kind, body) = (event.kind.as_str(), event.body.as_str());
            [Cell::from(*workspace), (*account).into(), (*id).into(), kind.into(), body.into(), now.into()]
        })
        .collect()
}

fn set_aside_rows<'a>(unplaced: &Unplaced<'a>, now: Timestamp) -> Vec<[Cell<'a>; 9]> {
    unplaced
        .iter()
        .map(|((id, account), (event, object))| {
            [
                Cell::from(*id),
                (*account).into(),
                event.kind.as_str().into(),
                object.target.id().as_str().into(),
                object.customer.as_ref().map(StripeId::as_str).into(),
                object.workspace_hint.as_ref().map(WorkspaceId::as_str).into(),
                event.created_at.into(),
                event.body.as_str().into(),
                now.into(),
            ]
        })
        .collect()
}

/// Asks which of these events, by account and id, were set aside.
fn were_set_aside<'a>(keys: impl IntoIterator<Item = (&'a str, &'a str)>) -> Lookup<'a, 2> {
    let rows = keys.into_iter().map(|(account, id)| [Cell::from(id), account.into()]).collect();
    Lookup::new(WERE_SET_ASIDE, rows)
}

/// Removes the events that were set aside before and have a workspace now. Few were: they are looked for first.
async fn delete_unplaced(
    batch: &mut Batch,
    conn: &mut Conn,
    placed: &Placed<'_>,
    set_aside: Option<Vec<Found>>,
) -> Result<(), StoreError> {
    let keys: Vec<_> = placed.keys().map(|(_, account, id)| (*account, *id)).collect();
    let set_aside = match set_aside {
        Some(known) => known,
        None => rows::read(conn, &were_set_aside(keys.iter().copied())).await?,
    };
    let placed: BTreeSet<_> = keys.into_iter().collect();
    for (id, account, _) in set_aside {
        if placed.contains(&(account.as_str(), id.as_str())) {
            let row = unplaced_events::table.find((id, account));
            batch.add(conn, diesel::delete(row)).await.map_err(store_error)?;
        }
    }
    Ok(())
}
