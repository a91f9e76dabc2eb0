use std::net::TcpListener;
use std::path::{Path, PathBuf};

use billing_testing::{Service, Suite, Tenant, TestDatabase, plain_client, tokens};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::command_line::{command, refused};
use crate::{BINARY, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "sandbox_state_survives_a_restart_and_a_crash",
            sandbox_state_survives_a_restart_and_a_crash,
        )
        .on_postgres("production_serves_no_sandbox", production_serves_no_sandbox)
        .on_sqlite("stopping_the_service_stops_its_sandbox", stopping_the_service_stops_its_sandbox)
        .on_sqlite(
            "default_sandbox_port_that_is_taken_is_replaced",
            default_sandbox_port_that_is_taken_is_replaced,
        )
        .on_sqlite(
            "configured_sandbox_port_that_is_taken_is_named",
            configured_sandbox_port_that_is_taken_is_named,
        )
        .on_sqlite(
            "sandbox_state_in_use_is_named_with_a_way_to_share_it",
            sandbox_state_in_use_is_named_with_a_way_to_share_it,
        )
        .on_every_database(
            "a_plan_is_sold_after_the_sandboxs_clock_was_moved",
            a_plan_is_sold_after_the_clock_was_moved,
        )
        .on_sqlite("unreadable_sandbox_state_is_named_and_kept", unreadable_sandbox_state_is_named_and_kept)
}

/// A person's key: each test key is an account of its own.
const KEY: &str = "sk_test_shop";

pub(crate) fn client() -> Client {
    plain_client().build().unwrap()
}

pub(crate) fn address_of(service: &Service) -> String {
    service.stripe_sandbox().unwrap().to_owned()
}

pub(crate) async fn asked(response: Result<Response, reqwest::Error>) -> Value {
    response.unwrap().error_for_status().unwrap().json().await.unwrap()
}

async fn new_customer(service: &Service) -> Value {
    let customers = format!("{}/v1/customers", address_of(service));
    asked(client().post(customers).bearer_auth(KEY).form(&[("name", "Ada")]).send().await).await
}

async fn customers(service: &Service) -> Vec<Value> {
    let customers = format!("{}/v1/customers", address_of(service));
    let list = asked(client().get(customers).bearer_auth(KEY).send().await).await;
    list["data"].as_array().unwrap().clone()
}

fn state_file(database: &TestDatabase) -> PathBuf {
    let folder = database.folder.path();
    let is_sqlite = database.url.starts_with("sqlite:");
    if is_sqlite { folder.to_owned() } else { folder.join("data") }.join("stripe-sandbox.jsonl")
}

async fn sandbox_state_survives_a_restart_and_a_crash(database: TestDatabase) {
    let mut first = service(&database).await;
    let ada = new_customer(&first).await;
    assert_eq!(ada["object"], "customer");
    first.terminate();
    assert!(first.wait().success());

    let second = service(&database).await;
    assert_eq!(customers(&second).await, std::slice::from_ref(&ada));
    let bob = new_customer(&second).await;
    second.kill();

    assert_eq!(customers(&service(&database).await).await, [bob, ada]);
    assert!(state_file(&database).is_file());
}

async fn production_serves_no_sandbox(database: TestDatabase) {
    let production = [
        ("KL_ENV", "production"),
        ("KL_PUBLIC_BASE_URL", "https://billing.example.com"),
        ("KL_DASHBOARD_JWT_SECRET", tokens::SECRET),
    ];
    let service = Service::start_with(BINARY, &database.url, database.folder.path(), &production).await;

    assert_eq!(service.stripe_sandbox(), None);
    assert_eq!(database.folder.path().read_dir().unwrap().count(), 0);
}

/// A browser that has one of its pages open keeps a connection to it.
async fn stopping_the_service_stops_its_sandbox(database: TestDatabase) {
    let mut service = service(&database).await;
    let (browser, address) = (client(), address_of(&service));
    browser.get(&address).send().await.unwrap();

    service.terminate();

    assert!(service.wait().success());
    assert!(browser.get(&address).send().await.unwrap_err().is_connect());
}

async fn default_sandbox_port_that_is_taken_is_replaced(database: TestDatabase) {
    // Somebody else's, if it is not ours: taken it is.
    let _taken = TcpListener::bind("127.0.0.1:12111");
    let unset = [("KL_STRIPE_SANDBOX_LISTEN", "")];

    let service = Service::start_with(BINARY, &database.url, database.folder.path(), &unset).await;

    assert!(!address_of(&service).ends_with(":12111"));
    new_customer(&service).await;
}

/// Another service on the same data.
fn another(folder: &Path, variables: &[(&str, &str)]) -> String {
    let url = format!("sqlite://{}", folder.join("billing.db").display());
    let mut all = vec![("KL_LISTEN", "127.0.0.1:0"), ("KL_DATABASE_URL", url.as_str())];
    all.extend(variables);
    refused(&command(folder, &[], &all))
}

async fn configured_sandbox_port_that_is_taken_is_named(database: TestDatabase) {
    let service = service(&database).await;
    let address = address_of(&service).replace("http://", "");
    let told = another(database.folder.path(), &[("KL_STRIPE_SANDBOX_LISTEN", &address)]);
    assert!(told.contains("KL_STRIPE_SANDBOX_LISTEN") && told.contains(&address), "{told}");
}

async fn sandbox_state_in_use_is_named_with_a_way_to_share_it(database: TestDatabase) {
    let first = service(&database).await;
    let folder = database.folder.path();

    let told = another(folder, &[("KL_STRIPE_SANDBOX_LISTEN", "127.0.0.1:0")]);
    let file = state_file(&database).display().to_string();
    for part in [file.as_str(), "in use by another sandbox", "KL_STRIPE_API_BASE"] {
        assert!(told.contains(part), "{part} in {told}");
    }

    let elsewhere = [("KL_STRIPE_API_BASE", first.stripe_sandbox().unwrap())];
    let second = Service::start_with(BINARY, &database.url, folder, &elsewhere).await;
    assert_eq!(second.stripe_sandbox(), None);
    new_customer(&first).await;
}

/// A session's expiry must be near by the sandbox's clock, and webhooks are signed in real time all the same.
async fn a_plan_is_sold_after_the_clock_was_moved(database: TestDatabase) {
    let service = service(&database).await;
    for days in [40, 400] {
        let clock = format!("{}/_sandbox/clock", address_of(&service));
        let moved = json!({ "advanceSeconds": days * 24 * 60 * 60 });
        asked(client().post(clock).json(&moved).send().await).await;

        Tenant::new(&service, &format!("ws_{days}"), &format!("plan_{days}")).await;
    }

    let metrics = service.send(service.request(Method::GET, "/metrics")).await.text;
    assert!(metrics.contains(r#"billing_webhooks_total{outcome="accepted"}"#), "{metrics}");
    assert!(!metrics.contains(r#"billing_webhooks_total{outcome="refused"}"#), "{metrics}");
}

async fn unreadable_sandbox_state_is_named_and_kept(database: TestDatabase) {
    let file = state_file(&database);
    std::fs::write(&file, "not what it wrote\n").unwrap();

    let told = another(database.folder.path(), &[("KL_STRIPE_SANDBOX_LISTEN", "127.0.0.1:0")]);

    for part in [&*file.display().to_string(), "line 1", "Remove the file"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not what it wrote\n");
    std::fs::remove_file(&file).unwrap();
    new_customer(&service(&database).await).await;
}
