use std::fs::File;
use std::io::{PipeReader, pipe};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use billing_testing::{Suite, TestDatabase, plain_client, tokens};
use reqwest::{Client, Method, Response};

use crate::{BINARY, DISABLE, ENABLE, STATUS};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "requests_are_answered_while_the_log_cannot_be_written",
            requests_are_answered_while_the_log_cannot_be_written,
        )
        .on_sqlite(
            "a_reader_of_the_log_that_reads_nothing_stops_no_request",
            a_reader_of_the_log_that_reads_nothing_stops_no_request,
        )
}

const TIMEOUT: Duration = Duration::from_secs(30);

/// A service whose log the test does not read.
struct Unread {
    process: Child,
    address: String,
    client: Client,
}

impl Unread {
    async fn start(database: &TestDatabase, command: &mut Command) -> Self {
        let address = own_address();
        let process = command
            .current_dir(database.folder.path())
            .env_clear()
            .env("KL_LISTEN", &address)
            .env("KL_STRIPE_SANDBOX_LISTEN", "127.0.0.1:0")
            .env("KL_DATABASE_URL", &database.url)
            .env("KL_DASHBOARD_JWT_SECRET", tokens::SECRET)
            .env("KL_LOG", "info,billing_http=debug")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut service = Self { process, address, client: plain_client().timeout(TIMEOUT).build().unwrap() };
        let deadline = Instant::now() + TIMEOUT;
        while service.client.get(format!("http://{}/healthz", service.address)).send().await.is_err() {
            assert_eq!(service.process.try_wait().unwrap(), None, "the service does not start");
            assert!(Instant::now() < deadline, "the service does not answer");
            tokio::task::yield_now().await;
        }
        service
    }

    async fn send(&self, method: Method, path: &str, token: &str) -> Response {
        let request = self.client.request(method, format!("http://{}{path}", self.address));
        request.bearer_auth(token).send().await.unwrap()
    }

    async fn lost_log_lines(&self) -> u64 {
        let metrics = self.send(Method::GET, "/metrics", "").await.text().await.unwrap();
        let lost = metrics.lines().find_map(|line| line.strip_prefix("billing_log_lines_lost_total "));
        lost.unwrap().parse().unwrap()
    }

    async fn stop(mut self) -> ExitStatus {
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap();
        assert!(told.success());
        let deadline = Instant::now() + TIMEOUT;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the service does not stop");
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // Fails if the process has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An address of this machine that no other service has: the log does not tell which port is free.
fn own_address() -> String {
    static NUMBER: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    format!("127.{}.{low}.{}:3001", 1 + high % 127, NUMBER.fetch_add(1, Ordering::Relaxed))
}

fn closed_pipe() -> Stdio {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer.into()
}

fn stuck_pipe() -> (PipeReader, Stdio) {
    let (reader, writer) = pipe().unwrap();
    (reader, writer.into())
}

async fn requests_are_answered_while_the_log_cannot_be_written(database: TestDatabase) {
    let owner = tokens::owner("ws_demo");
    let full_disk = File::options().write(true).open("/dev/full").unwrap();
    let without_standard_error = "exec \"$0\" 2>&-";
    let (mut full, mut gone, mut closed) = (Command::new(BINARY), Command::new(BINARY), Command::new("sh"));
    for (command, is_lost) in [
        (full.stderr(full_disk), true),
        (gone.stderr(closed_pipe()), true),
        (closed.args(["-c", without_standard_error, BINARY]), false),
    ] {
        let service = Unread::start(&database, command).await;

        for path in [ENABLE, DISABLE] {
            assert_eq!(service.send(Method::POST, path, &owner).await.status(), 200);
        }
        if is_lost {
            // At least the lines of the start, and three of the switch.
            let deadline = Instant::now() + TIMEOUT;
            while service.lost_log_lines().await < 4 {
                assert!(Instant::now() < deadline, "the loss is not counted");
            }
        }

        assert!(service.stop().await.success());
    }
}

async fn a_reader_of_the_log_that_reads_nothing_stops_no_request(database: TestDatabase) {
    // More than a pipe holds.
    const REQUESTS: usize = 500;
    let (_unread, output) = stuck_pipe();
    let service = Unread::start(&database, Command::new(BINARY).stderr(output)).await;

    for _ in 0..REQUESTS {
        assert_eq!(service.send(Method::GET, STATUS, "nonsense").await.status(), 401);
    }
    assert_eq!(service.send(Method::POST, ENABLE, &tokens::owner("ws_demo")).await.status(), 200);

    assert!(service.stop().await.success());
}
