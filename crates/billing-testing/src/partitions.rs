//! A Postgres whose tables are partitioned by workspace, as a distributed one's are sharded: a statement that reads more
//! than one partition would ask more than one node.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

const PARTITIONS: u32 = 2;

/// The tables that belong to no workspace: every node has a copy.
pub const DIRECTORIES: [&str; 4] =
    ["__diesel_schema_migrations", "customer_directory", "account_directory", "unplaced_events"];

/// The statements that may read all partitions, by what they alone have in common, and why.
const ACROSS_WORKSPACES: [(&str, &str); 5] = [
    (r#"ORDER BY "work"."due_at""#, "a worker lists what is due anywhere; it claims within one workspace"),
    (r#"ORDER BY "work"."set_aside_at" DESC"#, "an operator is shown what was set aside anywhere"),
    (r#"SELECT COUNT(*) FROM "work" WHERE"#, "an operator is shown how much was set aside"),
    (
        r#"SELECT DISTINCT "workspace_subscriptions""#,
        "retention lists what pays the platform anywhere; it deletes within one workspace",
    ),
    (
        r#"(("workspaces"."state" = $1) AND  NOT (EXISTS"#,
        "the sweep lists closings anywhere; it schedules one by one",
    ),
];

/// The statements of the service in one database, since this value was made.
pub struct Explained {
    log: PathBuf,
    from: u64,
    database: String,
}

impl Explained {
    pub(crate) fn new(log: &Path, url: &str) -> Self {
        let (_, database) = url.rsplit_once('/').expect("the URL names a database");
        let from = log.metadata().unwrap().len();
        Self { log: log.to_owned(), from, database: database.to_owned() }
    }

    /// The statements that read more than one partition of a table and are not known to.
    pub fn fan_outs(&self) -> Vec<String> {
        let mut log = std::fs::File::open(&self.log).unwrap();
        log.seek(SeekFrom::Start(self.from)).unwrap();
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        let ours = format!("{}|kolaylogin-billing|", self.database);
        let entries = text.split("\n@").filter_map(|entry| entry.trim_start_matches('@').strip_prefix(&ours));
        let fans_out = |plan: &Value| partitions_read(plan).values().any(|partitions| partitions.len() > 1);
        let plans = entries.filter_map(plan).filter(fans_out);
        let statements = plans.map(|plan| plan["Query Text"].as_str().unwrap_or_default().to_owned());
        statements
            .filter(|statement| !ACROSS_WORKSPACES.iter().any(|(part, _why)| statement.contains(part)))
            .collect()
    }
}

/// The plan in an entry of the log, if it has one.
fn plan(entry: &str) -> Option<Value> {
    let (_, plan) = entry.split_once("plan:\n")?;
    Some(serde_json::from_str(plan).unwrap_or_else(|error| panic!("{error}: {plan}")))
}

/// The partitions that were read, by table.
fn partitions_read(plan: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut read: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut nodes = vec![&plan["Plan"]];
    while let Some(node) = nodes.pop() {
        nodes.extend(node["Plans"].as_array().into_iter().flatten());
        let is_scan = node["Node Type"].as_str().is_some_and(|of| of.ends_with("Scan"));
        if !is_scan || node["Actual Loops"].as_f64() == Some(0.0) {
            continue;
        }
        if let Some((table, partition)) =
            node["Relation Name"].as_str().and_then(|name| name.rsplit_once("_p"))
        {
            read.entry(table.to_owned()).or_default().insert(partition.to_owned());
        }
    }
    read
}

/// SQL that makes the schema of the migrations with partitioned tables, and logs the migrations as applied.
pub(crate) fn schema() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let mut migrations: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    migrations.sort();
    let log = "CREATE TABLE __diesel_schema_migrations (
        version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
    );";
    let mut sql = vec![log.to_owned()];
    for migration in migrations {
        let name = migration.file_name().unwrap().to_string_lossy().into_owned();
        let version = name.split('_').next().unwrap().replace('-', "");
        sql.push(partitioned(&std::fs::read_to_string(migration.join("up.sql")).unwrap()));
        sql.push(format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}');"));
    }
    sql.join("\n")
}

/// The migration with each table that it creates partitioned, but for directories.
fn partitioned(migration: &str) -> String {
    let mut sql = Vec::new();
    let mut creating = None;
    for line in migration.lines() {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            creating = rest.split_whitespace().next().filter(|table| !DIRECTORIES.contains(table));
        }
        match creating {
            Some(table) if line == ");" => {
                sql.push(") PARTITION BY HASH (workspace_id);".to_owned());
                sql.extend((0..PARTITIONS).map(|number| partition(table, number)));
                creating = None;
            }
            _ => sql.push(line.to_owned()),
        }
    }
    sql.join("\n")
}

fn partition(table: &str, number: u32) -> String {
    format!(
        "CREATE TABLE {table}_p{number} PARTITION OF {table} FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number});"
    )
}
