//! The state: in a file that outlives the process, or in memory and there at once.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::json;
use stripe_sandbox::{Options, Sandbox};
use tempfile::TempDir;

use crate::{NEW_YEAR, client::Client, receiver::Closed};

const READS: [&str; 7] = [
    "/v1/customers?limit=100",
    "/v1/prices",
    "/v1/products",
    "/v1/subscriptions?status=all",
    "/v1/invoices",
    "/v1/events?limit=100",
    "/v1/webhook_endpoints",
];

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("state.jsonl")
}

/// The first start, with a clock that stands.
async fn start(file: &Path) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(Options::in_file(file).seed(7).clock_at(NEW_YEAR)).await.unwrap();
    let client = Client::new(&sandbox);
    (sandbox, client)
}

/// A later start: the clock is the one of before. The seed is too, so that an id that is given twice would be seen.
async fn restart(file: &Path) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(Options::in_file(file).seed(7)).await.unwrap();
    let client = Client::new(&sandbox);
    (sandbox, client)
}

/// What can be read, a line a value, without ports, of which each start has another.
async fn everything(client: &Client) -> Vec<String> {
    let mut all = Vec::new();
    for path in READS {
        let read = serde_json::to_string_pretty(&client.get(path).await.ok()).unwrap();
        let parts = read
            .split("http://127.0.0.1:")
            .map(|part| part.trim_start_matches(|it: char| it.is_ascii_digit()));
        all.extend(parts.collect::<String>().lines().map(str::to_owned));
    }
    all
}

#[track_caller]
fn assert_same(found: &[String], wanted: &[String]) {
    for (number, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        assert_eq!(found, wanted, "in line {number}");
    }
    assert_eq!(found.len(), wanted.len());
}

async fn fill(client: &Client) {
    let price = client.monthly_price("Basic", "usd", 2000).await;
    let customer = client.customer_with_card().await;
    client.subscribe(&customer, &price, &[]).await;
    client.advance_by(40 * 24 * 3600).await;
    client.webhook("http://127.0.0.1:9/hook", &["invoice.voided"], false).await;
}

#[tokio::test]
async fn everything_is_there_after_a_restart_and_life_goes_on() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    fill(&client).await;
    let keyed = client.with_idempotency_key("k").post("/v1/customers", &[("name", "Ada")]).await;
    let (before, now) = (everything(&client).await, client.get("/_sandbox").await.ok()["now"].clone());
    sandbox.stop().await;

    let (sandbox, client) = restart(&file(&folder)).await;
    assert_same(&everything(&client).await, &before);
    assert_eq!(client.get("/_sandbox").await.ok()["now"], now);
    let replayed = client.with_idempotency_key("k").post("/v1/customers", &[("name", "Ada")]).await;
    assert_eq!((replayed.id(), replayed.header("idempotent-replayed")), (keyed.id(), Some("true")));
    let new = client.post("/v1/customers", &[]).await.id();
    assert!(!before.concat().contains(&new), "an id is given once");
    assert_eq!(client.get("/v1/customers").await.ok()["data"][0]["id"], new);
    let invoices = client.get("/v1/invoices").await.ok()["data"].as_array().unwrap().len();
    client.advance_by(31 * 24 * 3600).await;
    assert_eq!(client.get("/v1/invoices").await.ok()["data"].as_array().unwrap().len(), invoices + 1);
    sandbox.stop().await;
}

#[tokio::test]
async fn what_was_answered_is_in_the_file_without_a_clean_stop() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    fill(&client).await;
    let before = everything(&client).await;
    let copy = folder.path().join("copy.jsonl");
    fs::copy(file(&folder), &copy).unwrap();
    let (second, client) = restart(&copy).await;
    assert_same(&everything(&client).await, &before);
    second.stop().await;
    sandbox.stop().await;
}

