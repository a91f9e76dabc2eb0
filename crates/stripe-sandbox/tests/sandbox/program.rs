//! The sandbox as a program of its own.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::TcpStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
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
fn it_serves_where_its_address_cannot_be_printed() {
    let folder = TempDir::new().unwrap();
    // An address that no other test has: it is not printed.
    let [.., high, low] = std::process::id().to_be_bytes();
    let address = format!("127.{}.{low}.9", 1 + high % 127);
    let (reader, closed_pipe) = std::io::pipe().unwrap();
    drop(reader);
    let full_disk = File::options().write(true).open("/dev/full").unwrap();
    let no_space =
        "stripe-sandbox: standard output cannot be written: No space left on device (os error 28)\n";
    for (output, said) in [(Stdio::from(closed_pipe), ""), (full_disk.into(), no_space)] {
        let mut running = program(&folder, &["--memory", "--host", &address, "--port", "12111"])
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect((address.as_str(), 12111)).is_err() {
            assert_eq!(running.try_wait().unwrap(), None, "it does not serve");
            assert!(Instant::now() < deadline, "it is not reached");
            std::thread::yield_now();
        }
        let told = Command::new("kill").args(["-TERM", &running.id().to_string()]).status().unwrap();
        let ended = running.wait_with_output().unwrap();
        assert!(told.success() && ended.status.success());
        // The server may log after it that a connection came while it stopped.
        let log = String::from_utf8(ended.stderr).unwrap();
        assert!(log.starts_with(said) && !log.contains("panicked"), "{log}");
        assert_eq!(log.contains("standard output"), !said.is_empty(), "{log}");
    }
}

#[test]
fn help_names_a_full_disk() {
    let folder = TempDir::new().unwrap();
    let full_disk = File::options().write(true).open("/dev/full").unwrap();
    let ended = program(&folder, &["--help"]).stdout(full_disk).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(!ended.status.success() && said.contains("No space left on device"), "{said}");
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
