use std::time::Duration;

use billing_domain::ports::StoreError;
use billing_domain::{BillingSwitch, Version, WorkspaceId};
use billing_testing::{Suite, TestDatabase, builders};
use tokio::task::JoinSet;

use crate::raw;
use crate::story::{enabled, locked, locked_in, migrated, url};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("dropping_undoes_everything", dropping_undoes_everything)
        .on_every_database("rolling_back_undoes_everything", rolling_back_undoes_everything)
        .on_every_database("writers_of_one_workspace_take_turns", writers_of_one_workspace_take_turns)
        .on_postgres(
            "writers_take_turns_whatever_the_isolation_default",
            writers_take_turns_whatever_the_isolation_default,
        )
        .on_every_database("dropped_writers_hold_up_nobody", dropped_writers_hold_up_nobody)
        .on_every_database(
            "writers_cancelled_anywhere_hold_up_nobody",
            writers_cancelled_anywhere_hold_up_nobody,
        )
        .on_every_database("a_reader_does_not_wait_for_a_writer", a_reader_does_not_wait_for_a_writer)
        .on_postgres("locked_workspaces_hold_up_no_other", locked_workspaces_hold_up_no_other)
        .on_postgres("a_writer_gets_in_between_those_who_queue", a_writer_gets_in_between_those_who_queue)
        .on_every_database("a_second_writer_gives_up_as_unavailable", a_second_writer_gives_up_as_unavailable)
}

const WRITERS: u32 = 32;

async fn dropping_undoes_everything(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    work.switches().save_switch(&builders::workspace_id(), Version::NEW, &enabled()).await.unwrap();
    drop(work);

    let switch = store.switches().billing_switch(&builders::workspace_id()).await.unwrap();
    assert_eq!(switch, BillingSwitch::Disabled);
}

async fn rolling_back_undoes_everything(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    work.switches().save_switch(&builders::workspace_id(), Version::NEW, &enabled()).await.unwrap();
    work.rollback().await.unwrap();

    let switch = store.switches().billing_switch(&builders::workspace_id()).await.unwrap();
    assert_eq!(switch, BillingSwitch::Disabled);
}

/// Each writer adds one to the version it locked. Without the lock two would read the same one, and the second
/// save would conflict. Two stores, as two processes have.
async fn writers_of_one_workspace_take_turns(database: TestDatabase) {
    let store = migrated(&database).await;
    let other_process = billing_diesel::open(&url(&database)).unwrap();
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        let store = if number % 2 == 0 { store.clone() } else { other_process.clone() };
        writers.spawn(async move {
            let workspace = builders::workspace_id();
            let mut work = store.begin(&workspace).await?;
            let loaded = work.switches().lock_workspace(&workspace).await?;
            tokio::task::yield_now().await;
            work.switches().save_switch(&workspace, loaded.version, &enabled()).await?;
            work.commit().await
        });
    }
    let results: Vec<Result<(), StoreError>> = writers.join_all().await;

    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let loaded = locked(&store).await.switches().lock_workspace(&builders::workspace_id()).await.unwrap();
    assert_eq!(loaded.version.number(), WRITERS);
}