#[tokio::test]
async fn a_last_line_that_a_crash_cut_off_costs_only_itself() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    fill(&client).await;
    let before = everything(&client).await;
    client.post("/v1/customers", &[("name", "last")]).await.ok();
    sandbox.stop().await;
    let whole = fs::read(file(&folder)).unwrap();
    let last_line = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    let mut cuts: Vec<Vec<u8>> = [whole.len() - 1, last_line + (whole.len() - last_line) / 2, last_line + 1]
        .map(|end| whole[..end].to_vec())
        .into();
    cuts.push([&whole[..last_line + 20], &[0; 500]].concat());
    for cut in cuts {
        fs::write(file(&folder), &cut).unwrap();
        let (sandbox, client) = restart(&file(&folder)).await;
        assert_same(&everything(&client).await, &before);
        client.post("/v1/customers", &[]).await.ok();
        sandbox.stop().await;
        let (sandbox, client) = restart(&file(&folder)).await;
        assert_ne!(everything(&client).await, before);
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn a_file_that_is_damaged_in_its_middle_is_refused_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    fill(&client).await;
    sandbox.stop().await;
    let mut bytes = fs::read(file(&folder)).unwrap();
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(place, _)| place);
    let damaged = ends.take(lines / 2).last().unwrap() + 2;
    bytes[damaged] = b'#';
    fs::write(file(&folder), &bytes).unwrap();
    let refused = Sandbox::start(Options::in_file(file(&folder))).await.err().unwrap().to_string();
    let line = format!("line {} ", lines / 2 + 1);
    assert!(refused.contains(&line) && refused.contains("Remove the file"), "{refused}");
    assert_eq!(fs::read(file(&folder)).unwrap(), bytes);
    let options = Options::in_file(file(&folder)).reset();
    Sandbox::start(options).await.unwrap().stop().await;
}

#[tokio::test]
async fn unreadable_file_of_an_older_version_names_that_version() {
    let folder = TempDir::new().unwrap();
    let unreadable = r#"[{"put":{"account":"acct_1","place":1,"object":{"customer":{"id":"cus_1"}}}}]"#;
    fs::write(file(&folder), format!("[{{\"version\":\"0.0.7\"}}]\n{unreadable}\n")).unwrap();
    let refused = Sandbox::start(Options::in_file(file(&folder))).await.err().unwrap().to_string();
    let parts = ["version 0.0.7", "line 2", "Remove the file"];
    assert!(parts.iter().all(|part| refused.contains(part)), "{refused}");
    Sandbox::start(Options::in_file(file(&folder)).reset()).await.unwrap().stop().await;
    let (sandbox, client) = restart(&file(&folder)).await;
    assert_eq!(client.get("/v1/customers").await.ok()["data"], json!([]));
    sandbox.stop().await;
}

#[tokio::test]
async fn reset_forgets_the_file_and_the_control_api_forgets_the_running_state() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    let empty = everything(&client).await;
    fill(&client).await;
    sandbox.stop().await;
    let options = Options::in_file(file(&folder)).clock_at(NEW_YEAR).reset();
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = Client::new(&sandbox);
    assert_same(&everything(&client).await, &empty);
    fill(&client).await;
    client.control("reset", json!({})).await;
    assert_same(&everything(&client).await, &empty);
    sandbox.stop().await;
    let (sandbox, client) = restart(&file(&folder)).await;
    assert_same(&everything(&client).await, &empty);
    sandbox.stop().await;
}

#[tokio::test]
async fn two_sandboxes_cannot_share_a_file() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    client.post("/v1/customers", &[]).await.ok();
    assert!(Sandbox::start(Options::in_file(file(&folder))).await.is_err());
    client.post("/v1/customers", &[]).await.ok();
    sandbox.stop().await;
}

