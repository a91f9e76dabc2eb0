use std::time::Duration;

use billing_domain::WorkspaceId;
use billing_domain::ports::{
    AnsweredRequests, AppRepository, AuditLog, CheckoutIntentRepository, DriftRepository, FeatureRepository,
    GatewayCallRepository, GatewayLinkRepository, InvoiceRepository, PlanRepository, RevenueRepository,
    StoreError, SubscriptionRepository, SwitchRepository, UnitOfWork, WorkRepository,
};
use diesel_async::{AsyncConnection, TransactionManager};

use super::connections::{Connection, Connections};
use super::dialect::{self, Batch, Conn};
use crate::bulkhead::Turn;
use crate::error::store_error;

type Transactions = <Conn as AsyncConnection>::TransactionManager;

/// One transaction on a connection of its own, in a turn of its workspace or of the service.
///
/// The connection returns to the pool only once the transaction is known to have ended. Otherwise, as after a dropped
/// future, it is removed from the pool and closed: an open transaction would keep its locks until the next use.
pub(super) struct DieselUnitOfWork {
    conn: Option<Connection>,
    connections: Connections,
    turn: Turn,
    /// Whether anything but the lock was asked for in this transaction.
    is_used: bool,
    locked: Option<LockedWorkspace>,
}

/// The workspace whose row this transaction has locked.
pub(super) struct LockedWorkspace {
    id: WorkspaceId,
    /// The number of its newest audit entry; `None` until it is needed.
    pub(super) last_entry: Option<i64>,
}

impl DieselUnitOfWork {
    pub(super) async fn begin(connections: &Connections, turn: Turn) -> Result<Self, StoreError> {
        let mut work = Self::new(connections, turn);
        work.begin_transaction().await?;
        Ok(work)
    }

    /// Begins one that reads before it writes.
    pub(super) async fn begin_with_read(connections: &Connections, turn: Turn) -> Result<Self, StoreError> {
        let mut work = Self::new(connections, turn);
        dialect::begin_with_read(work.connect().await?).await.map_err(store_error)?;
        Ok(work)
    }

    fn new(connections: &Connections, turn: Turn) -> Self {
        Self { conn: None, connections: connections.clone(), turn, is_used: false, locked: None }
    }

    async fn begin_transaction(&mut self) -> Result<(), StoreError> {
        dialect::begin_write(self.connect().await?).await.map_err(store_error)
    }

    /// Before the transaction begins, so that drop covers the begin too.
    async fn connect(&mut self) -> Result<&mut Conn, StoreError> {
        Ok(self.conn.insert(self.connections.connect(&self.turn).await?))
    }

    /// Commits the row of a new workspace, and begins the next transaction after a while. Holds no connection meanwhile.
    pub(super) async fn pause(&mut self, delay: Duration) -> Result<(), StoreError> {
        if self.is_used {
            return Err(StoreError::Unexpected("a workspace is locked before anything is written".into()));
        }
        Transactions::commit_transaction(self.conn_to_lock()?).await.map_err(store_error)?;
        self.return_connection();
        tokio::time::sleep(delay).await;
        self.begin_transaction().await
    }

    pub(super) fn conn(&mut self) -> Result<&mut Conn, StoreError> {
        self.is_used = true;
        self.conn_to_lock()
    }

    /// The connection, for the lock of the workspace.
    pub(super) fn conn_to_lock(&mut self) -> Result<&mut Conn, StoreError> {
        match &mut self.conn {
            Some(conn) => Ok(&mut *conn),
            None => Err(StoreError::Unexpected("the unit of work is over".into())),
        }
    }

    /// Moves the connection to the share of the slow, if that has a free place.
    pub(super) fn joins_the_slow(&mut self) -> bool {
        self.conn.as_mut().is_some_and(Connection::join_the_slow)
    }

    /// The workspace, if this transaction has locked it.
    pub(super) fn locked(&mut self, workspace: &WorkspaceId) -> Option<&mut LockedWorkspace> {
        self.locked.as_mut().filter(|locked| locked.id == *workspace)
    }

    pub(super) fn set_locked(&mut self, workspace: &WorkspaceId) {
        if self.locked(workspace).is_none() {
            self.locked = Some(LockedWorkspace { id: workspace.clone(), last_entry: None });
        }
    }

    /// Commits with the last writes. After a failure the connection is closed.
    pub(super) async fn commit_with(mut self, batch: Batch) -> Result<(), StoreError> {
        batch.commit(self.conn()?).await.map_err(store_error)?;
        self.return_connection();
        Ok(())
    }

    fn return_connection(&mut self) {
        drop(self.conn.take());
    }
}

impl Drop for DieselUnitOfWork {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            conn.close();
        }
    }
}

#[async_trait::async_trait]
impl UnitOfWork for DieselUnitOfWork {
    fn switches(&mut self) -> &mut dyn SwitchRepository {
        self
    }

    fn apps(&mut self) -> &mut dyn AppRepository {
        self
    }

    fn plans(&mut self) -> &mut dyn PlanRepository {
        self
    }

    fn features(&mut self) -> &mut dyn FeatureRepository {
        self
    }

    fn checkout_intents(&mut self) -> &mut dyn CheckoutIntentRepository {
        self
    }

    fn subscriptions(&mut self) -> &mut dyn SubscriptionRepository {
        self
    }

    fn drifts(&mut self) -> &mut dyn DriftRepository {
        self
    }

    fn revenue(&mut self) -> &mut dyn RevenueRepository {
        self
    }

    fn invoices(&mut self) -> &mut dyn InvoiceRepository {
        self
    }

    fn gateway_calls(&mut self) -> &mut dyn GatewayCallRepository {
        self
    }

    fn gateway_links(&mut self) -> &mut dyn GatewayLinkRepository {
        self
    }

    fn answered_requests(&mut self) -> &mut dyn AnsweredRequests {
        self
    }

    fn audit_log(&mut self) -> &mut dyn AuditLog {
        self
    }

    fn work(&mut self) -> &mut dyn WorkRepository {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.commit_with(Batch::new()).await
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        Transactions::rollback_transaction(self.conn()?).await.map_err(store_error)?;
        self.return_connection();
        Ok(())
    }
}
