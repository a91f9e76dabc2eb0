//! The schema can be sharded by workspace: what a distributed Postgres (Citus) refuses, or answers by asking every
//! node, is found here.

use billing_testing::{DIRECTORIES, Explained, Suite, TestDatabase};

use crate::raw;
use crate::story::migrated;

/// Indexes by which a worker or an operator looks for something in every workspace.
const ACROSS_WORKSPACES: &str = "('work_due', 'work_set_aside')";

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_postgres(
            "every_key_and_index_leads_with_the_workspace",
            every_key_and_index_leads_with_the_workspace,
        )
        .on_postgres("what_cannot_be_sharded_is_found", what_cannot_be_sharded_is_found)
        .without_database("migrations_alter_tables_in_one_block", migrations_alter_tables_in_one_block)
}

pub(crate) fn cases_of_partitions(suite: Suite) -> Suite {
    suite.on_partitions("a_statement_across_workspaces_is_found", a_statement_across_workspaces_is_found)
}

fn violations() -> String {
    let directories = format!("('{}')", DIRECTORIES.join("', '"));
    format!(
        "WITH ours AS (
             SELECT c.oid, c.relname, a.attnum AS workspace
             FROM pg_class c
             LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
             WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                 AND c.relname NOT IN {directories}
         )
         SELECT 'table ' || relname AS line FROM ours WHERE workspace IS NULL
         UNION ALL
         SELECT 'index ' || i.relname FROM ours
         JOIN pg_index x ON x.indrelid = ours.oid JOIN pg_class i ON i.oid = x.indexrelid
         WHERE x.indkey[0] IS DISTINCT FROM ours.workspace
             AND (x.indisunique OR i.relname NOT IN {ACROSS_WORKSPACES})
         UNION ALL
         SELECT 'foreign key ' || f.conname FROM ours
         JOIN pg_constraint f ON f.conrelid = ours.oid AND f.contype = 'f'
         JOIN pg_class parent ON parent.oid = f.confrelid
         LEFT JOIN ours referenced ON referenced.oid = f.confrelid
         WHERE parent.relname NOT IN {directories} AND NOT EXISTS (
             SELECT 1 FROM generate_subscripts(f.conkey, 1) AS n
             WHERE f.conkey[n] = ours.workspace AND f.confkey[n] = referenced.workspace
         )
         UNION ALL
         SELECT 'sequence ' || relname FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
         UNION ALL
         SELECT 'exclusion or trigger on ' || ours.relname FROM ours
         WHERE EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = ours.oid AND NOT t.tgisinternal)
             OR EXISTS (SELECT 1 FROM pg_constraint e WHERE e.conrelid = ours.oid AND e.contype = 'x')"
    )
}

async fn every_key_and_index_leads_with_the_workspace(database: TestDatabase) {
    migrated(&database).await;
    assert_eq!(raw::lines(&database.url, &violations()).await, [""; 0]);
}

async fn what_cannot_be_sharded_is_found(database: TestDatabase) {
    migrated(&database).await;
    let wrong = [
        ("CREATE INDEX apps_by_name ON apps (name)", "index apps_by_name"),
        ("CREATE UNIQUE INDEX apps_once ON apps (app_id, workspace_id)", "index apps_once"),
        (
            "CREATE UNIQUE INDEX work_due_once ON work (due_at); ALTER INDEX work_due RENAME TO work_due_before; \
             ALTER INDEX work_due_once RENAME TO work_due",
            "index work_due",
        ),
        (
            "ALTER TABLE features ADD COLUMN of_workspace TEXT, \
             ADD CONSTRAINT features_app FOREIGN KEY (of_workspace, app_id) REFERENCES apps (workspace_id, app_id)",
            "foreign key features_app",
        ),
        ("ALTER TABLE apps ADD COLUMN number SERIAL", "sequence apps_number_seq"),
        (
            "ALTER TABLE plans ADD COLUMN number BIGINT GENERATED ALWAYS AS IDENTITY",
            "sequence plans_number_seq",
        ),
        ("CREATE TABLE tokens (token TEXT PRIMARY KEY)", "table tokens"),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; \
             CREATE TRIGGER t AFTER INSERT ON prices FOR EACH ROW EXECUTE FUNCTION f()",
            "exclusion or trigger on prices",
        ),
    ];
    for (sql, found) in wrong {
        raw::execute(&database.url, sql).await;
        let violations = raw::lines(&database.url, &violations()).await;
        assert!(violations.iter().any(|line| line == found), "{found}: {violations:?}");
    }
}

/// Statements outside of a block that touch a table which an earlier migration made. Citus refuses them in a message
/// of several statements.
fn alterations(migration: &str) -> Vec<String> {
    let mut pieces = migration.split("$$");
    let outside: String = pieces.by_ref().step_by(2).collect();
    let text: String =
        outside.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join(" ");
    let statements = text.split(';').map(|statement| statement.split_whitespace().collect::<Vec<_>>());
    let mut made: Vec<String> = Vec::new();
    let mut wrong = Vec::new();
    let mut blocks = 0;
    for words in statements.filter(|words| !words.is_empty()) {
        let on = words.iter().position(|word| *word == "ON").and_then(|at| words.get(at + 1));
        match words[..] {
            ["CREATE", "TABLE", table, ..] => made.push(table.to_owned()),
            ["CREATE", "INDEX", ..] | ["CREATE", "UNIQUE", "INDEX", ..]
                if on.is_some_and(|table| made.iter().any(|made| made == table)) => {}
            ["DO"] if blocks == 0 => blocks += 1,
            _ => wrong.push(words.join(" ")),
        }
    }
    wrong
}

async fn migrations_alter_tables_in_one_block() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path().join("up.sql");
        assert_eq!(alterations(&std::fs::read_to_string(&file).unwrap()), [""; 0], "{}", file.display());
        seen += 1;
    }
    assert!(seen >= 3);

    let made = "CREATE TABLE b (c TEXT);\nCREATE INDEX d ON b (c);\n";
    let block = "DO $$\nBEGIN\n    ALTER TABLE a ADD COLUMN c TEXT;\nEND\n$$;\n";
    assert_eq!(alterations(&format!("{made}{block}")), [""; 0]);
    for wrong in [
        "ALTER TABLE a ADD COLUMN c TEXT",
        "CREATE UNIQUE INDEX e ON a (c)",
        "DROP TABLE a",
        "UPDATE a SET c = ''",
    ] {
        assert_eq!(alterations(&format!("{made}{wrong};\n")), [wrong]);
    }
    assert_eq!(alterations(&format!("{block}{block}")), ["DO"]);
}

/// The check of every other case on partitions finds it.
async fn a_statement_across_workspaces_is_found(database: TestDatabase, explained: Explained) {
    let ours = format!("{}?application_name=kolaylogin-billing", database.url);
    let within = "SELECT name AS line FROM apps WHERE workspace_id = 'ws_test' AND app_id = 'app_test'";
    let across = "SELECT name AS line FROM apps WHERE app_id = 'app_test'";
    raw::lines(&ours, within).await;
    assert_eq!(explained.fan_outs(), [""; 0]);

    raw::lines(&database.url, across).await;
    assert_eq!(explained.fan_outs(), [""; 0], "of others");
    raw::lines(&ours, across).await;
    assert_eq!(explained.fan_outs(), [across]);

    let changed = "UPDATE plans SET name = 'x' WHERE plan_id = 'plan_x'";
    raw::execute(&ours, changed).await;
    assert_eq!(explained.fan_outs(), [across, changed]);
}
