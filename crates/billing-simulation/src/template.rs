//! The rows that every life begins with: two workspaces with an app, a catalog and two payers each.

use std::path::Path;

use billing_application::{CreatePlan, EnableBilling, EnableWish, Executor, Ports};
use billing_diesel::DatabaseUrl;
use billing_domain::{
    Administrator, App, AppDetails, AppId, BillingInterval, Currency, DashboardSession, DashboardUserId,
    DisplayName, Environment, EnvironmentId, EnvironmentKind, Gateway, Money, Payer, PayerKind, PlanDetails,
    PlanId, PlanKey, PriceTerms, Role, TrialDays, UserId, Version, WorkspaceId,
};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

diesel::table! { sqlite_schema (name) { name -> Text, #[sql_name = "type"] kind -> Text, } }

/// The workspaces.
pub(crate) const WORKSPACES: [&str; 2] = ["ws_one", "ws_two"];
/// The days of trial of the plan that has one.
const TRIAL_DAYS: u32 = 7;
/// The payers of a workspace.
const PAYERS: [&str; 2] = ["user_1", "user_2"];

/// A workspace and what it sells.
#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) administrator: Administrator,
    pub(crate) app_id: AppId,
    /// One without a trial, and one with.
    pub(crate) plans: [(PlanId, PlanKey); 2],
    pub(crate) payers: Vec<Payer>,
}

impl Tenant {
    pub(crate) fn workspace_id(&self) -> &WorkspaceId {
        self.administrator.workspace_id()
    }
}

/// The statements that give all tables their first rows again.
pub(crate) struct Template(String);

impl Template {
    /// Keeps the present rows in temporary tables of this connection.
    pub(crate) fn of(database: &mut SqliteConnection) -> Self {
        use sqlite_schema as s;
        let tables = s::table.filter(s::kind.eq("table")).filter(s::name.not_like("\\_\\_%").escape('\\'));
        let tables: Vec<String> = tables.select(s::name).order(s::name).load(database).unwrap();
        let mut script = vec!["PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE;".to_owned()];
        for table in tables {
            let columns = columns(database, &table);
            let kept =
                format!("CREATE TEMP TABLE kept_{table} AS SELECT {columns} FROM {table} ORDER BY rowid");
            database.batch_execute(&kept).unwrap();
            // Without checks of foreign keys, the order of the tables does not matter.
            script.push(format!(
                "DELETE FROM {table}; INSERT INTO {table} ({columns}) SELECT {columns} FROM kept_{table};"
            ));
        }
        script.push("COMMIT".to_owned());
        Self(script.concat())
    }

    pub(crate) fn restore(&self, database: &mut SqliteConnection) {
        database.batch_execute(&self.0).unwrap();
    }
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The columns of a table that are written; a generated one is not.
fn columns(database: &mut SqliteConnection, table: &str) -> String {
    let columns = format!("SELECT name FROM pragma_table_info('{table}')");
    let columns: Vec<Column> = diesel::sql_query(columns).load(database).unwrap();
    columns.into_iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// Makes the file with its schema.
pub(crate) async fn migrate(path: &Path) -> DatabaseUrl {
    let url = DatabaseUrl::Sqlite(path.to_owned());
    billing_diesel::migrate(&url).await.unwrap();
    url
}

/// Fills the file.
pub(crate) async fn fill(ports: &Ports) -> Vec<Tenant> {
    let executor = Executor::new(ports.clone());
    let mut tenants = Vec::new();
    for name in WORKSPACES {
        tenants.push(tenant(&executor, ports, name).await);
    }
    tenants
}

async fn tenant(executor: &Executor, ports: &Ports, name: &str) -> Tenant {
    let workspace = WorkspaceId::parse(name).unwrap();
    let user = DashboardUserId::parse("du_owner").unwrap();
    let session = DashboardSession::new(user, workspace.clone(), Role::Owner);
    let administrator = session.administrator().unwrap();
    let app_id = AppId::parse(format!("app_{name}")).unwrap();
    executor.seed_app(app(&workspace, &app_id, ports.clock.now())).await.unwrap();
    let enable = EnableBilling { gateway: Gateway::Managed, wish: EnableWish::EnableOrSwitch };
    executor.change(&administrator, &enable).await.unwrap();
    let sold = async |key, trial_days| {
        let offer = executor.change(&administrator, &plan(&app_id, key, trial_days)).await.unwrap();
        (offer.plan.id, offer.plan.key)
    };
    let plans = [sold("pro", 0).await, sold("team", TRIAL_DAYS).await];
    let payers = PAYERS.map(|payer| Payer::User(UserId::parse(payer).unwrap())).to_vec();
    Tenant { administrator, app_id, plans, payers }
}

/// An app with one environment.
pub(crate) fn app(workspace: &WorkspaceId, id: &AppId, created_at: billing_domain::Timestamp) -> App {
    let environment = Environment {
        id: EnvironmentId::parse(format!("env_{workspace}")).unwrap(),
        kind: EnvironmentKind::Development,
    };
    App {
        id: id.clone(),
        workspace_id: workspace.clone(),
        details: AppDetails {
            name: DisplayName::parse("Shop").unwrap(),
            allowed_redirect_origins: Vec::new(),
        },
        environments: vec![environment],
        version: Version::NEW,
        created_at,
    }
}

fn plan(app: &AppId, key: &str, trial_days: u32) -> CreatePlan {
    let price = |amount, interval| {
        PriceTerms::new(Money::new(amount, Currency::parse("USD").unwrap()), interval).unwrap()
    };
    CreatePlan {
        app_id: app.clone(),
        key: PlanKey::parse(key).unwrap(),
        payer_kind: PayerKind::User,
        details: PlanDetails {
            trial_days: TrialDays::new(trial_days).unwrap(),
            ..PlanDetails::named(DisplayName::parse(key).unwrap())
        },
        prices: vec![price(1_000, BillingInterval::Month), price(10_000, BillingInterval::Year)],
        features: Vec::new(),
    }
}
