//! Whose files the state's are: what a sandbox has not written it neither reads nor overwrites.

use std::{fs, path::Path};

use stripe_sandbox::{Options, Sandbox};
use tempfile::TempDir;

use crate::client::Client;

const OURS: &str = concat!("[{\"version\":\"", env!("CARGO_PKG_VERSION"), "\"}]\n");

async fn start(file: &Path) -> Sandbox {
    Sandbox::start(Options::in_file(file)).await.unwrap()
}

/// Why no sandbox starts on a file that holds this; the file stays as it is.
async fn refused(held: &str) -> String {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state.jsonl");
    fs::write(&file, held).unwrap();
    let error = Sandbox::start(Options::in_file(&file)).await.err().unwrap().to_string();
    assert_eq!(fs::read_to_string(&file).unwrap(), held);
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    error
}

#[tokio::test]
async fn a_file_that_no_sandbox_has_written_is_refused_and_left_as_it_is() {
    for held in ["{\"my\":\"precious file\"}", "{\"my\":\"file\"}\n", "[]\n", "[]", "\n", "a note"] {
        let told = refused(held).await;
        assert!(told.contains("line 1") && told.contains("use another file"), "{held}: {told}");
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_with_what_made_it_and_how_to_go_on() {
    for version in ["9.9.9", "0.1.1", "0.1.0-rc.1", "banana"] {
        let told = refused(&format!("[{{\"version\":\"{version}\"}}]\n")).await;
        let parts =
            [format!("version {version} "), "this is version 0.1.0".to_owned(), "Remove the file".to_owned()];
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }
}

#[tokio::test]
async fn a_file_that_is_empty_or_was_cut_off_in_its_first_line_is_a_new_state() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state.jsonl");
    for length in 0..OURS.len() {
        fs::write(&file, &OURS[..length]).unwrap();
        start(&file).await.stop().await;
        assert!(fs::read_to_string(&file).unwrap().starts_with(OURS), "{length}");
    }
}

#[tokio::test]
async fn files_whose_names_are_like_the_states_are_nobodys_to_overwrite() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.new"), "a note").unwrap();
    let (first, second) = (start(&path("a.jsonl")).await, start(&path("a.json")).await);
    Client::new(&first).post("/v1/customers", &[]).await.ok();
    Client::new(&second).post("/v1/customers", &[]).await.ok();
    first.stop().await;
    second.stop().await;
    assert_eq!(fs::read_to_string(path("a.new")).unwrap(), "a note");

    fs::write(path("a.json.rewriting"), "another note").unwrap();
    let told = Sandbox::start(Options::in_file(path("a.json"))).await.err().unwrap().to_string();
    assert!(told.contains("a.json.rewriting is in the way"), "{told}");
    assert_eq!(fs::read_to_string(path("a.json.rewriting")).unwrap(), "another note");
}

#[tokio::test]
async fn what_a_killed_rewrite_has_left_is_removed() {
    let folder = TempDir::new().unwrap();
    let (file, left) = (folder.path().join("a.jsonl"), folder.path().join("a.jsonl.rewriting"));
    for held in [OURS.to_owned(), OURS[..9].to_owned(), String::new(), format!("{OURS}[{{\"clock\":")] {
        fs::write(&left, held).unwrap();
        start(&file).await.stop().await;
        assert!(!left.exists());
    }
}

#[tokio::test]
async fn what_only_reads_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state.jsonl");
    let sandbox = start(&file).await;
    let client = Client::new(&sandbox);
    let id = client.post("/v1/customers", &[]).await.id();
    let before = fs::read(&file).unwrap();
    client.get(&format!("/v1/customers/{id}")).await.ok();
    client.get("/v1/events").await.ok();
    client.get("/v1/customers/cus_none").await.error(404);
    client.get("/").await;
    assert_eq!(fs::read(&file).unwrap(), before);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_state_of_before_a_field_was_added_is_read() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state.jsonl");
    let sandbox = start(&file).await;
    let client = Client::new(&sandbox);
    let customer = client.post("/v1/customers", &[("email", "ada@example.com")]).await.id();
    let session = client.checkout_of(&[("customer", &customer)]).await;
    sandbox.stop().await;
    let mut text = fs::read_to_string(&file).unwrap();
    for field in ["\"other_balances\":{},", "\"part\":null,"] {
        assert!(text.contains(field), "{field}");
        text = text.replace(field, "");
    }
    fs::write(&file, text).unwrap();
    let sandbox = start(&file).await;
    let client = Client::new(&sandbox);
    assert_eq!(client.session(&session).await["amount_total"], 2000);
    sandbox.stop().await;
}
