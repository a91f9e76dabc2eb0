//! Shares of a connection pool: no workspace takes it from the others, nor does a part of the database that is frozen
//! (contract, I11).
//!
//! A caller waits for a turn of its workspace before it takes a connection. A connection in use for longer than
//! [`SLOW`] moves from the ordinary share of the pool to that of the slow. Until its workspace is quick again, it gets a
//! place in the ordinary share only while half of that is free.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use billing_domain::WorkspaceId;
use billing_domain::ports::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Longer than any transaction of ours on a database in good health.
const SLOW: Duration = Duration::from_millis(250);
/// The time a caller waits for a turn, and again for a connection, before the database counts as too busy.
const WAIT_TIMEOUT: Duration = Duration::from_secs(5);
/// The number of idle slow workspaces that are remembered.
const REMEMBERED: usize = 1_000;

/// Numbers of connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shares {
    /// Of one workspace at a time.
    pub per_workspace: usize,
    /// Of the service's own work on all workspaces at a time.
    pub service: usize,
    /// Of everybody whose connections are in use for a short time.
    pub ordinary: usize,
    /// Of the others. Zero makes no difference between the two.
    pub slow: usize,
}

impl Shares {
    /// The size of the pool.
    pub(crate) fn total(self) -> usize {
        self.ordinary + self.slow
    }
}

/// The queues before one pool.
pub(crate) struct Bulkhead {
    shares: Shares,
    ordinary: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    service: Arc<Semaphore>,
    lanes: Mutex<HashMap<WorkspaceId, Arc<Lane>>>,
}

/// The queue of one workspace.
struct Lane {
    turns: Arc<Semaphore>,
    is_slow: Arc<AtomicBool>,
}

/// The permission of a workspace to use one connection.
pub(crate) struct Turn {
    bulkhead: Arc<Bulkhead>,
    /// With its workspace; `None` for the service's own look at all of them.
    lane: Option<(WorkspaceId, Arc<Lane>)>,
    permit: Option<OwnedSemaphorePermit>,
}

/// A connection's place in one of the shares, until dropped.
pub(crate) struct Place {
    permit: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
    slow: Arc<Semaphore>,
    is_slow: Option<Arc<AtomicBool>>,
    since: Instant,
    mover: Option<AbortHandle>,
}

impl Bulkhead {
    pub(crate) fn new(shares: Shares) -> Arc<Self> {
        Arc::new(Self {
            shares,
            ordinary: Arc::new(Semaphore::new(shares.ordinary)),
            slow: Arc::new(Semaphore::new(shares.slow)),
            service: Arc::new(Semaphore::new(shares.service)),
            lanes: Mutex::default(),
        })
    }

    /// Waits for a turn of the workspace.
    pub(crate) async fn turn(self: &Arc<Self>, workspace: &WorkspaceId) -> Result<Turn, StoreError> {
        let lane = self.lane(workspace);
        let permit = in_time(Arc::clone(&lane.turns)).await?;
        let lane = Some((workspace.clone(), lane));
        Ok(Turn { bulkhead: Arc::clone(self), lane, permit: Some(permit) })
    }

    /// Waits for a turn outside the workspaces. They are few at a time: neither a probe nor a webhook needs a credential
    /// of a workspace.
    pub(crate) async fn turn_of_the_service(self: &Arc<Self>) -> Result<Turn, StoreError> {
        let permit = in_time(Arc::clone(&self.service)).await?;
        Ok(Turn { bulkhead: Arc::clone(self), lane: None, permit: Some(permit) })
    }

    fn lane(&self, workspace: &WorkspaceId) -> Arc<Lane> {
        let mut lanes = lock(&self.lanes);
        if let Some(lane) = lanes.get(workspace) {
            return Arc::clone(lane);
        }
        if lanes.len() > REMEMBERED {
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        let turns = Arc::new(Semaphore::new(self.shares.per_workspace));
        let lane = Arc::new(Lane { turns, is_slow: Arc::default() });
        lanes.insert(workspace.clone(), Arc::clone(&lane));
        lane
    }
}

impl Turn {
    /// Waits for a place of a connection. One at a time; a turn may wait for the next when it has dropped the last.
    pub(crate) async fn place(&self) -> Result<Place, StoreError> {
        let mark = self.lane.as_ref().map(|(_, lane)| Arc::clone(&lane.is_slow));
        let is_slow = mark.as_ref().is_some_and(|mark| mark.load(Ordering::Relaxed));
        let Bulkhead { ordinary, slow, shares, .. } = &*self.bulkhead;
        let waits_with_the_slow = is_slow && ordinary.available_permits() <= shares.ordinary / 2;
        let permit = in_time(Arc::clone(if waits_with_the_slow { slow } else { ordinary })).await?;
        let permit = Arc::new(Mutex::new(Some(permit)));
        let mover = (shares.slow > 0 && !waits_with_the_slow).then(|| {
            tokio::spawn(move_when_slow(Arc::clone(&permit), mark.clone(), Arc::clone(slow))).abort_handle()
        });
        Ok(Place { permit, slow: Arc::clone(slow), is_slow: mark, since: Instant::now(), mover })
    }
}

/// Gives an ordinary permit back for a slow one, once the connection has been in use for long.
async fn move_when_slow(
    permit: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
    is_slow: Option<Arc<AtomicBool>>,
    slow: Arc<Semaphore>,
) {
    tokio::time::sleep(SLOW).await;
    if let Some(is_slow) = is_slow {
        is_slow.store(true, Ordering::Relaxed);
    }
    let Ok(moved) = slow.acquire_owned().await else { return };
    let mut held = lock(&permit);
    // Nothing is held by a place that was dropped meanwhile.
    if held.is_some() {
        *held = Some(moved);
    }
}

impl Place {
    /// Moves to the share of the slow, if that has a free place.
    pub(crate) fn join_the_slow(&mut self) -> bool {
        let Ok(permit) = Arc::clone(&self.slow).try_acquire_owned() else { return false };
        if let Some(mover) = self.mover.take() {
            mover.abort();
        }
        *lock(&self.permit) = Some(permit);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(mover) = &self.mover {
            mover.abort();
        }
        if let Some(is_slow) = &self.is_slow
            && self.since.elapsed() < SLOW
        {
            is_slow.store(false, Ordering::Relaxed);
        }
        *lock(&self.permit) = None;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.permit.take());
        let Some((workspace, lane)) = self.lane.take() else { return };
        let mut lanes = lock(&self.bulkhead.lanes);
        // The map's and this one: nobody waits.
        if Arc::strong_count(&lane) <= 2 && !lane.is_slow.load(Ordering::Relaxed) {
            lanes.remove(&workspace);
        }
    }
}

