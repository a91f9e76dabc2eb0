use std::path::Path;
use std::process::{Command, Output};

use billing_testing::{Service, Suite, TestDatabase, tokens};
use serde_json::Value;

use crate::{BINARY, OFF, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "a_new_service_accepts_the_tokens_its_command_makes",
            a_new_service_accepts_the_tokens_its_command_makes,
        )
        .on_sqlite("production_says_what_is_missing", production_says_what_is_missing)
        .on_postgres(
            "production_makes_no_demo_data_and_no_tokens",
            production_makes_no_demo_data_and_no_tokens,
        )
        .on_every_database(
            "migrating_is_a_command_that_can_be_repeated",
            migrating_is_a_command_that_can_be_repeated,
        )
        .on_postgres("a_plain_postgres_is_not_scaled_out", a_plain_postgres_is_not_scaled_out)
        .on_sqlite("sqlite_is_not_scaled_out", sqlite_is_not_scaled_out)
        .on_sqlite("openapi_command_prints_the_served_document", openapi_command_prints_the_served_document)
        .on_sqlite(
            "the_health_check_fails_when_nothing_is_served",
            the_health_check_fails_when_nothing_is_served,
        )
        .on_postgres(
            "health_check_needs_no_certificates_and_tells_alive_from_ready",
            health_check_needs_no_certificates_and_tells_alive_from_ready,
        )
        .on_sqlite("a_port_that_is_taken_is_named", a_port_that_is_taken_is_named)
        .on_sqlite("a_guessable_secret_is_refused", a_guessable_secret_is_refused)
}

pub(crate) fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(BINARY)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
}

pub(crate) fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

async fn a_new_service_accepts_the_tokens_its_command_makes(database: TestDatabase) {
    let folder = database.folder.path();
    let make = |role| {
        printed(&command(folder, &["token", "dashboard", "--workspace", "ws_demo", "--role", role], &[]))
    };
    let owner = make("owner");
    let service = Service::start_with(BINARY, &database.url, folder, &[]).await;

    assert_eq!(service.get(STATUS, &owner).await.text, OFF);
    assert_eq!(service.post("/v1/dashboard/billing/enable", &make("member")).await.status, 403);
    assert_eq!(service.post("/v1/dashboard/billing/enable", &make("admin")).await.status, 200);
    let expired = ["token", "dashboard", "--workspace", "ws_demo", "--role", "owner", "--ttl-seconds=-60"];
    assert_eq!(service.get(STATUS, &printed(&command(folder, &expired, &[]))).await.status, 401);
}

async fn production_says_what_is_missing(database: TestDatabase) {
    let told = refused(&command(database.folder.path(), &[], &[("KL_ENV", "production")]));
    for name in ["KL_DATABASE_URL", "KL_PUBLIC_BASE_URL", "KL_DASHBOARD_JWT_SECRET or KL_DASHBOARD_JWKS_URL"]
    {
        assert!(told.contains(name), "{told}");
    }
    assert_eq!(std::fs::read_dir(database.folder.path()).unwrap().count(), 0);
}

async fn production_makes_no_demo_data_and_no_tokens(database: TestDatabase) {
    let folder = database.folder.path();
    let production = [
        ("KL_ENV", "production"),
        ("KL_PUBLIC_BASE_URL", "https://billing.example.com"),
        ("KL_DASHBOARD_JWT_SECRET", tokens::SECRET),
    ];
    let service = Service::start_with(BINARY, &database.url, folder, &production).await;
    let refusal = service.post("/v1/dashboard/billing/enable", &tokens::owner("ws_demo")).await;
    assert_eq!(refusal.json()["details"]["missing"][0], "KL_STRIPE_MANAGED_SECRET_KEY");
    assert_eq!(database.count("apps").await, 0);

    let mut variables = production.to_vec();
    variables.push(("KL_DATABASE_URL", &database.url));
    let token = ["token", "dashboard", "--workspace", "ws_demo", "--role", "owner"];
    assert!(refused(&command(folder, &token, &variables)).contains("development only"));
}

async fn migrating_is_a_command_that_can_be_repeated(database: TestDatabase) {
    let variables = [("KL_DATABASE_URL", database.url.as_str())];
    for _ in 0..2 {
        let output = command(database.folder.path(), &["migrate"], &variables);
        assert_eq!(printed(&output), "The database is up to date.");
    }
    let store = billing_diesel::open(&database.url.parse().unwrap()).unwrap();
    store.readiness().await.unwrap();
}

async fn a_plain_postgres_is_not_scaled_out(database: TestDatabase) {
    let variables = [("KL_DATABASE_URL", database.url.as_str())];
    let output = command(database.folder.path(), &["scale-out"], &variables);
    let told = "This Postgres does not have the extension citus; nothing was distributed.";
    assert_eq!(printed(&output), told);
}

async fn sqlite_is_not_scaled_out(database: TestDatabase) {
    let variables = [("KL_DATABASE_URL", database.url.as_str())];
    let told = refused(&command(database.folder.path(), &["scale-out"], &variables));
    assert!(told.contains("only Postgres with the extension citus"), "{told}");
}

async fn openapi_command_prints_the_served_document(database: TestDatabase) {
    let output = command(database.folder.path(), &["openapi"], &[]);
    let document: Value = serde_json::from_str(&printed(&output)).unwrap();
    assert_eq!(&document["paths"], &service(&database).await.document()["paths"]);
}

async fn the_health_check_fails_when_nothing_is_served(database: TestDatabase) {
    let service = service(&database).await;
    let address = service.address().to_owned();
    let check = || command(database.folder.path(), &["healthcheck"], &[("KL_LISTEN", &address)]);

    assert_eq!(printed(&check()), "ready");
    service.kill();
    assert!(refused(&check()).contains("/readyz"));
}

/// The base of an image may have no certificates, and an orchestrator that replaces what is not alive must not replace
/// every replica when the database is away.
async fn health_check_needs_no_certificates_and_tells_alive_from_ready(database: TestDatabase) {
    let folder = database.folder.path();
    let service = service(&database).await;
    let settings = folder.join("settings.toml");
    std::fs::write(&settings, format!("listen = \"{}\"", service.address())).unwrap();
    let no_certificates = folder.join("none").to_str().unwrap().to_owned();
    let check = |arguments: &[&str]| {
        let variables = [
            ("KL_CONFIG", settings.to_str().unwrap()),
            ("SSL_CERT_FILE", &no_certificates),
            ("SSL_CERT_DIR", &no_certificates),
        ];
        command(folder, &[&["healthcheck"], arguments].concat(), &variables)
    };
    assert_eq!(printed(&check(&[])), "ready");
    assert_eq!(printed(&check(&["--live"])), "alive");

    database.execute("DELETE FROM __diesel_schema_migrations").await;
    assert!(refused(&check(&[])).contains("503"));
    assert_eq!(printed(&check(&["--live"])), "alive");
}

async fn a_port_that_is_taken_is_named(database: TestDatabase) {
    let service = service(&database).await;
    let told = refused(&command(database.folder.path(), &[], &[("KL_LISTEN", service.address())]));
    assert!(told.contains("KL_LISTEN") && told.contains(service.address()), "{told}");
}

async fn a_guessable_secret_is_refused(database: TestDatabase) {
    let variables = [("KL_DASHBOARD_JWT_SECRET", "hunter2"), ("KL_LISTEN", "127.0.0.1:0")];
    let told = refused(&command(database.folder.path(), &[], &variables));
    assert!(told.contains("KL_DASHBOARD_JWT_SECRET") && told.contains("32 bytes"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}
