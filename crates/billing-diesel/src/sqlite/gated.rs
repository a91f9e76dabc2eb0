//! Connections of a simulation.

use std::path::Path;
use std::sync::Arc;

use diesel::connection::{
    AnsiTransactionManager, InstrumentationEvent, SimpleConnection, TransactionManager,
};
use diesel::prelude::*;
use diesel::result::{ConnectionError, ConnectionResult};
use futures_util::FutureExt;

use super::dialect::{self, Conn};
use super::in_place::{self, InPlace};
use super::queries::DieselBillingStore;
use crate::{Catalogs, ConnectError, ConnectionUse, Gate, Statement};

/// Makes the gate of a connection.
pub(crate) type Gates = Arc<dyn Fn(ConnectionUse) -> Arc<dyn Gate> + Send + Sync>;

/// Nobody waits for a lock on the only thread, and a crash is one of the process only.
const SESSION: &str = "
    PRAGMA busy_timeout = 0;
    PRAGMA synchronous = OFF;
    PRAGMA foreign_keys = ON;";

pub(crate) fn open_gated(path: &Path, gates: &Gates) -> Result<DieselBillingStore, ConnectError> {
    dialect::open_with(path, Some(gates), Catalogs::default())
}

pub(super) fn connect(path: &str, gate: Arc<dyn Gate>) -> ConnectionResult<Conn> {
    let mut conn = SqliteConnection::establish(path)?;
    conn.batch_execute(SESSION).map_err(ConnectionError::CouldntSetupConfiguration)?;
    let told = Arc::clone(&gate);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartQuery { query, .. } => told.runs(Statement::Sql(query)),
        InstrumentationEvent::BeginTransaction { .. } => told.runs(Statement::Begin),
        InstrumentationEvent::CommitTransaction { .. } => told.runs(Statement::Commit),
        InstrumentationEvent::RollbackTransaction { .. } => told.runs(Statement::Rollback),
        _ => {}
    });
    Ok(Conn::with_runtime(conn, InPlace::Gated(gate)))
}

/// Rolls back what is open on the connection, past its gate. Returns whether it has a gate, and is as good as a new one.
pub(super) fn roll_back(conn: &mut Conn) -> bool {
    let rolled_back = in_place::past_the_gate(|| {
        conn.spawn_blocking(|conn| {
            let status = AnsiTransactionManager::transaction_manager_status_mut(conn);
            match status.transaction_depth()? {
                Some(_) => AnsiTransactionManager::rollback_transaction(conn),
                None => Ok(()),
            }
        })
        .now_or_never()
    });
    matches!(rolled_back, Some(Ok(())))
}
