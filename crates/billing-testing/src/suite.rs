use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

use crate::{PostgresCluster, TestDatabase};

/// An environment variable of the test run.
#[expect(clippy::disallowed_methods, reason = "the test runner is configured by the environment alone")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

type DatabaseTest = Arc<dyn Fn(TestDatabase) -> BoxFuture<'static, ()> + Send + Sync>;

/// A test binary whose cases run on every database. `main` builds it, adds the cases and runs it.
///
/// The Postgres server is `KL_TEST_POSTGRES_URL` or a cluster of our own. Without one, the Postgres cases are
/// reported as ignored; with `KL_TEST_REQUIRE_ALL=1` they fail.
pub struct Suite {
    /// Kept alive until the suite has run.
    _cluster: Option<PostgresCluster>,
    postgres_url: Option<String>,
    require_all: bool,
    trials: Vec<Trial>,
}

impl Suite {
    /// An empty suite, with Postgres if available.
    pub fn start() -> Self {
        let external = setting("KL_TEST_POSTGRES_URL");
        let cluster = if external.is_some() { None } else { PostgresCluster::start() };
        let postgres_url = external.or_else(|| cluster.as_ref().map(|cluster| cluster.url("postgres")));
        let require_all = setting("KL_TEST_REQUIRE_ALL").is_some_and(|value| value == "1");
        if postgres_url.is_none() {
            eprintln!(
                "\n*** NO POSTGRES: every Postgres case is IGNORED. Install Postgres or set \
                 KL_TEST_POSTGRES_URL. ***\n"
            );
        }
        Self { _cluster: cluster, postgres_url, require_all, trials: Vec::new() }
    }

    /// Adds a case that runs on each database.
    #[must_use]
    pub fn on_every_database<Test, Run>(self, name: &str, test: Test) -> Self
    where
        Test: Fn(TestDatabase) -> Run + Send + Sync + Clone + 'static,
        Run: Future<Output = ()> + Send + 'static,
    {
        self.on_sqlite(name, test.clone()).on_postgres(name, test)
    }

    /// Adds a case that runs on SQLite.
    #[must_use]
    pub fn on_sqlite<Test, Run>(mut self, name: &str, test: Test) -> Self
    where
        Test: Fn(TestDatabase) -> Run + Send + Sync + 'static,
        Run: Future<Output = ()> + Send + 'static,
    {
        let test: DatabaseTest = Arc::new(move |database| test(database).boxed());
        self.trials.push(Trial::test(format!("sqlite::{name}"), move || {
            run(&test, async { TestDatabase::sqlite() });
            Ok(())
        }));
        self
    }

    /// Adds a case that runs on Postgres.
    #[must_use]
    pub fn on_postgres<Test, Run>(mut self, name: &str, test: Test) -> Self
    where
        Test: Fn(TestDatabase) -> Run + Send + Sync + 'static,
        Run: Future<Output = ()> + Send + 'static,
    {
        let test: DatabaseTest = Arc::new(move |database| test(database).boxed());
        let url = self.postgres_url.clone();
        let ignored = url.is_none() && !self.require_all;
        let trial = Trial::test(format!("postgres::{name}"), move || {
            let url = url.ok_or_else(|| Failed::from("Postgres is required and cannot be had"))?;
            run(&test, async move { TestDatabase::postgres(&url).await });
            Ok(())
        });
        self.trials.push(trial.with_ignored_flag(ignored));
        self
    }

    /// Adds a case with its own Postgres cluster, which it can stop and start.
    #[must_use]
    pub fn on_its_own_postgres<Test, Run>(mut self, name: &str, test: Test) -> Self
    where
        Test: Fn(PostgresCluster) -> Run + Send + Sync + 'static,
        Run: Future<Output = ()> + Send + 'static,
    {
        let ignored = !PostgresCluster::can_start() && !self.require_all;
        let trial = Trial::test(format!("postgres::{name}"), move || {
            let cluster = PostgresCluster::start().ok_or("Postgres binaries cannot be found")?;
            runtime().block_on(test(cluster));
            Ok(())
        });
        self.trials.push(trial.with_ignored_flag(ignored));
        self
    }

    /// Adds a case without a database.
    #[must_use]
    pub fn without_database<Test, Run>(mut self, name: &str, test: Test) -> Self
    where
        Test: Fn() -> Run + Send + Sync + 'static,
        Run: Future<Output = ()> + Send + 'static,
    {
        self.trials.push(Trial::test(name.to_owned(), move || {
            runtime().block_on(test());
            Ok(())
        }));
        self
    }

    /// Runs the cases with the arguments of `cargo test`.
    pub fn run(self) -> ExitCode {
        libtest_mimic::run(&Arguments::from_args(), self.trials).exit_code()
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn run(test: &DatabaseTest, create: impl Future<Output = TestDatabase>) {
    let test = Arc::clone(test);
    runtime().block_on(async move {
        let database = create.await;
        let removal = database.removal();
        test(database).await;
        removal.await;
    });
}
