//! The sandbox as a program of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use tempfile::TempDir;

fn program(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stripe-sandbox"));
    command.args(arguments).env_remove("KL_ENV").current_dir(folder.path());
    command
}

#[test]
fn it_refuses_to_start_in_production_and_touches_nothing() {
    let folder = TempDir::new().unwrap();
    for value in ["production", " Production "] {
        let ended = program(&folder, &["--port", "0"]).env("KL_ENV", value).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && said.contains("KL_ENV is production"), "{said}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn it_says_where_it_is_reached_and_ends_when_it_is_told_to() {
    let folder = TempDir::new().unwrap();
    for (host, reached) in [("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://localhost:")] {
        let mut running = program(&folder, &["--host", host, "--port", "0"])
            .env("KL_ENV", "development")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(running.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.starts_with(&format!("stripe-sandbox listening on {reached}")), "{said}");

        let told = Command::new("kill").args(["-TERM", &running.id().to_string()]).status().unwrap();
        assert!(told.success() && running.wait().unwrap().success());
    }
    assert!(folder.path().join("data/stripe-sandbox.jsonl").is_file());
}

#[test]
fn a_clock_can_be_set_no_farther_than_a_test_clock() {
    let folder = TempDir::new().unwrap();
    for clock in ["9223372036854775807", "4102444801"] {
        let ended = program(&folder, &["--memory", "--port", "0", "--clock", clock]).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && said.contains("between 1970 and 2100"), "{said}");
    }
}
