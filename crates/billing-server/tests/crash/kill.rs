use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use billing_application::Worker;
use billing_domain::ports::IdGenerator;
use billing_domain::{BillingSwitch, WorkspaceId};
use billing_server::adapters::UuidV7Generator;
use billing_testing::{Suite, TestDatabase, setting};

use crate::load::Load;
use crate::{LOAD, LOAD_WORKSPACE, history};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_every_database(
        "a_process_killed_at_any_moment_leaves_no_half_state",
        a_process_killed_at_any_moment_leaves_no_half_state,
    )
}

/// How many processes are killed on each database, unless this setting says otherwise. With fewer, it may happen that
/// none is killed while closing, which fails the test.
const KILLS: u32 = 20;
pub(crate) const KILLS_SETTING: &str = "KL_TEST_KILLS";

/// A process is killed when it has done less than this. Its life is counted in what it does, not in time, so that it
/// is killed at work on a slow machine too.
const MOST_DONE: u128 = 128;

const SIGKILL: i32 = 9;

async fn a_process_killed_at_any_moment_leaves_no_half_state(database: TestDatabase) {
    let kills = setting(KILLS_SETTING).map_or(KILLS, |kills| kills.parse().unwrap());
    assert!(kills >= KILLS, "{KILLS_SETTING} must be at least {KILLS}");
    billing_diesel::migrate(&database.url.parse().unwrap()).await.unwrap();
    let (mut left_closing, mut changes) = (0, 0);
    for number in 0..kills {
        let workspace = WorkspaceId::parse(format!("ws_{number}")).unwrap();
        kill_under_load(&database.url, &workspace).await;

        let load = Load::on(&database.url, &workspace);
        let found = history::assert_unbroken(load.store().as_ref(), &workspace).await;
        changes += found.version.number();
        left_closing += u32::from(matches!(found.switch, BillingSwitch::Closing { .. }));

        Worker::new(load.ports().clone()).recover(Duration::MAX, |_, _| {}).await.unwrap();
        let healed = history::assert_unbroken(load.store().as_ref(), &workspace).await;
        assert!(!matches!(healed.switch, BillingSwitch::Closing { .. }), "closing was not ended");
    }
    // Kills that never hit anything would prove nothing.
    println!("{kills} kills after {changes} changes in all, {left_closing} of them while closing");
    assert!(left_closing > 0 && changes > kills);
}

async fn kill_under_load(url: &str, workspace: &WorkspaceId) {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .env(LOAD, url)
        .env(LOAD_WORKSPACE, workspace.as_str())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(process.stdout.take().unwrap());
    let enough = random_below(MOST_DONE);
    let reading = tokio::task::spawn_blocking(move || read_done(output, enough));
    // The output stays open until the kill: who has nobody to write to would end by itself.
    let (_output, pace) = reading.await.unwrap();
    let nanoseconds = random_below(pace.as_nanos().max(1));
    // Not a wait for something: the moment of the kill is the thing under test.
    tokio::time::sleep(Duration::from_nanos(u64::try_from(nanoseconds).unwrap())).await;
    process.kill().unwrap();
    let ended = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.is_empty(), "a rule broke before the kill: {said}");
    assert_eq!(ended.status.signal(), Some(SIGKILL), "it ended before the kill");
}

/// Reads until so many things are done. Gives the output back, with how long one thing took.
fn read_done(mut output: BufReader<ChildStdout>, enough: u128) -> (BufReader<ChildStdout>, Duration) {
    let mut lines = output.by_ref().lines();
    let _running = lines.next();
    let begun = Instant::now();
    let done = lines.take(usize::try_from(enough).unwrap()).count();
    let pace = begun.elapsed() / u32::try_from(done).unwrap().max(1);
    (output, pace)
}

fn random_below(limit: u128) -> u128 {
    UuidV7Generator.uuid_v7() % limit
}
