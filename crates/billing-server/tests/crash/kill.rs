use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use billing_application::RecoverClosings;
use billing_domain::ports::IdGenerator;
use billing_domain::{BillingSwitch, WorkspaceId};
use billing_server::adapters::UuidV7Generator;
use billing_testing::{Suite, TestDatabase};

use crate::load::Load;
use crate::{LOAD, LOAD_WORKSPACE, history};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_every_database(
        "a_process_killed_at_any_moment_leaves_no_half_state",
        a_process_killed_at_any_moment_leaves_no_half_state,
    )
}

const KILLS: u32 = 200;
/// A process lives for a random time of up to this long under load.
const LONGEST_LIFE: Duration = Duration::from_millis(150);

async fn a_process_killed_at_any_moment_leaves_no_half_state(database: TestDatabase) {
    billing_diesel::migrate(&database.url.parse().unwrap()).await.unwrap();
    let (mut left_closing, mut changes) = (0, 0);
    for number in 0..KILLS {
        let workspace = WorkspaceId::parse(format!("ws_{number}")).unwrap();
        kill_under_load(&database.url, &workspace).await;

        let load = Load::on(&database.url, &workspace);
        let found = history::assert_unbroken(load.store().as_ref(), &workspace).await;
        changes += found.version.number();
        left_closing += u32::from(matches!(found.switch, BillingSwitch::Closing { .. }));

        RecoverClosings::new(load.ports().clone()).execute().await.unwrap();
        let healed = history::assert_unbroken(load.store().as_ref(), &workspace).await;
        assert!(!matches!(healed.switch, BillingSwitch::Closing { .. }), "closing was not ended");
    }
    // Kills that never hit anything would prove nothing.
    println!("{KILLS} kills after {changes} changes in all, {left_closing} of them while closing");
    assert!(left_closing > 0 && changes > KILLS);
}

async fn kill_under_load(url: &str, workspace: &WorkspaceId) {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .env(LOAD, url)
        .env(LOAD_WORKSPACE, workspace.as_str())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let (mut process, started) = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        (process, line)
    })
    .await
    .unwrap();
    assert_eq!(started, "running\n");

    let longest = u128::from(LONGEST_LIFE.subsec_micros());
    let life = UuidV7Generator.uuid_v7() % longest;
    // Not a wait for something: the moment of the kill is the thing under test.
    tokio::time::sleep(Duration::from_micros(u64::try_from(life).unwrap())).await;
    process.kill().unwrap();
    let ended = process.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(said.is_empty(), "a rule broke before the kill: {said}");
}
