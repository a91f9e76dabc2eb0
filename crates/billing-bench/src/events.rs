//! The least that stores an event of Stripe: its row and the mark of its object, one transaction an event. Prints the
//! transactions per second and the 99th percentile of their latency.
//!
//! Usage: `billing-bench events <database URL> <senders> <seconds> <objects>`; in the file of objects, each line is a
//! workspace, an account and an object, and the rest of it the body.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::{postgres, sqlite};

/// The object of an event, and its body.
pub(crate) struct Spoken {
    pub(crate) workspace: String,
    pub(crate) account: String,
    pub(crate) work_key: String,
    pub(crate) body: String,
}

impl Spoken {
    fn read(line: &str) -> Self {
        let mut parts = line.splitn(4, ' ').map(str::to_owned);
        let mut next = || parts.next().expect("a workspace, an account, an object and a body");
        let (workspace, account, object, body) = (next(), next(), next(), next());
        Self { work_key: format!("{account}/{object}"), workspace, account, body }
    }
}

/// The tables, alike in both databases but for the type of a time.
#[macro_export]
macro_rules! tables {
    ($time:ident) => {
        diesel::table! {
            stripe_events (workspace_id, account, event_id) {
                workspace_id -> Text,
                account -> Text,
                event_id -> Text,
                kind -> Text,
                body -> Text,
                received_at -> $time,
            }
        }

        diesel::table! {
            work (workspace_id, kind, work_key) {
                workspace_id -> Text,
                kind -> Text,
                work_key -> Text,
                due_at -> $time,
                mark -> BigInt,
                attempts -> BigInt,
            }
        }
    };
}

/// The two writes, on a connection that is in a transaction.
#[macro_export]
macro_rules! write_event {
    ($conn:expr, $event:expr, $spoken:expr) => {{
        let now = chrono::Utc::now();
        let stored = (
            stripe_events::workspace_id.eq(&$spoken.workspace),
            stripe_events::account.eq(&$spoken.account),
            stripe_events::event_id.eq($event),
            stripe_events::kind.eq("customer.subscription.updated"),
            stripe_events::body.eq(&$spoken.body),
            stripe_events::received_at.eq(now),
        );
        diesel::insert_into(stripe_events::table)
            .values(stored)
            .on_conflict_do_nothing()
            .execute($conn)
            .await?;
        let due = (
            work::workspace_id.eq(&$spoken.workspace),
            work::kind.eq("sync_object"),
            work::work_key.eq(&$spoken.work_key),
            work::due_at.eq(now),
            work::mark.eq(0),
            work::attempts.eq(0),
        );
        diesel::insert_into(work::table)
            .values(due)
            .on_conflict((work::workspace_id, work::kind, work::work_key))
            .do_update()
            .set(work::mark.eq(work::mark + 1))
            .execute($conn)
            .await?;
        diesel::QueryResult::Ok(())
    }};
}

#[derive(Clone)]
enum Database {
    Postgres(postgres::Pool),
    Sqlite(sqlite::Pool),
}

/// Measures, and prints.
pub(crate) async fn measure(url: &str, senders: &str, seconds: &str, objects: &str) {
    let (senders, seconds): (usize, u64) = (senders.parse().unwrap(), seconds.parse().unwrap());
    let objects: Arc<Vec<_>> =
        Arc::new(std::fs::read_to_string(objects).unwrap().lines().map(Spoken::read).collect());
    let database = match url.strip_prefix("sqlite://") {
        // One connection writes at a time; more would only wait for each other by polling.
        Some(path) => Database::Sqlite(sqlite::pool_of(path, 1)),
        None => Database::Postgres(postgres::pool_of(url, senders)),
    };
    let (run, next) = (chrono::Utc::now().timestamp_micros(), Arc::new(AtomicUsize::new(0)));
    let began = Instant::now();
    let sending: Vec<_> = (0..senders)
        .map(|_| {
            let (database, objects, next) = (database.clone(), objects.clone(), next.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while began.elapsed() < Duration::from_secs(seconds) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let (event, spoken) = (format!("evt_{run}_{number}"), &objects[number % objects.len()]);
                    let sent = Instant::now();
                    match &database {
                        Database::Postgres(pool) => postgres::write(pool, &event, spoken).await,
                        Database::Sqlite(pool) => sqlite::write(pool, &event, spoken).await,
                    }
                    took.push(sent.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for sender in sending {
        took.extend(sender.await.unwrap());
    }
    let rate = f64::from(u32::try_from(took.len()).unwrap()) / began.elapsed().as_secs_f64();
    took.sort_unstable();
    println!("{rate:.0} {:.2}", took[took.len() * 99 / 100].as_secs_f64() * 1e3);
}
