//! The rows of a database: read as text, compared, and put back.

use std::fmt::Write;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

/// The tables of the mirror, and what follows from it.
const MIRROR: [&str; 4] = ["subscriptions", "invoices", "checkout_intents", "trials"];
/// The history of the changes differs by their order.
const NOT_COMPARED: &str = "audit_entries";
/// Compared as present or absent: our own ids, which differ by the order in which objects were first seen; marks, which
/// differ by the number of events; and the bodies of events and calls, which never change.
const DIFFERING: [&str; 4] = ["subscription_id", "invoice_id", "mark", "body"];

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct StoredRow {
    #[diesel(sql_type = Text)]
    of: String,
    /// The statement that puts it back.
    #[diesel(sql_type = Text)]
    put_back: String,
    /// The values that are compared.
    #[diesel(sql_type = Text)]
    compared: String,
}

/// A connection beside the store's.
pub(super) struct Tables {
    database: SqliteConnection,
    /// The statement that reads all rows of all tables.
    read: String,
    /// The statements that remove them.
    remove: String,
}

/// All rows of all tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    put_back: String,
    /// Everything that must not depend on the order of events, and all that the next step can depend on.
    pub(super) compared: String,
    /// The part of it that is the mirror.
    pub(super) mirror: String,
}

impl Tables {
    pub(super) fn open(path: &Path) -> Self {
        let mut database = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        database.batch_execute("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF;").unwrap();
        let tables =
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'";
        let mut reads = Vec::new();
        let mut remove = String::new();
        for table in names(&mut database, &format!("{tables} ORDER BY name")) {
            let columns = names(&mut database, &format!("SELECT name FROM pragma_table_info('{table}')"));
            let text = |value: &dyn Fn(&String) -> String| {
                columns.iter().map(value).collect::<Vec<_>>().join(" || ',' || ")
            };
            let all = text(&|column| format!("quote({column})"));
            let compared = text(&|column| {
                let is_differing = DIFFERING.contains(&column.as_str());
                if is_differing { format!("({column} IS NULL)") } else { format!("quote({column})") }
            });
            // A number of 0 says what no row says.
            let counted = if table == "sale_counts" { "WHERE number <> 0" } else { "" };
            reads.push(format!(
                "SELECT '{table}' AS \"of\", 'INSERT INTO {table} VALUES (' || {all} || ');' AS put_back,
                    {compared} AS compared FROM {table} {counted}"
            ));
            write!(remove, "DELETE FROM {table};").unwrap();
        }
        Self { database, read: format!("{} ORDER BY 1, 3", reads.join(" UNION ALL ")), remove }
    }

    pub(super) fn rows(&mut self) -> Rows {
        let mut rows = Rows::default();
        for row in diesel::sql_query(&self.read).load::<StoredRow>(&mut self.database).unwrap() {
            rows.put_back.push_str(&row.put_back);
            let of = row.of.as_str();
            if of != NOT_COMPARED {
                writeln!(rows.compared, "{of}: {}", row.compared).unwrap();
            }
            if MIRROR.contains(&of) {
                writeln!(rows.mirror, "{of}: {}", row.compared).unwrap();
            }
        }
        rows
    }

    pub(super) fn put_back(&mut self, rows: &Rows) {
        let Rows { put_back, .. } = rows;
        let script = format!("BEGIN IMMEDIATE;{}{put_back}COMMIT;", self.remove);
        self.database.batch_execute(&script).unwrap();
    }
}

fn names(database: &mut SqliteConnection, query: &str) -> Vec<String> {
    let names = diesel::sql_query(query).load::<Name>(database).unwrap();
    names.into_iter().map(|Name { name }| name).collect()
}