/// At a stricter level a transaction reads as of before it waited for the lock, and misses what was written then.
async fn writers_take_turns_whatever_the_isolation_default(database: TestDatabase) {
    let strict = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = \
                  ''repeatable read''', current_database()); END $$";
    raw::execute(&database.url, strict).await;
    writers_of_one_workspace_take_turns(database).await;
}

async fn dropped_writers_hold_up_nobody(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            let workspace = builders::workspace_id();
            let mut work = store.begin(&workspace).await.unwrap();
            let loaded = work.switches().lock_workspace(&workspace).await.unwrap();
            work.switches().save_switch(&workspace, loaded.version, &enabled()).await.unwrap();
            if number % 4 == 0 {
                drop(work);
            } else {
                work.commit().await.unwrap();
            }
        });
    }
    writers.join_all().await;

    let loaded = locked(&store).await.switches().lock_workspace(&builders::workspace_id()).await.unwrap();
    assert_eq!(loaded.version.number(), WRITERS / 4 * 3);
}

/// A future that is dropped at any point, the begin and the commit included, leaves nothing locked.
async fn writers_cancelled_anywhere_hold_up_nobody(database: TestDatabase) {
    let store = migrated(&database).await;
    for polls in 0..60 {
        let write = async {
            let workspace = builders::workspace_id();
            let mut work = store.begin(&workspace).await?;
            let loaded = work.switches().lock_workspace(&workspace).await?;
            work.switches().save_switch(&workspace, loaded.version, &enabled()).await?;
            work.commit().await
        };
        cancelled_after(polls, write).await;
    }

    let mut work = locked(&store).await;
    let workspace = builders::workspace_id();
    let loaded = work.switches().lock_workspace(&workspace).await.unwrap();
    work.switches().save_switch(&workspace, loaded.version, &enabled()).await.unwrap();
    work.commit().await.unwrap();
}

/// Drives a future until it has been woken this often, and drops it.
async fn cancelled_after(polls: u32, future: impl Future) {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 || future.as_mut().poll(context).is_ready() {
            return std::task::Poll::Ready(());
        }
        left -= 1;
        std::task::Poll::Pending
    })
    .await;
}

async fn a_reader_does_not_wait_for_a_writer(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    work.switches().save_switch(&builders::workspace_id(), Version::NEW, &enabled()).await.unwrap();

    let seen = store.switches().billing_switch(&builders::workspace_id()).await.unwrap();

    assert_eq!(seen, BillingSwitch::Disabled);
    work.commit().await.unwrap();
    assert_eq!(store.switches().billing_switch(&builders::workspace_id()).await.unwrap(), enabled());
}

/// More workspaces than there are connections wait for a lock that another process holds.
async fn locked_workspaces_hold_up_no_other(database: TestDatabase) {
    let store = migrated(&database).await;
    let other_processes = [(); 2].map(|()| billing_diesel::open(&url(&database)).unwrap());
    let mut holders = Vec::new();
    let mut waiting = JoinSet::new();
    for number in 0..24 {
        let workspace = WorkspaceId::parse(format!("ws_{number}")).unwrap();
        holders.push(locked_in(&other_processes[number % 2], &workspace).await);
        let store = store.clone();
        waiting.spawn(async move { locked_in(&store, &workspace).await.rollback().await });
    }

    for _ in 0..50 {
        let free = tokio::time::timeout(Duration::from_secs(1), locked(&store)).await;
        free.expect("it does not wait for the others").rollback().await.unwrap();
    }
    for holder in holders {
        holder.rollback().await.unwrap();
    }
    assert!(waiting.join_all().await.iter().all(Result::is_ok));
}

/// As replicas of the version before do: the row goes from one of them to the next.
async fn a_writer_gets_in_between_those_who_queue(database: TestDatabase) {
    let store = migrated(&database).await;
    locked(&store).await.commit().await.unwrap();
    let mut queue = JoinSet::new();
    for _ in 0..8 {
        let session = database.session().await;
        queue.spawn(async move {
            loop {
                let change = "BEGIN; SELECT 1 FROM workspaces FOR UPDATE; SELECT pg_sleep(0.005); COMMIT";
                session.batch_execute(change).await.unwrap();
            }
        });
    }

    for _ in 0..5 {
        let locked = tokio::time::timeout(Duration::from_secs(2), locked(&store)).await;
        locked.expect("it gets its turn").rollback().await.unwrap();
    }
}

async fn a_second_writer_gives_up_as_unavailable(database: TestDatabase) {
    let store = migrated(&database).await;
    let other_process = billing_diesel::open(&url(&database)).unwrap();
    let first = locked(&store).await;

    let second = async {
        let workspace = builders::workspace_id();
        let mut work = other_process.begin(&workspace).await?;
        work.switches().lock_workspace(&workspace).await.map(drop)
    };
    let error = second.await.unwrap_err();

    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    first.rollback().await.unwrap();
    drop(locked(&store).await);
}
