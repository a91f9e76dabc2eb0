use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::io::{BufRead, BufReader, Lines, PipeReader};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use billing_testing::{Service, Suite, TestDatabase, plain_client, tokens};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use crate::{BINARY, OFF, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "a_new_service_accepts_the_tokens_its_command_makes",
            a_new_service_accepts_the_tokens_its_command_makes,
        )
        .on_sqlite(
            "token_command_puts_the_names_given_into_the_token",
            token_command_puts_the_names_given_into_the_token,
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
        .on_sqlite(
            "commands_end_quietly_on_a_closed_pipe_and_name_a_full_disk",
            commands_end_quietly_on_a_closed_pipe_and_name_a_full_disk,
        )
        .on_sqlite("an_unwritable_data_folder_is_named", an_unwritable_data_folder_is_named)
        .on_sqlite(
            "a_secret_that_is_not_utf8_is_refused_and_named",
            a_secret_that_is_not_utf8_is_refused_and_named,
        )
        .on_sqlite(
            "the_public_address_has_the_port_that_is_listened_on",
            the_public_address_has_the_port_that_is_listened_on,
        )
        .on_sqlite("a_guessable_secret_is_refused", a_guessable_secret_is_refused)
        .on_sqlite("help_of_every_command_names_every_variable", help_of_every_command_names_every_variable)
        .on_sqlite("first_line_in_development_is_the_address", first_line_in_development_is_the_address)
        .on_sqlite("a_start_needs_no_standard_output", a_start_needs_no_standard_output)
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

pub(crate) fn printed(output: &Output) -> String {
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

async fn token_command_puts_the_names_given_into_the_token(database: TestDatabase) {
    let folder = database.folder.path();
    let make = |more: &[&str]| {
        let arguments = [&["token", "dashboard", "--workspace", "ws_demo", "--role", "owner"], more].concat();
        command(folder, &arguments, &[("KL_DASHBOARD_JWT_SECRET", tokens::SECRET)])
    };
    let names = |token: &str| {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&["dashboard"]);
        let key = DecodingKey::from_secret(tokens::SECRET.as_bytes());
        let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims;
        (claims.get("name").cloned(), claims.get("workspaceName").cloned())
    };
    let token = printed(&make(&["--name", "Ada Lovelace", "--workspace-name", "Acme"]));
    assert_eq!(names(&token), (Some(json!("Ada Lovelace")), Some(json!("Acme"))));
    assert_eq!(names(&printed(&make(&[]))), (None, None));
    assert!(refused(&make(&["--name", " "])).contains("--name"));
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

async fn commands_end_quietly_on_a_closed_pipe_and_name_a_full_disk(database: TestDatabase) {
    let folder = database.folder.path();
    let token = ["token", "dashboard", "--workspace", "ws_demo", "--role", "owner"];
    for arguments in [&["openapi"][..], &token, &["migrate"], &["--help"], &["--version"]] {
        let print_to = |output: Stdio| {
            let ended = Command::new(BINARY)
                .args(arguments)
                .current_dir(folder)
                .env_clear()
                .stdout(output)
                .stderr(Stdio::piped())
                .output()
                .unwrap();
            (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
        };
        let (reader, closed_pipe) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(print_to(closed_pipe.into()), (Some(0), String::new()), "{arguments:?}");

        let full_disk = File::options().write(true).open("/dev/full").unwrap();
        let told =
            "billing-server: standard output cannot be written: No space left on device (os error 28)\n";
        assert_eq!(print_to(full_disk.into()), (Some(1), told.to_owned()), "{arguments:?}");
    }
}

/// As a container's user on a volume of another user.
async fn an_unwritable_data_folder_is_named(database: TestDatabase) {
    const USER: u32 = 10001;
    let folder = database.folder.path();
    std::fs::set_permissions(folder, Permissions::from_mode(0o555)).unwrap();
    // Root may write everywhere.
    let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
    let user = if is_root { USER } else { std::fs::metadata(folder).unwrap().uid() };
    for (arguments, variables) in [
        (&[][..], &[("KL_LISTEN", "127.0.0.1:0")][..]),
        (&["migrate"], &[]),
        (&["migrate"], &[("KL_DATABASE_URL", "sqlite://billing.db")]),
        (&["token", "dashboard", "--workspace", "ws_demo", "--role", "owner"], &[]),
    ] {
        let mut command = Command::new(BINARY);
        command.args(arguments).current_dir(folder).env_clear().envs(variables.iter().copied());
        if is_root {
            command.uid(USER);
        }
        let told = refused(&command.output().unwrap());
        let is_named = variables.first().is_some_and(|(name, _)| *name == "KL_DATABASE_URL");
        let (named, mended) = (if is_named { folder.to_owned() } else { folder.join("data") }, "with chown");
        let named = format!("the data folder {} cannot be written by user {user}", named.display());
        assert!(told.contains(&named) && told.contains(mended), "{arguments:?}: {told}");
    }
    std::fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
}

async fn a_secret_that_is_not_utf8_is_refused_and_named(database: TestDatabase) {
    let raw = OsString::from_vec([0xf0, 0x9f].repeat(20));
    let output = Command::new(BINARY)
        .current_dir(database.folder.path())
        .env_clear()
        .env("KL_DASHBOARD_JWT_SECRET", raw)
        .env("KL_LISTEN", "127.0.0.1:0")
        .output()
        .unwrap();
    assert!(refused(&output).contains("KL_DASHBOARD_JWT_SECRET is not valid UTF-8"));
}

async fn the_public_address_has_the_port_that_is_listened_on(database: TestDatabase) {
    let service = service(&database).await;
    let (_, port) = service.address().rsplit_once(':').unwrap();
    assert_eq!(service.document()["servers"][0]["url"], format!("http://localhost:{port}"));
}

async fn help_of_every_command_names_every_variable(database: TestDatabase) {
    let documentation = include_str!("../../../../docs/configuration.md");
    let rows = documentation.lines().filter_map(|line| line.strip_prefix("| `KL_"));
    let variables: Vec<_> = rows.map(|row| format!("KL_{}", row.split('`').next().unwrap())).collect();
    assert!(variables.len() > 17, "{variables:?}");
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["help", "migrate"],
        &["openapi", "--help"],
        &["healthcheck", "--help"],
        &["token", "dashboard", "--help"],
    ] {
        let help = printed(&command(database.folder.path(), arguments, &[]));
        for variable in &variables {
            assert!(help.contains(&format!("  {variable}  ")), "{arguments:?}: {variable} in {help}");
        }
        assert!(!help.contains('`'), "{help}");
    }
}

/// A service that writes to these. The lines of what is not passed on are those of a terminal.
fn started(
    folder: &Path,
    variables: &[(&str, &str)],
    standard_output: Option<Stdio>,
) -> (Child, Lines<BufReader<PipeReader>>) {
    let (reader, writer) = std::io::pipe().unwrap();
    let service = Command::new(BINARY)
        .current_dir(folder)
        .env_clear()
        .envs([("KL_LISTEN", "127.0.0.1:0"), ("KL_STRIPE_SANDBOX_LISTEN", "127.0.0.1:0")])
        .envs(variables.iter().copied())
        .stdout(standard_output.unwrap_or_else(|| writer.try_clone().unwrap().into()))
        .stderr(writer)
        .spawn()
        .unwrap();
    (service, BufReader::new(reader).lines())
}

fn end(mut service: Child) {
    service.kill().unwrap();
    service.wait().unwrap();
}

async fn first_line_in_development_is_the_address(database: TestDatabase) {
    let folder = database.folder.path();
    let (service, mut lines) = started(folder, &[], None);
    let first = lines.next().unwrap().unwrap();
    let address = first.strip_prefix("Open ").unwrap_or_else(|| panic!("{first}"));
    assert!(address.starts_with("http://localhost:"), "{first}");
    let page = plain_client().build().unwrap().get(format!("{address}/sign-in")).send().await.unwrap();
    assert_eq!(page.status(), 200);
    end(service);

    let url = database.url.as_str();
    let production = [
        ("KL_ENV", "production"),
        ("KL_PUBLIC_BASE_URL", "https://billing.example.com"),
        ("KL_DATABASE_URL", url),
        ("KL_DASHBOARD_JWT_SECRET", tokens::SECRET),
        ("KL_STRIPE_SANDBOX_LISTEN", ""),
    ];
    for variables in [&production[..], &[("KL_LOG_FORMAT", "json")]] {
        let (service, lines) = started(folder, variables, None);
        let lines = lines.map(Result::unwrap);
        let told: Vec<_> = until_served(lines);
        assert!(told.iter().all(|line| !line.starts_with("Open ")), "{told:?}");
        end(service);
    }
}

fn until_served(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut told = Vec::new();
    for line in lines {
        let is_served = line.contains("billing is served");
        told.push(line);
        if is_served {
            return told;
        }
    }
    panic!("it did not start: {told:?}");
}

async fn a_start_needs_no_standard_output(database: TestDatabase) {
    let (reader, closed_pipe) = std::io::pipe().unwrap();
    drop(reader);
    let full_disk = File::options().write(true).open("/dev/full").unwrap();
    for output in [Stdio::from(closed_pipe), full_disk.into()] {
        let (service, lines) = started(database.folder.path(), &[], Some(output));
        until_served(lines.map(Result::unwrap));
        end(service);
    }
}
