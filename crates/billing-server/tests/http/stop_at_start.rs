use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use billing_testing::{Suite, TestDatabase, tokens};

use crate::BINARY;
use crate::command_line::{command, printed};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "a_start_that_waits_for_migrations_stops_at_once",
            a_start_that_waits_for_migrations_stops_at_once,
        )
        .on_sqlite("a_start_that_connects_stops_at_once", a_start_that_connects_stops_at_once)
        .on_postgres(
            "a_migration_told_to_stop_leaves_the_schema_as_it_was",
            a_migration_told_to_stop_leaves_the_schema_as_it_was,
        )
}

/// A stop takes less than a second; a busy machine gets more.
const AT_ONCE: Duration = Duration::from_secs(3);
const WAITING: &str = "waiting for the migrations of another process to end";

/// A process that starts, with its log.
struct Starting {
    process: Child,
    log: BufReader<ChildStderr>,
}

impl Starting {
    fn new(folder: &Path, database_url: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(BINARY)
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .env("KL_LISTEN", "127.0.0.1:0")
            .env("KL_STRIPE_SANDBOX_LISTEN", "127.0.0.1:0")
            .env("KL_DATABASE_URL", database_url)
            .env("KL_DASHBOARD_JWT_SECRET", tokens::SECRET)
            .env("KL_LOG", "info,billing_server=debug")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        Self { process, log }
    }

    /// Reads the log until the process is at this step.
    fn is_at(&mut self, step: &str) {
        let mut lines = self.log.by_ref().lines().map_while(Result::ok);
        assert!(lines.any(|line| line.ends_with(step)), "the process has never been {step}");
    }

    /// Sends SIGTERM and gives the exit status, and the log since.
    fn stop(mut self) -> (Option<i32>, String) {
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(told.success());
        let told_at = Instant::now();
        let mut log = String::new();
        // Ends with the process.
        self.log.read_to_string(&mut log).unwrap();
        let status = self.process.wait().unwrap();
        assert!(told_at.elapsed() < AT_ONCE, "it took {:?} to stop", told_at.elapsed());
        (status.code(), log)
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        // Fails if the process has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn a_start_that_waits_for_migrations_stops_at_once(database: TestDatabase) {
    let folder = database.folder.path();
    // As another process does while it migrates.
    let held = File::open(folder).unwrap();
    held.lock().unwrap();
    let session = if database.url.starts_with("postgres") { Some(database.session().await) } else { None };
    if let Some(session) = &session {
        session.batch_execute("SELECT pg_advisory_lock(7011702460420)").await.unwrap();
    }

    let mut service = Starting::new(folder, &database.url, &[]);
    service.is_at(WAITING);
    let (status, log) = service.stop();
    assert!(log.contains(&format!("told to stop before billing was served, while {WAITING}")), "{log}");
    assert_eq!(status, Some(0));

    let mut migration = Starting::new(folder, &database.url, &["migrate"]);
    migration.is_at(WAITING);
    let (status, log) = migration.stop();
    assert!(log.contains(&format!("told to stop while {WAITING}")), "{log}");
    assert_eq!(status, Some(1));
}

async fn a_start_that_connects_stops_at_once(database: TestDatabase) {
    // Takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://{}/billing", silent.local_addr().unwrap());

    let mut service = Starting::new(database.folder.path(), &url, &[]);
    service.is_at("connecting to the database");
    let (status, log) = service.stop();

    assert!(log.contains("while connecting to the database"), "{log}");
    assert_eq!(status, Some(0));
}

async fn a_migration_told_to_stop_leaves_the_schema_as_it_was(database: TestDatabase) {
    let folder = database.folder.path();
    let other = database.session().await;
    // The migration waits for this in the middle.
    other.batch_execute("BEGIN; CREATE TABLE workspaces (workspace_id text)").await.unwrap();

    let mut migration = Starting::new(folder, &database.url, &["migrate"]);
    migration.is_at("migrating the database");
    let (status, log) = migration.stop();
    assert!(log.contains("the migrations are all applied, or none of them is"), "{log}");
    assert_eq!(status, Some(1));

    other.batch_execute("ROLLBACK").await.unwrap();
    let again = command(folder, &["migrate"], &[("KL_DATABASE_URL", &database.url)]);
    assert_eq!(printed(&again), "The database is up to date.");
    assert_eq!(database.count("workspaces").await, 0);
}
