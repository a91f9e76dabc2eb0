use std::time::Duration;

use billing_domain::ports::{StoreError, SwitchReader, SwitchRepository};
use billing_domain::{BillingSwitch, Blockers, Timestamp, Version, WorkKind, WorkspaceBilling, WorkspaceId};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use tokio::time::Instant;

use super::dialect::{self, Backend};
use super::schema::{work, workspaces};
use super::store::DieselBillingStore;
use super::unit_of_work::DieselUnitOfWork;
use crate::error::store_error;
use crate::row::{Row, written};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = workspaces, primary_key(workspace_id), check_for_backend(Backend), treat_none_as_null = true)]
pub(in super::super) struct WorkspaceRow {
    workspace_id: String,
    state: String,
    gateway: Option<String>,
    enabled_at: Option<Timestamp>,
    closing_since: Option<Timestamp>,
    version: i64,
}

impl WorkspaceRow {
    fn new(workspace: &WorkspaceId, switch: &BillingSwitch, version: Version) -> Self {
        let (state, closing_since) = match *switch {
            BillingSwitch::Disabled => ("disabled", None),
            BillingSwitch::Enabled { .. } => ("enabled", None),
            BillingSwitch::Closing { closing_since, .. } => ("closing", Some(closing_since)),
        };
        Self {
            workspace_id: workspace.to_string(),
            state: state.to_owned(),
            gateway: switch.gateway().map(|gateway| gateway.to_string()),
            enabled_at: switch.since(),
            closing_since,
            version: version.number().into(),
        }
    }

    pub(super) fn into_domain(self) -> Result<WorkspaceBilling, StoreError> {
        let row = Row { table: "workspaces", key: &self.workspace_id };
        let switch = match self.state.as_str() {
            "disabled" => BillingSwitch::Disabled,
            "enabled" => BillingSwitch::Enabled {
                since: row.present("enabled_at", self.enabled_at)?,
                gateway: row.read("gateway", self.gateway.as_deref().unwrap_or_default())?,
            },
            "closing" => BillingSwitch::Closing {
                since: row.present("enabled_at", self.enabled_at)?,
                gateway: row.read("gateway", self.gateway.as_deref().unwrap_or_default())?,
                closing_since: row.present("closing_since", self.closing_since)?,
            },
            _ => return Err(row.corrupt("state")),
        };
        Ok(WorkspaceBilling {
            id: row.read("workspace_id", self.workspace_id.as_str())?,
            switch,
            version: row.version(self.version)?,
        })
    }
}

#[async_trait::async_trait]
impl SwitchReader for DieselBillingStore {
    async fn billing_switch(&self, workspace: &WorkspaceId) -> Result<BillingSwitch, StoreError> {
        let row: Option<WorkspaceRow> = workspaces::table
            .find(workspace.as_str())
            .select(WorkspaceRow::as_select())
            .get_result(&mut *self.reader(workspace).await?)
            .await
            .optional()
            .map_err(store_error)?;
        Ok(match row {
            Some(row) => row.into_domain()?.switch,
            None => BillingSwitch::default(),
        })
    }

    async fn blockers(&self, workspace: &WorkspaceId) -> Result<Blockers, StoreError> {
        super::blockers::of_workspace(&mut *self.reader(workspace).await?, workspace).await
    }

    async fn unscheduled_closings(
        &self,
        after: Option<WorkspaceId>,
        limit: u32,
    ) -> Result<Vec<WorkspaceId>, StoreError> {
        let after = after.map(String::from).unwrap_or_default();
        let recovery = work::table
            .filter(work::workspace_id.eq(workspaces::workspace_id))
            .filter(work::kind.eq(WorkKind::RecoverClosing.as_str()))
            .filter(work::set_aside_at.is_null());
        let ids: Vec<String> = workspaces::table
            .filter(workspaces::state.eq("closing"))
            .filter(not(exists(recovery)))
            .filter(workspaces::workspace_id.gt(after))
            .order(workspaces::workspace_id)
            .limit(limit.into())
            .select(workspaces::workspace_id)
            .load(&mut *self.reader_of_the_service().await?)
            .await
            .map_err(store_error)?;
        let read = |id: String| Row { table: "workspaces", key: &id }.read("workspace_id", id.as_str());
        ids.into_iter().map(read).collect()
    }
}

#[async_trait::async_trait]
impl SwitchRepository for DieselUnitOfWork {
    async fn lock_workspace(&mut self, workspace: &WorkspaceId) -> Result<WorkspaceBilling, StoreError> {
        let give_up = Instant::now() + LOCK_PATIENCE;
        let mut delay = FIRST_DELAY;
        loop {
            let queues = delay >= QUEUED_FROM && self.joins_the_slow();
            let conn = self.conn_to_lock()?;
            let row = if queues {
                dialect::await_workspace_row(conn, workspace).await
            } else {
                dialect::lock_workspace_row(conn, workspace).await
            };
            if let Some(row) = row.map_err(store_error)? {
                self.set_locked(workspace);
                return row.into_domain();
            }
            // Missing, or locked by another transaction. A new row is committed at once, so that the others need not wait
            // for this transaction to see it.
            if delay == FIRST_DELAY {
                diesel::insert_into(workspaces::table)
                    .values(WorkspaceRow::new(workspace, &BillingSwitch::default(), Version::NEW))
                    .on_conflict_do_nothing()
                    .execute(conn)
                    .await
                    .map_err(store_error)?;
            }
            if Instant::now() > give_up {
                return Err(StoreError::Unavailable("another process holds the workspace's lock".into()));
            }
            self.pause(delay).await?;
            delay = LONGEST_DELAY.min(delay * 2);
        }
    }

    async fn save_switch(
        &mut self,
        workspace: &WorkspaceId,
        loaded: Version,
        switch: &BillingSwitch,
    ) -> Result<Version, StoreError> {
        let version = loaded.next();
        let updated = diesel::update(workspaces::table.find(workspace.as_str()))
            .filter(workspaces::version.eq(i64::from(loaded.number())))
            .set(WorkspaceRow::new(workspace, switch, version))
            .execute(self.conn()?)
            .await
            .map_err(store_error)?;
        written(updated).map(|()| version)
    }

    async fn blockers(&mut self, workspace: &WorkspaceId) -> Result<Blockers, StoreError> {
        super::blockers::of_workspace(self.conn()?, workspace).await
    }
}

/// The time for which a lock is tried that another process holds.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
/// The delay before the second try; doubled with each further one. Another process holds a lock for milliseconds.
const FIRST_DELAY: Duration = Duration::from_millis(1);
/// From here on a try stands in the database's queue, if the share of the slow has a place.
const QUEUED_FROM: Duration = Duration::from_millis(4);
const LONGEST_DELAY: Duration = Duration::from_millis(50);
