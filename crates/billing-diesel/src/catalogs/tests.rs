use std::convert::Infallible;
use std::future::pending;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use billing_domain::PlanOffer;
use billing_domain::ports::{Edge, PlanFilter};
use billing_testing::builders::{plan, workspace_id};
use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio::time::advance;

use super::*;

fn app(number: u32) -> AppKey {
    (workspace_id(), billing_testing::builders::app(number).id)
}

/// A catalog of this many plans.
fn catalog_of(plans: u32) -> Catalog {
    let offer = |number| PlanOffer { plan: plan(number), prices: Vec::new(), features: Vec::new() };
    let mut catalog = Catalog::default();
    catalog.add_plans(false, (1..=plans).rev().map(offer).collect());
    catalog
}

fn size(catalog: &Catalog) -> usize {
    catalog.plans(&PlanFilter::default(), Edge::Newest, 1_000).items.len()
}

/// A database whose catalogs have as many plans as their revision.
struct Database {
    revision: AtomicI64,
    reads: AtomicU32,
    /// Permits of reads to end.
    ends: Semaphore,
}

impl Database {
    fn at(revision: i64) -> Self {
        Self { revision: revision.into(), reads: AtomicU32::new(0), ends: Semaphore::new(1_000) }
    }

    fn revision(&self) -> i64 {
        self.revision.load(Ordering::SeqCst)
    }

    fn change(&self) {
        self.revision.fetch_add(1, Ordering::SeqCst);
    }

    fn reads(&self) -> u32 {
        self.reads.load(Ordering::SeqCst)
    }

    /// The number of plans of the catalog, if it is held.
    async fn ask(&self, catalogs: &Catalogs, number: u32) -> Option<usize> {
        let read = async |largest| {
            self.reads.fetch_add(1, Ordering::SeqCst);
            let catalog = catalog_of(u32::try_from(self.revision()).unwrap());
            self.ends.acquire().await.unwrap().forget();
            Ok((catalog.size() <= largest).then_some(catalog))
        };
        let asked =
            catalogs.catalog(&app(number), async || Ok::<_, Infallible>(Some(self.revision())), read).await;
        asked.unwrap().map(|catalog| size(&catalog))
    }
}

#[tokio::test]
async fn a_catalog_that_is_asked_for_again_is_held() {
    let (catalogs, database) = (Catalogs::default(), Database::at(3));
    assert_eq!(database.ask(&catalogs, 1).await, None);
    for _ in 0..3 {
        assert_eq!(database.ask(&catalogs, 1).await, Some(3));
    }
    assert_eq!(database.reads(), 1);
}

#[tokio::test]
async fn a_changed_catalog_is_not_answered_from_memory() {
    let (catalogs, database) = (Catalogs::default(), Database::at(1));
    for plans in 1..4 {
        assert_eq!(database.ask(&catalogs, 1).await, None);
        assert_eq!(database.ask(&catalogs, 1).await, Some(plans));
        database.change();
    }
}

