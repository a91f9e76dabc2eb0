//! The statements of a connection as points of decision, and the one write lock of a database.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use billing_diesel::{ConnectionUse, Gate, Statement};
use billing_domain::ports::BoxError;

use crate::scene::{Point, Scene, Verdict};

/// The gate of one connection.
pub(crate) struct ConnectionGate {
    scene: Scene,
    id: u64,
    usage: ConnectionUse,
    /// Whether the last statement was a commit.
    has_committed: AtomicBool,
}

impl ConnectionGate {
    pub(crate) fn new(scene: Scene, usage: ConnectionUse) -> Self {
        let id = scene.new_connection();
        Self { scene, id, usage, has_committed: AtomicBool::new(false) }
    }

    fn has_lock(&self) -> bool {
        self.scene.lock().writer == Some(self.id)
    }

    fn release(&self) {
        let mut state = self.scene.lock();
        if state.writer == Some(self.id) {
            state.writer = None;
        }
    }

    /// Tells whether the current actor is in a transaction.
    fn set_in_transaction(&self, is_in: bool) {
        let mut state = self.scene.lock();
        if let Some(actor) = state.current {
            state.seats[actor].in_transaction = is_in;
        }
    }

    fn ends(&self, commits: bool) {
        self.release();
        self.set_in_transaction(false);
        if commits {
            self.has_committed.store(true, Ordering::Relaxed);
            self.scene.lock().database_changed = true;
        }
    }

    fn traces(&self, sql: &dyn Display) {
        let mut state = self.scene.lock();
        state.counts.statements += 1;
        if state.trace.is_some() {
            let text = sql.to_string();
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            state.say(format_args!("    sql {line}"));
        }
    }
}

#[async_trait]
impl Gate for ConnectionGate {
    async fn before(&self) -> Result<(), BoxError> {
        self.has_committed.store(false, Ordering::Relaxed);
        let begins = self.usage == ConnectionUse::Writes && !self.has_lock();
        match self.scene.at(Point::BeforeSql { begins }).await {
            Verdict::Go => Ok(()),
            _ => Err("the statement was lost".into()),
        }
    }

    fn runs(&self, what: Statement<'_>) {
        match what {
            Statement::Begin => {
                self.scene.lock().writer = Some(self.id);
                self.set_in_transaction(true);
            }
            Statement::Commit => self.ends(true),
            Statement::Rollback => self.ends(false),
            Statement::Sql(sql) => self.traces(sql),
        }
    }

    async fn after(&self) -> Result<(), BoxError> {
        let commits = self.has_committed.load(Ordering::Relaxed);
        match self.scene.at(Point::AfterSql { commits }).await {
            Verdict::Go => Ok(()),
            _ => Err("the answer of the statement was lost".into()),
        }
    }
}

impl Drop for ConnectionGate {
    fn drop(&mut self) {
        self.release();
    }
}
