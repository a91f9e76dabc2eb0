//! The durable worker over real databases: crashes between any two commits, replicas, leases, marks and poison.

use std::sync::Arc;
use std::time::Duration;

use billing_application::{EnableBilling, EnableWish, Executor, Outcome, Ports, Turn, Worker};
use billing_domain::ports::{BillingStore, Clock};
use billing_domain::{
    Administrator, BillingSwitch, DashboardSession, DashboardUserId, Gateway, Role, WorkId, WorkKind,
    WorkspaceId,
};
use billing_server::adapters::UuidV7Generator;
use billing_testing::{Suite, TestDatabase};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::faults::{Faults, FaultyStore, Moment, TestClock, without_stripe};
use crate::history;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "a_crash_at_any_commit_of_the_worker_loses_nothing",
            a_crash_at_any_commit_loses_nothing,
        )
        .on_every_database("replicas_share_the_work_and_do_it_once", replicas_share_the_work_and_do_it_once)
        .on_every_database(
            "a_worker_whose_lease_ran_out_commits_nothing",
            a_worker_whose_lease_ran_out_commits_nothing,
        )
        .on_every_database(
            "work_marked_while_it_is_done_is_done_again",
            work_marked_while_it_is_done_is_done_again,
        )
        .on_postgres("a_row_locked_elsewhere_holds_up_no_other", a_row_locked_elsewhere_holds_up_no_other)
        .on_every_database("poison_is_set_aside_and_delays_nobody", poison_is_set_aside_and_delays_nobody)
}

/// A database and the clock of everybody who works on it.
struct World {
    url: String,
    clock: Arc<TestClock>,
}

impl World {
    async fn of(database: &TestDatabase) -> Self {
        billing_diesel::migrate(&database.url.parse().unwrap()).await.unwrap();
        let clock = Arc::new(TestClock::default());
        clock.advance(1_800_000_000);
        Self { url: database.url.clone(), clock }
    }

    fn store(&self) -> Arc<dyn BillingStore> {
        billing_diesel::open(&self.url.parse().unwrap()).unwrap()
    }

    /// The ports of a process with these faults.
    fn ports(&self, faults: &Arc<Faults>) -> Ports {
        let store = FaultyStore { store: self.store(), faults: Arc::clone(faults) };
        without_stripe(Arc::new(store), self.clock.clone(), Arc::new(UuidV7Generator))
    }

    fn worker(&self, faults: &Arc<Faults>) -> Worker {
        Worker::new(self.ports(faults))
    }

    fn sound_worker(&self) -> Worker {
        self.worker(&Arc::default())
    }

    async fn enable(&self, workspace: &WorkspaceId) {
        let enable = EnableBilling { gateway: Gateway::Managed, wish: EnableWish::Enable };
        Executor::new(self.ports(&Arc::default())).change(&administrator(workspace), &enable).await.unwrap();
    }

    /// Billing is enabled, and whoever disables it dies when the closing has begun.
    async fn leave_closing(&self, workspace: &WorkspaceId) {
        self.enable(workspace).await;
        let dies = Arc::new(Faults { dies_at: Some((0, Moment::After)), ..Faults::default() });
        Executor::new(self.ports(&dies)).disable_billing(&administrator(workspace)).await.unwrap_err();
        let switch = self.store().switches().billing_switch(workspace).await.unwrap();
        assert!(matches!(switch, BillingSwitch::Closing { .. }), "{switch:?}");
    }

    /// The closing has ended once, the audit log is whole, and no work is left.
    async fn assert_disabled_once(&self, workspace: &WorkspaceId) {
        let store = self.store();
        let found = history::assert_unbroken(store.as_ref(), workspace).await;
        assert_eq!(found.switch, BillingSwitch::Disabled);
        assert_eq!(history::count(store.as_ref(), workspace, "disabled").await, 1);
    }

