//! The catalogs that a process holds in memory, so that a page of a long list, or of what a search finds in it, costs the
//! database one read by primary key (ADR 0030).

mod catalog;
mod held;
mod searched;
#[cfg(test)]
mod tests;

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use billing_domain::{AppId, WorkspaceId};
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub(crate) use catalog::Catalog;
use held::{Found, Held};

/// The longest wait for another caller that reads the same catalog.
const PATIENCE: Duration = Duration::from_secs(1);
/// The memory of all catalogs, in bytes.
const ROOM: usize = 64 * 1024 * 1024;

pub(crate) type AppKey = (WorkspaceId, AppId);

/// The catalogs of one database that are held in memory. The stores of a process share them.
///
/// A catalog is held with the revision of its app, which every change of a plan, price or feature makes grow, and answers
/// only while the database has the same revision.
#[derive(Clone)]
pub struct Catalogs {
    held: Arc<Mutex<Held>>,
    /// The turn to read a catalog: one at a time, so that the memory of what is read is bounded too.
    turn: Arc<Semaphore>,
    /// The largest size of one catalog, in bytes.
    largest: usize,
}

impl Default for Catalogs {
    fn default() -> Self {
        Self::within(ROOM)
    }
}

impl Catalogs {
    /// Catalogs that take up to this number of bytes in all, and half of it each. With 0 none is held.
    #[must_use]
    pub fn within(room: usize) -> Self {
        let turn = Arc::new(Semaphore::new(1));
        Self { held: Arc::new(Mutex::new(Held::within(room))), turn, largest: room / 2 }
    }

    /// The app's catalog, no older than the answer of `revision`; `None` if it is not held.
    ///
    /// `read` is given the largest size, and answers with `None` for a catalog that is larger. It runs once at a time.
    /// Dropped before its end, it leaves its turn to the next caller. When it fails, the caller's own statement tells why.
    pub(crate) async fn catalog<E, Asking, Reading>(
        &self,
        app: &AppKey,
        revision: impl Fn() -> Asking,
        read: impl FnOnce(usize) -> Reading,
    ) -> Result<Option<Arc<Catalog>>, E>
    where
        Asking: Future<Output = Result<Option<i64>, E>>,
        Reading: Future<Output = Result<Option<Catalog>, E>>,
    {
        let Some(current) = revision().await? else { return Ok(None) };
        let reading = match self.with_held(|held| held.find(app, current)) {
            Found::Catalog(catalog) => return Ok(Some(catalog)),
            Found::Nothing => return Ok(None),
            Found::Old(catalog, reading) if reading.try_lock().is_err() => return Ok(catalog),
            Found::Due(reading) | Found::Old(_, reading) => reading,
        };
        let turn = async { (reading.lock().await, self.turn.acquire().await) };
        let Ok(_turn) = timeout(PATIENCE, turn).await else { return Ok(None) };
        // Read before the content, which may only be newer. What others have read meanwhile may be too old.
        let Some(current) = revision().await? else { return Ok(None) };
        match self.with_held(|held| held.find(app, current)) {
            Found::Catalog(catalog) => Ok(Some(catalog)),
            Found::Nothing => Ok(None),
            Found::Due(_) | Found::Old(..) => {
                let Ok(catalog) = read(self.largest).await else { return Ok(None) };
                let catalog = catalog.map(Arc::new);
                self.with_held(|held| held.keep(app, current, catalog.clone()));
                Ok(catalog)
            }
        }
    }

    /// Frees what is taken out after the lock.
    fn with_held<T>(&self, work: impl FnOnce(&mut Held) -> T) -> T {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work(&mut held);
        let taken_out = mem::take(&mut held.taken_out);
        drop(held);
        drop(taken_out);
        done
    }
}
