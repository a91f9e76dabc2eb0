use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;

use crate::database::execute;
use crate::{Explained, PgBouncer, PostgresCluster, TestDatabase, partitions};

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
    /// Set while cases run on partitioned tables too.
    partitioned: Option<Arc<PartitionedPostgres>>,
    require_all: bool,
    trials: Vec<Trial>,
}

/// A cluster whose databases have their tables partitioned by workspace.
struct PartitionedPostgres(PostgresCluster);

/// The database from which each of its databases is copied.
const PARTITIONED: &str = "kl_partitioned";

impl PartitionedPostgres {
    fn start() -> Option<Self> {
        let cluster = PostgresCluster::start_explaining()?;
        runtime().block_on(async {
            execute(&cluster.url("postgres"), &format!("CREATE DATABASE {PARTITIONED}")).await;
            execute(&cluster.url(PARTITIONED), &partitions::schema()).await;
        });
        Some(Self(cluster))
    }

    async fn database(&self) -> (TestDatabase, Explained) {
        let database = TestDatabase::copy_of(PARTITIONED, &self.0.url("postgres")).await;
        let explained = Explained::new(&self.0.log(), &database.url);
        (database, explained)
    }
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
        Self { _cluster: cluster, postgres_url, partitioned: None, require_all, trials: Vec::new() }
    }

    /// From here on, cases of Postgres run on tables that are partitioned by workspace too, and must not read more
    /// than one partition in a statement.
    #[must_use]
    pub fn partitioned_too(mut self) -> Self {
        self.partitioned = PartitionedPostgres::start().map(Arc::new);
        self
    }

    /// From here on, they do not.
    #[must_use]
    pub fn plain_only(mut self) -> Self {
        self.partitioned = None;
        self
    }

    /// Adds a case that runs on partitioned tables only, and looks for itself at its statements.
    #[must_use]
    pub fn on_partitions<Test, Run>(mut self, name: &str, test: Test) -> Self
    where
        Test: Fn(TestDatabase, Explained) -> Run + Send + Sync + 'static,
        Run: Future<Output = ()> + Send + 'static,
    {
        let partitioned = self.partitioned.clone();
        let ignored = partitioned.is_none() && !self.require_all;
        let trial = Trial::test(format!("partitioned::{name}"), move || {
            let partitioned = partitioned.ok_or("Postgres binaries cannot be found")?;
            runtime().block_on(async {
                let (database, explained) = partitioned.database().await;
                let removal = database.removal();
                test(database, explained).await;
                removal.await;
            });
            Ok(())
        });
        self.trials.push(trial.with_ignored_flag(ignored));
        self
    }

    /// Adds a case with a `PgBouncer` of this `pool_mode` before its database.
    #[must_use]
    pub fn behind_pgbouncer<Test, Run>(mut self, name: &str, pool_mode: &'static str, test: Test) -> Self
    where
        Test: Fn(TestDatabase, PgBouncer) -> Run + Send + Sync + 'static,
        Run: Future<Output = ()> + Send + 'static,
    {
        let url = self.postgres_url.clone();
        let ignored = (url.is_none() || !PgBouncer::can_start()) && !self.require_all;
        let trial = Trial::test(format!("postgres::{name}"), move || {
            let url = url.ok_or("Postgres is required and cannot be had")?;
            runtime().block_on(async {
                let database = TestDatabase::postgres(&url).await;
                let removal = database.removal();
                let pooler = PgBouncer::start(&database, pool_mode).expect("PgBouncer is installed");
                test(database, pooler).await;
                removal.await;
            });
            Ok(())
        });
        self.trials.push(trial.with_ignored_flag(ignored));
        self
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
        if self.partitioned.is_some() {
            let test = Arc::clone(&test);
            self = self.on_partitions(name, move |database, explained| {
                let done = test(database);
                async move {
                    done.await;
                    let fan_outs = explained.fan_outs();
                    assert!(fan_outs.is_empty(), "read more than one partition: {fan_outs:#?}");
                }
            });
        }
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