    async fn assert_idle(&self) {
        self.clock.advance(3_600);
        assert_eq!(self.sound_worker().turn().await.unwrap(), Turn::Idle);
    }
}

fn administrator(workspace: &WorkspaceId) -> Administrator {
    let user_id = DashboardUserId::parse("owner").unwrap();
    DashboardSession::new(user_id, workspace.clone(), Role::Owner).administrator().unwrap()
}

fn workspace(number: usize) -> WorkspaceId {
    WorkspaceId::parse(format!("ws_{number}")).unwrap()
}

async fn turn(worker: &Worker) -> Outcome {
    match worker.turn().await.unwrap() {
        Turn::Worked(_, outcome) => outcome,
        Turn::Idle => panic!("nothing was claimed"),
    }
}

async fn a_crash_at_any_commit_loses_nothing(database: TestDatabase) {
    let world = World::of(&database).await;
    let mut points = 0;
    for number in 0.. {
        let mut any_died = false;
        for moment in [Moment::Before, Moment::After] {
            let workspace = workspace(points);
            world.leave_closing(&workspace).await;
            let dies = Arc::new(Faults { dies_at: Some((number, moment)), ..Faults::default() });
            // The outcome of a process that dies is known to nobody.
            let _ = world.worker(&dies).recover(Duration::MAX, |_, _| {}).await;
            any_died |= dies.is_dead();
            points += 1;

            // At once a new process can only take what was not claimed; later the lease has run out.
            world.sound_worker().recover(Duration::MAX, |_, _| {}).await.unwrap();
            world.clock.advance(120);
            world.sound_worker().recover(Duration::MAX, |_, _| {}).await.unwrap();
            world.assert_disabled_once(&workspace).await;
        }
        if !any_died {
            break;
        }
    }
    assert!(points >= 6, "{points} points only: the claim and the effect have a commit each");
    world.assert_idle().await;
}

async fn replicas_share_the_work_and_do_it_once(database: TestDatabase) {
    const CLOSINGS: usize = 24;
    let world = World::of(&database).await;
    for number in 0..CLOSINGS {
        world.leave_closing(&workspace(number)).await;
    }
    world.clock.advance(15);

    let mut workers = JoinSet::new();
    for replica in [world.sound_worker(), world.sound_worker()] {
        for _ in 0..4 {
            let worker = replica.clone();
            workers.spawn(async move {
                let mut disabled = 0;
                while let Turn::Worked(_, outcome) = worker.turn().await.unwrap() {
                    assert_eq!(outcome, Outcome::Disabled);
                    disabled += 1;
                }
                disabled
            });
        }
    }
    let disabled: usize = workers.join_all().await.into_iter().sum();

    assert_eq!(disabled, CLOSINGS);
    for number in 0..CLOSINGS {
        world.assert_disabled_once(&workspace(number)).await;
    }
    world.assert_idle().await;
}

/// Runs a turn that waits before its last unit of work, and what happens meanwhile.
async fn while_a_turn_waits(world: &World, waits_at: usize, meanwhile: impl Future<Output = ()>) -> Outcome {
    let go_on = Arc::new(Semaphore::new(0));
    let waits = Faults { waits_at: Some((waits_at, Arc::clone(&go_on))), ..Faults::default() };
    let waits = Arc::new(waits);
    let worker = world.worker(&waits);
    let working = tokio::spawn(async move { turn(&worker).await });
    while !waits.has_begun(waits_at) {
        assert!(!working.is_finished(), "the turn ended early");
        tokio::task::yield_now().await;
    }
    meanwhile.await;
    go_on.add_permits(1);
    working.await.unwrap()
}

