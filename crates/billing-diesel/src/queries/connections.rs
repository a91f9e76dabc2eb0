use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use billing_domain::WorkspaceId;
use billing_domain::ports::StoreError;
use diesel_async::pooled_connection::deadpool::{Object, Pool};

use super::dialect::{self, Conn};
use crate::bulkhead::{Bulkhead, Place, Turn};
use crate::error::pool_error;

/// A pool of connections behind its bulkhead.
#[derive(Clone)]
pub(in super::super) struct Connections {
    pool: Pool<Conn>,
    bulkhead: Arc<Bulkhead>,
}

impl Connections {
    /// The pool must have the total size of the bulkhead's shares.
    pub(in super::super) fn new(pool: Pool<Conn>, bulkhead: Arc<Bulkhead>) -> Self {
        Self { pool, bulkhead }
    }

    /// Waits for a turn of the workspace.
    pub(super) async fn turn(&self, workspace: &WorkspaceId) -> Result<Turn, StoreError> {
        self.bulkhead.turn(workspace).await
    }

    /// Waits for a turn outside the workspaces.
    pub(super) async fn turn_of_the_service(&self) -> Result<Turn, StoreError> {
        self.bulkhead.turn_of_the_service().await
    }

    /// Waits for a connection within a turn.
    pub(super) async fn connect(&self, turn: &Turn) -> Result<Connection, StoreError> {
        let place = turn.place().await?;
        let conn = self.pool.get().await.map_err(pool_error)?;
        Ok(Connection { conn, place })
    }

    /// A connection for one read of the workspace.
    pub(super) async fn of_workspace(&self, workspace: &WorkspaceId) -> Result<Reading, StoreError> {
        let turn = self.turn(workspace).await?;
        Ok(Reading { connection: self.connect(&turn).await?, _turn: turn })
    }

    /// A connection for one read over all workspaces.
    pub(super) async fn of_the_service(&self) -> Result<Reading, StoreError> {
        let turn = self.turn_of_the_service().await?;
        Ok(Reading { connection: self.connect(&turn).await?, _turn: turn })
    }
}

/// A connection in its place. Dropped, it returns to the pool first.
pub(super) struct Connection {
    conn: Object<Conn>,
    place: Place,
}

impl Connection {
    /// Moves to the share of the slow, if that has a free place.
    pub(super) fn join_the_slow(&mut self) -> bool {
        self.place.join_the_slow()
    }

    /// Closes the connection instead of returning it to the pool.
    pub(super) fn close(self) {
        dialect::close(self.conn);
        drop(self.place);
    }
}

impl Deref for Connection {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// A connection within a turn of its own.
pub(super) struct Reading {
    connection: Connection,
    _turn: Turn,
}

impl Deref for Reading {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.connection
    }
}

impl DerefMut for Reading {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.connection
    }
}