/// What was read belongs to the revision from before it.
#[tokio::test]
async fn a_change_during_the_read_is_not_taken_for_read() {
    let (catalogs, database) = (Catalogs::default(), Database::at(1));
    database.ask(&catalogs, 1).await;
    let read = async |_| {
        database.change();
        Ok(Some(catalog_of(1)))
    };
    let revision = async || Ok::<_, Infallible>(Some(database.revision()));
    assert!(catalogs.catalog(&app(1), revision, read).await.unwrap().is_some());

    assert_eq!(database.ask(&catalogs, 1).await, None);
    assert_eq!(database.ask(&catalogs, 1).await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn a_catalog_is_read_anew_after_a_minute() {
    let (catalogs, database) = (Catalogs::default(), Database::at(1));
    database.ask(&catalogs, 1).await;
    for (age, reads) in [(0, 1), (59, 1), (1, 2), (59, 2)] {
        advance(Duration::from_secs(age)).await;
        database.ask(&catalogs, 1).await;
        assert_eq!(database.reads(), reads);
    }
}

#[tokio::test(start_paused = true)]
async fn an_old_catalog_is_answered_while_it_is_read_anew() {
    let (catalogs, database) = (Catalogs::default(), Database::at(1));
    for _ in 0..2 {
        database.ask(&catalogs, 1).await;
    }
    advance(held::AGE).await;
    let (app, revision) = (app(1), async || Ok::<_, Infallible>(Some(1)));
    let mut stuck = Box::pin(catalogs.catalog(&app, revision, async |_| pending().await));
    assert!(stuck.as_mut().now_or_never().is_none());

    assert_eq!(database.ask(&catalogs, 1).now_or_never(), Some(Some(1)));
    database.change();
    assert_eq!(database.ask(&catalogs, 1).await, None);
}

#[tokio::test]
async fn many_callers_read_a_catalog_once() {
    let (catalogs, database) = (Catalogs::default(), Database::at(1));
    database.ask(&catalogs, 1).await;
    let answers = futures_util::future::join_all([1, 1, 1].map(|app| database.ask(&catalogs, app)));
    assert_eq!(answers.await, [Some(1); 3]);
    assert_eq!(database.reads(), 1);
}

#[tokio::test]
async fn a_cancelled_read_leaves_its_turn_to_the_next() {
    let (catalogs, database) = (Catalogs::default(), Database::at(1));
    database.ask(&catalogs, 1).await;
    let (app, revision) = (app(1), async || Ok::<_, Infallible>(Some(1)));
    let mut cancelled = Box::pin(catalogs.catalog(&app, revision, async |_| pending().await));
    assert!(cancelled.as_mut().now_or_never().is_none());
    let mut waiting = Box::pin(database.ask(&catalogs, 1));
    assert!(waiting.as_mut().now_or_never().is_none());

    drop(cancelled);

    assert_eq!(waiting.await, Some(1));
}

#[tokio::test]
async fn a_failed_read_is_tried_again() {
    let (catalogs, database) = (Catalogs::default(), Database::at(1));
    database.ask(&catalogs, 1).await;
    let failed = catalogs.catalog(&app(1), async || Ok(Some(1)), async |_| Err("down")).await;
    assert!(matches!(failed, Ok(None)), "the caller asks for itself");

    assert_eq!(database.ask(&catalogs, 1).await, Some(1));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_long_for_the_read_of_another() {
    let (catalogs, database) = (Catalogs::default(), Database::at(1));
    database.ask(&catalogs, 1).await;
    let (app, revision) = (app(1), async || Ok::<_, Infallible>(Some(1)));
    let mut stuck = Box::pin(catalogs.catalog(&app, revision, async |_| pending().await));
    assert!(stuck.as_mut().now_or_never().is_none());

    assert_eq!(database.ask(&catalogs, 1).await, None);
    assert_eq!(database.reads(), 0);
}

#[tokio::test]
async fn the_catalogs_asked_for_the_longest_time_ago_are_forgotten() {
    let database = Database::at(20);
    let catalogs = Catalogs::within(catalog_of(20).size() * 5 / 2);
    for number in [1, 2] {
        database.ask(&catalogs, number).await;
        assert_eq!(database.ask(&catalogs, number).await, Some(20));
    }
    database.ask(&catalogs, 1).await;

    database.ask(&catalogs, 3).await;
    assert_eq!(database.ask(&catalogs, 3).await, Some(20));

    assert_eq!(database.reads(), 3);
    assert_eq!(database.ask(&catalogs, 1).await, Some(20));
    assert_eq!(database.ask(&catalogs, 2).await, None);
    assert_eq!(database.reads(), 3);
}

#[tokio::test]
async fn a_catalog_that_is_too_large_is_not_held() {
    let (catalogs, database) = (Catalogs::within(catalog_of(20).size()), Database::at(20));
    for reads in [0, 1, 1] {
        assert_eq!(database.ask(&catalogs, 1).await, None);
        assert_eq!(database.reads(), reads);
    }
}

#[tokio::test]
async fn without_room_nothing_is_read() {
    let (catalogs, database) = (Catalogs::within(0), Database::at(1));
    for _ in 0..3 {
        assert_eq!(database.ask(&catalogs, 1).await, None);
    }
    assert_eq!(database.reads(), 0);
}