async fn a_worker_whose_lease_ran_out_commits_nothing(database: TestDatabase) {
    let world = World::of(&database).await;
    world.leave_closing(&workspace(0)).await;
    world.clock.advance(15);

    // Units of work: the claim, the join, the effect with the end of the claim.
    let outcome = while_a_turn_waits(&world, 2, async {
        assert_eq!(world.sound_worker().turn().await.unwrap(), Turn::Idle, "it is being done");
        world.clock.advance(61);
        assert_eq!(turn(&world.sound_worker()).await, Outcome::Disabled);
    });

    assert_eq!(outcome.await, Outcome::LeaseLost);
    world.assert_disabled_once(&workspace(0)).await;
    world.assert_idle().await;
}

async fn work_marked_while_it_is_done_is_done_again(database: TestDatabase) {
    let world = World::of(&database).await;
    world.enable(&workspace(0)).await;
    let schedule = async || {
        let store = world.store();
        let mut work = store.begin(&workspace(0)).await.unwrap();
        work.switches().lock_workspace(&workspace(0)).await.unwrap();
        let (id, now) = (
            WorkId::of_workspace(&workspace(0), WorkKind::RecoverClosing),
            world.ports(&Arc::default()).clock.now(),
        );
        work.work().schedule(&id, now).await.unwrap();
        work.commit().await.unwrap();
    };
    schedule().await;

    let outcome = while_a_turn_waits(&world, 2, schedule()).await;

    assert_eq!(outcome, Outcome::Obsolete);
    assert_eq!(turn(&world.sound_worker()).await, Outcome::Obsolete, "once more, for the mark");
    world.assert_idle().await;
}

async fn poison_is_set_aside_and_delays_nobody(database: TestDatabase) {
    let world = World::of(&database).await;
    for number in 0..4 {
        world.leave_closing(&workspace(number)).await;
    }
    world.clock.advance(15);
    let poisoned = Faults { poisoned: Some(workspace(1)), ..Faults::default() };
    let worker = world.worker(&Arc::new(poisoned));

    let mut outcomes = Vec::new();
    while let Turn::Worked(_, outcome) = worker.turn().await.unwrap() {
        outcomes.push(outcome);
    }
    outcomes.sort_by_key(|outcome| outcome.as_str());
    assert_eq!(outcomes, [Outcome::Disabled, Outcome::Disabled, Outcome::Disabled, Outcome::Failed]);

    for attempt in 2..=10 {
        world.clock.advance(600);
        let expected = if attempt == 10 { Outcome::SetAside } else { Outcome::Failed };
        assert_eq!(turn(&worker).await, expected, "attempt {attempt}");
    }
    world.clock.advance(3_600);
    assert_eq!(worker.turn().await.unwrap(), Turn::Idle);
    let (listed, total) = worker.set_aside(10).await.unwrap();
    assert_eq!((listed.len(), total), (1, 1));
    assert_eq!((&listed[0].id.workspace_id, listed[0].reason.contains("poison")), (&workspace(1), true));

    // The owner disables again: the closing ends, and with it the work.
    let executor = Executor::new(world.ports(&Arc::default()));
    executor.disable_billing(&administrator(&workspace(1))).await.unwrap();
    world.assert_disabled_once(&workspace(1)).await;
    assert_eq!(worker.set_aside(10).await.unwrap().1, 0);
}

/// As when the node of one workspace does not answer.
async fn a_row_locked_elsewhere_holds_up_no_other(database: TestDatabase) {
    let world = World::of(&database).await;
    for number in 0..9 {
        world.leave_closing(&workspace(number)).await;
        world.clock.advance(1);
    }
    let other_process = world.store();
    let mut holder = other_process.begin(&workspace(0)).await.unwrap();
    let id = WorkId::of_workspace(&workspace(0), WorkKind::RecoverClosing);
    holder.work().schedule(&id, world.clock.now()).await.unwrap();

    world.clock.advance(60);
    world.sound_worker().recover(Duration::from_secs(5), |_, _| {}).await.unwrap();

    for number in 1..9 {
        world.assert_disabled_once(&workspace(number)).await;
    }
    holder.rollback().await.unwrap();
}