#[tokio::test]
async fn a_delivery_that_was_not_taken_is_made_after_the_restart() {
    let folder = TempDir::new().unwrap();
    let closed = Closed::new();
    let (sandbox, client) = start(&file(&folder)).await;
    client.webhook(&closed.url(), &["customer.created"], false).await;
    let id = client.post("/v1/customers", &[]).await.id();
    client.delivery_is_tried().await;
    sandbox.stop().await;
    let receiver = closed.open();
    let (sandbox, _) = restart(&file(&folder)).await;
    assert_eq!(receiver.wait_for(1).await[0].event()["data"]["object"]["id"], id);
    sandbox.stop().await;
}

#[tokio::test]
async fn the_same_seed_gives_the_same_answers() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let sandbox = Sandbox::start(Options::in_memory().seed(seed).clock_at(NEW_YEAR)).await.unwrap();
        let client = Client::new(&sandbox);
        fill(&client).await;
        runs.push(everything(&client).await);
    }
    assert_same(&runs[0], &runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn a_sandbox_in_memory_has_started_and_answered_within_50_milliseconds() {
    let mut times = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        let sandbox = crate::sandbox().await;
        Client::new(&sandbox).get("/v1/customers").await.ok();
        times.push(began.elapsed());
        sandbox.stop().await;
    }
    times.sort();
    // What else runs on the machine only adds to them, so the quick ones tell what a start takes.
    assert!(times[4] < Duration::from_millis(50), "{times:?}");
}

#[tokio::test]
async fn a_last_line_that_was_cut_within_a_letter_costs_only_itself() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    let kept = client.post("/v1/customers", &[("name", "Ada")]).await.id();
    client.post("/v1/customers", &[("name", "Çağrı")]).await.ok();
    sandbox.stop().await;
    let whole = fs::read(file(&folder)).unwrap();
    let within = whole.iter().rposition(|byte| *byte == 0xC3).unwrap() + 1;
    fs::write(file(&folder), &whole[..within]).unwrap();
    let (sandbox, client) = restart(&file(&folder)).await;
    assert_eq!(crate::client::ids(&client.get("/v1/customers").await.ok()), [kept]);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_seed_gives_no_secret_twice_over_a_restart() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    let first = client.webhook("http://127.0.0.1:9/a", &["*"], false).await["secret"].clone();
    sandbox.stop().await;
    let (sandbox, client) = restart(&file(&folder)).await;
    let secrets = [
        client.webhook("http://127.0.0.1:9/b", &["*"], false).await["secret"].clone(),
        client.webhook("http://127.0.0.1:9/c", &["*"], false).await["secret"].clone(),
    ];
    assert!(!secrets.contains(&first), "{first} in {secrets:?}");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_test_clock_that_was_on_its_way_arrives_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    let at = NEW_YEAR.to_string();
    let clock = client.post("/v1/test_helpers/test_clocks", &[("frozen_time", at.as_str())]).await.id();
    let path = format!("/v1/test_helpers/test_clocks/{clock}");
    let target = (NEW_YEAR + 3600).to_string();
    client.post(&format!("{path}/advance"), &[("frozen_time", target.as_str())]).await.ok();
    sandbox.stop().await;
    // As a kill between the request and what it brings leaves the file: without the lines that came after.
    let whole = fs::read_to_string(file(&folder)).unwrap();
    let asked = whole.lines().position(|line| line.contains("test_clock.advancing")).unwrap();
    let lines: Vec<_> = whole.lines().take(asked + 1).collect();
    fs::write(file(&folder), lines.join("\n") + "\n").unwrap();
    let (sandbox, client) = restart(&file(&folder)).await;
    let clock = client.get(&path).await.ok();
    assert_eq!(
        (clock["status"].as_str(), clock["frozen_time"].as_i64()),
        (Some("ready"), Some(NEW_YEAR + 3600))
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn what_was_set_is_set_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let (sandbox, client) = start(&file(&folder)).await;
    let set = client.control("settings", json!({ "retryDays": [1, 2], "afterRetries": "unpaid" })).await;
    sandbox.stop().await;
    let (sandbox, client) = restart(&file(&folder)).await;
    assert_eq!(client.get("/_sandbox/settings").await.ok(), set);
    sandbox.stop().await;
}