async fn in_time(permits: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
    match tokio::time::timeout(WAIT_TIMEOUT, permits.acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        Ok(Err(closed)) => Err(StoreError::Unexpected(Box::new(closed))),
        Err(_elapsed) => Err(StoreError::Unavailable(
            format!("no connection was free within {} seconds", WAIT_TIMEOUT.as_secs()).into(),
        )),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const SHARES: Shares = Shares { per_workspace: 1, service: 1, ordinary: 2, slow: 1 };

    fn workspace(number: u32) -> WorkspaceId {
        WorkspaceId::parse(format!("ws_{number}")).unwrap()
    }

    /// A turn and a place, if both are free at once.
    fn at_once(bulkhead: &Arc<Bulkhead>, number: u32) -> Option<(Place, Turn)> {
        let entering = async {
            let turn = bulkhead.turn(&workspace(number)).await?;
            Ok::<_, StoreError>((turn.place().await?, turn))
        };
        entering.now_or_never().map(Result::unwrap)
    }

    #[tokio::test(start_paused = true)]
    async fn a_workspace_waits_for_its_own_turn_and_holds_up_nobody() {
        let bulkhead = Bulkhead::new(SHARES);
        let first = at_once(&bulkhead, 1).unwrap();
        assert!(at_once(&bulkhead, 1).is_none());
        assert!(at_once(&bulkhead, 2).is_some());
        drop(first);
        assert!(at_once(&bulkhead, 1).is_some());
        assert!(lock(&bulkhead.lanes).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_without_a_place_holds_up_nobody() {
        let bulkhead = Bulkhead::new(SHARES);
        let mut waiting: Vec<Turn> = Vec::new();
        for number in 0..9 {
            let (place, turn) = at_once(&bulkhead, number).unwrap();
            drop(place);
            waiting.push(turn);
        }
        assert!(at_once(&bulkhead, 9).is_some());
    }

    const OF_SLOW: Shares = Shares { per_workspace: 1, service: 1, ordinary: 4, slow: 1 };

    #[tokio::test(start_paused = true)]
    async fn slow_workspaces_hold_up_only_each_other() {
        let bulkhead = Bulkhead::new(OF_SLOW);
        let frozen = [1, 2, 3, 4].map(|number| at_once(&bulkhead, number).unwrap());
        assert!(at_once(&bulkhead, 9).is_none(), "the ordinary share is in use");

        tokio::time::sleep(SLOW * 2).await;

        let quick = at_once(&bulkhead, 9).unwrap();
        assert!(at_once(&bulkhead, 8).is_none(), "one of the four was moved: the slow share is one");
        drop(frozen);
        drop(quick);
        // The movers of the others give up their waits.
        tokio::task::yield_now().await;
        // They were slow: together they get half of the ordinary share, and the slow one.
        let slow: Vec<_> = [1, 2, 3, 4].into_iter().filter_map(|number| at_once(&bulkhead, number)).collect();
        assert_eq!(slow.len(), 3);
        assert!([8, 9].iter().all(|quick| at_once(&bulkhead, *quick).is_some()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_among_the_slow_frees_an_ordinary_one() {
        let bulkhead = Bulkhead::new(SHARES);
        let mut waiting = [at_once(&bulkhead, 1).unwrap(), at_once(&bulkhead, 2).unwrap()];
        assert!(waiting[0].0.join_the_slow());
        assert!(!waiting[1].0.join_the_slow(), "the slow share is one");
        assert!(at_once(&bulkhead, 3).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_service_looks_at_all_workspaces_once_at_a_time() {
        let bulkhead = Bulkhead::new(SHARES);
        let looking = bulkhead.turn_of_the_service().await.unwrap();
        let _place = looking.place().await.unwrap();
        assert!(bulkhead.turn_of_the_service().now_or_never().is_none());
        assert!(at_once(&bulkhead, 1).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_without_a_connection_gives_up() {
        let bulkhead = Bulkhead::new(SHARES);
        let held = at_once(&bulkhead, 1).unwrap();
        let given_up = bulkhead.turn(&workspace(1)).await;
        assert!(matches!(given_up.err(), Some(StoreError::Unavailable(_))));
        drop(held);
    }
}
