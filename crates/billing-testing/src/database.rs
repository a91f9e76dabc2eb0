use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::Text;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error, NoTls};

use crate::PostgresCluster;

/// An empty database for one test.
pub struct TestDatabase {
    /// Its URL, as `KL_DATABASE_URL` takes it.
    pub url: String,
    /// The test's temporary folder, with the SQLite database.
    pub folder: TempDir,
    drop_from: Option<(String, String)>,
}

impl TestDatabase {
    /// A SQLite file that does not exist yet.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("billing.db").display());
        Self { url, folder, drop_from: None }
    }

    /// A new database on this Postgres server.
    pub async fn postgres(server_url: &str) -> Self {
        Self::copy_of("template1", server_url).await
    }

    /// A new database on this Postgres server, with everything the template has.
    pub(crate) async fn copy_of(template: &str, server_url: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("kl_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        execute(server_url, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let (server, _) = server_url.rsplit_once('/').expect("the URL names a database");
        Self {
            url: format!("{server}/{name}"),
            folder: tempfile::tempdir().unwrap(),
            drop_from: Some((server_url.to_owned(), name)),
        }
    }

    /// A new database in the test's own cluster.
    pub async fn in_cluster(cluster: &PostgresCluster) -> Self {
        Self::postgres(&cluster.url("postgres")).await
    }

    /// Another new database of the same kind, on the same server.
    pub async fn another(&self) -> Self {
        match &self.drop_from {
            Some((server_url, _)) => Self::postgres(server_url).await,
            None => Self::sqlite(),
        }
    }

    /// The rows of a query with one column of text.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        if self.drop_from.is_none() {
            let file = self.url.strip_prefix("sqlite://").expect("a SQLite URL");
            let mut connection = SqliteConnection::establish(file).unwrap();
            // A process that starts after a crash locks the file for a moment.
            connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            return sql::<Text>(query)
                .load(&mut connection)
                .unwrap_or_else(|error| panic!("{query}: {error:?}"));
        }
        let (client, _driver) = connect(&self.url).await;
        let rows = client.query(query, &[]).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Runs SQL in a Postgres database.
    pub async fn execute(&self, sql: &str) {
        execute(&self.url, sql).await;
    }

    /// Another session on a Postgres database, until it is dropped.
    pub async fn session(&self) -> Client {
        connect(&self.url).await.0
    }

    /// The number of rows of a Postgres table.
    pub async fn count(&self, table: &str) -> i64 {
        let (client, _driver) = connect(&self.url).await;
        client.query_one(&format!("SELECT COUNT(*) FROM {table}"), &[]).await.unwrap().get(0)
    }

    /// Removes the database after the test. A SQLite file is removed with its folder.
    pub fn removal(&self) -> impl Future<Output = ()> + use<> {
        let drop_from = self.drop_from.clone();
        async move {
            if let Some((server_url, name)) = drop_from {
                execute(&server_url, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            }
        }
    }
}

pub(crate) async fn execute(url: &str, sql: &str) {
    let (client, driver) = connect(url).await;
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    drop(client);
    driver.await.unwrap().unwrap();
}

async fn connect(url: &str) -> (Client, JoinHandle<Result<(), Error>>) {
    let config: Config = url.parse().expect("a Postgres URL");
    let (client, connection) = config.connect(NoTls).await.expect("Postgres answers");
    (client, tokio::spawn(connection))
}
