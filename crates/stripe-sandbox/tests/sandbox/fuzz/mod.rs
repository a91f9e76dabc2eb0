//! Whatever is sent, nothing panics: every request that is HTTP has an answer, and none is a server's failure.

mod bytes;
mod forms;
mod known_routes;
mod known_values;
mod objects;
mod sensible;

use std::{
    panic,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};

use proptest::test_runner::Config;
use serde_json::Value;
use stripe_sandbox::Sandbox;
use tokio::runtime::Runtime;

use crate::{
    client::{Answer, Client},
    sandbox,
};

/// What has panicked. A lock that a failing test held is no reason to panic within a panic, which would abort all tests.
fn panics() -> MutexGuard<'static, Vec<String>> {
    static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
    PANICS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So many cases, or as many as `PROPTEST_CASES` says.
#[expect(clippy::disallowed_methods, reason = "it is how proptest is told, and no setting of the service")]
fn cases(cases: u32) -> Config {
    let usual = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { usual.cases } else { cases };
    Config { cases, failure_persistence: None, ..usual }
}

/// A sandbox with a runtime of its own, for properties, which are not asynchronous.
struct Target {
    runtime: Runtime,
    sandbox: Option<Sandbox>,
    client: Client,
}

impl Target {
    fn new() -> Self {
        watch_panics();
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(sandbox());
        let client = Client::new(&sandbox);
        Self { runtime, sandbox: Some(sandbox), client }
    }

    fn run<T>(&self, act: impl Future<Output = T>) -> T {
        self.runtime.block_on(act)
    }

    /// It still answers, and nothing of it has panicked in the meantime.
    fn assert_well(&self) {
        let summary = self.run(self.client.get("/_sandbox")).ok();
        assert!(summary["now"].is_i64(), "{summary}");
        let panics = panics().clone();
        assert!(panics.is_empty(), "{panics:#?}");
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.stop());
        }
    }
}

/// An answer of Stripe's: JSON, no server's failure, and an error object if it is a refusal.
#[track_caller]
fn assert_answer(answer: &Answer, asked: &dyn std::fmt::Debug) {
    assert!(answer.status < 500, "{} {} to {asked:?}", answer.status, answer.text);
    let body: Value = serde_json::from_str(&answer.text).unwrap_or_else(|error| {
        panic!("{error}: {} {} to {asked:?}", answer.status, answer.text);
    });
    if answer.status >= 400 {
        assert!(body["error"]["message"].is_string(), "{} {body} to {asked:?}", answer.status);
    } else {
        assert_eq!(answer.status, 200, "{body} to {asked:?}");
    }
}

/// The sandbox runs in this process, so that a panic of its own code is seen also where the server survives it.
fn watch_panics() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            let is_ours = |file: &str| file.contains("stripe-sandbox/src") || file.starts_with("src/");
            if panicked.location().is_some_and(|location| is_ours(location.file())) {
                panics().push(panicked.to_string());
            }
            usual(panicked);
        }));
    });
}
