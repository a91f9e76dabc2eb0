//! Everything that can happen to the gate of one workspace, from many tasks at once.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use billing_application::{
    DisableBillingError, EnableBilling, EnableBillingError, EnableWish, Executor, Ports, Refusal, Refused,
};
use billing_domain::ports::{BillingStore, Clock, IdGenerator, StoreError};
use billing_domain::{
    Administrator, App, BillingSwitch, Blocker, CheckoutIntent, CheckoutIntentId, CheckoutIntentState,
    DashboardSession, DashboardUserId, Gateway, Payer, Role, Timestamp, UserId, WorkspaceId,
};
use billing_server::adapters::{SystemClock, UuidV7Generator};
use billing_testing::builders;

use crate::faults::without_stripe;
use chrono::TimeDelta;

/// How many tasks change the workspace at once.
const TASKS: usize = 64;

/// The clock and the ids of a replica whose clock is behind.
struct ClockBehind(TimeDelta);

impl Clock for ClockBehind {
    fn now(&self) -> Timestamp {
        SystemClock.now() - self.0
    }
}

impl IdGenerator for ClockBehind {
    fn uuid_v7(&self) -> u128 {
        // The upper 48 bits of a UUIDv7 are its milliseconds.
        UuidV7Generator.uuid_v7() - (u128::try_from(self.0.num_milliseconds()).unwrap() << 80)
    }
}

/// One process's changes of one workspace.
#[derive(Clone)]
pub(crate) struct Load {
    ports: Ports,
    workspace: WorkspaceId,
    accepted_intents: Arc<AtomicUsize>,
}

impl Load {
    pub(crate) fn on(url: &str, workspace: &WorkspaceId) -> Self {
        let store = billing_diesel::open(&url.parse().unwrap()).unwrap();
        let ports = without_stripe(store, Arc::new(SystemClock), Arc::new(UuidV7Generator));
        Self { ports, workspace: workspace.clone(), accepted_intents: Arc::default() }
    }

    /// The same load in a replica whose clock is behind.
    pub(crate) fn behind(mut self, by: TimeDelta) -> Self {
        self.ports.clock = Arc::new(ClockBehind(by));
        self.ports.ids = Arc::new(ClockBehind(by));
        self
    }

    pub(crate) fn accepted_intents(&self) -> usize {
        self.accepted_intents.load(Ordering::Relaxed)
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.ports
    }

    pub(crate) fn store(&self) -> &Arc<dyn BillingStore> {
        &self.ports.store
    }

    /// The app that intents need.
    pub(crate) async fn prepare(&self) {
        let mut work = self.store().begin(&self.workspace).await.unwrap();
        work.switches().lock_workspace(&self.workspace).await.unwrap();
        let app = App { workspace_id: self.workspace.clone(), ..builders::test_app() };
        if work.apps().app_to_change(&self.workspace, &app.id).await.unwrap().is_none() {
            work.apps().insert_app(&app).await.unwrap();
        }
        work.commit().await.unwrap();
    }

    /// Every task does this many things. Which ones is left to chance: tasks with fixed parts would queue up in an
    /// order in which most of what can go wrong never happens.
    pub(crate) async fn run(&self, rounds: usize) {
        self.run_telling(rounds, || ()).await;
    }

    /// The same, and tells each time that one thing is done.
    async fn run_telling(&self, rounds: usize, done: fn()) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..TASKS {
            let load = self.clone();
            tasks.spawn(async move {
                for _ in 0..rounds {
                    load.act().await;
                    done();
                }
            });
        }
        tasks.join_all().await;
    }

    /// Every task switches billing on and off.
    pub(crate) async fn toggle(&self, rounds: usize) {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..TASKS {
            let load = self.clone();
            tasks.spawn(async move {
                for _ in 0..rounds {
                    if load.chance(2) == 0 { load.enable().await } else { load.disable().await }
                }
            });
        }
        tasks.join_all().await;
    }

    async fn act(&self) {
        match self.chance(100) {
            0..30 => self.enable().await,
            30..60 => self.disable().await,
            60..88 => self.check_out().await,
            88..92 => self.expire_intents().await,
            _ => self.watch().await,
        }
    }

    /// A number below `limit`.
    fn chance(&self, limit: u128) -> usize {
        usize::try_from(self.ports.ids.uuid_v7() % limit).unwrap()
    }

    fn executor(&self) -> Executor {
        Executor::new(self.ports.clone())
    }

    fn administrator(&self) -> Administrator {
        let user_id = DashboardUserId::parse("owner").unwrap();
        DashboardSession::new(user_id, self.workspace.clone(), Role::Owner).administrator().unwrap()
    }

    async fn enable(&self) {
        let gateway = Gateway::ALL[self.chance(3)];
        let enable = EnableBilling { gateway, wish: EnableWish::EnableOrSwitch };
        match self.executor().change(&self.administrator(), &enable).await {
            Ok(switch) => assert!(switch.is_on()),
            Err(Refused::Rule(EnableBillingError::Closing)) => {}
            Err(refused) => assert_only_busy(&refused),
        }
    }

    async fn disable(&self) {
        match self.executor().disable_billing(&self.administrator()).await {
            Ok(switch) => assert_eq!(switch, BillingSwitch::Disabled),
            Err(Refused::Rule(DisableBillingError::Blocked(blockers))) => assert!(!blockers.is_empty()),
            Err(Refused::Rule(DisableBillingError::Contended | DisableBillingError::Closing)) => {}
            Err(refused) => assert_only_busy(&refused),
        }
    }

    async fn check_out(&self) {
        match self.try_to_check_out().await {
            Ok(accepted) => drop(self.accepted_intents.fetch_add(accepted.into(), Ordering::Relaxed)),
            Err(error) => assert_store_busy(&error),
        }
    }

    /// The first transaction of a checkout: an intent is written if billing admits it.
    async fn try_to_check_out(&self) -> Result<bool, StoreError> {
        let mut work = self.store().begin(&self.workspace).await?;
        let workspace = work.switches().lock_workspace(&self.workspace).await?;
        let user = UserId::parse(format!("user_{:032x}", self.ports.ids.uuid_v7())).unwrap();
        let now = self.ports.clock.now();
        let intent = CheckoutIntent {
            id: CheckoutIntentId::from_uuid(self.ports.ids.uuid_v7()),
            workspace_id: self.workspace.clone(),
            payer: Payer::User(user),
            expires_at: now + CheckoutIntent::LIFETIME,
            created_at: now,
            ..builders::checkout_intent(1, CheckoutIntentState::Unresolved)
        };
        let accepted = workspace.switch.admit_checkout().is_ok();
        if accepted {
            work.checkout_intents().insert_checkout_intent(&intent).await?;
        }
        work.commit().await?;
        Ok(accepted)
    }

    /// As if Stripe had said that every session is expired, so that switching off can succeed again.
    async fn expire_intents(&self) {
        if let Err(error) = self.try_to_expire_intents().await {
            assert_store_busy(&error);
        }
    }

    async fn try_to_expire_intents(&self) -> Result<(), StoreError> {
        let mut work = self.store().begin(&self.workspace).await?;
        work.switches().lock_workspace(&self.workspace).await?;
        for blocker in work.switches().blockers(&self.workspace).await?.listed() {
            if let Blocker::CheckoutIntent { id, state, .. } = blocker {
                let expired = CheckoutIntentState::Expired;
                work.checkout_intents()
                    .advance_checkout_intent(&self.workspace, *id, *state, expired, None)
                    .await?;
            }
        }
        work.commit().await
    }

    async fn watch(&self) {
        match self.look().await {
            Ok(()) => {}
            Err(error) => assert_store_busy(&error),
        }
    }

    /// At no moment is there an intent that was accepted while billing was closing or off.
    async fn look(&self) -> Result<(), StoreError> {
        let mut work = self.store().begin(&self.workspace).await?;
        let workspace = work.switches().lock_workspace(&self.workspace).await?;
        let blockers = work.switches().blockers(&self.workspace).await?;
        work.rollback().await?;
        for blocker in blockers.listed() {
            let Blocker::CheckoutIntent { expires_at, .. } = blocker else { continue };
            let accepted_at = *expires_at - CheckoutIntent::LIFETIME;
            match workspace.switch {
                BillingSwitch::Disabled => panic!("an intent is open while billing is off"),
                BillingSwitch::Closing { closing_since, .. } => assert!(accepted_at <= closing_since),
                BillingSwitch::Enabled { since, .. } => assert!(accepted_at >= since),
            }
        }
        Ok(())
    }
}

/// Under this load a database may be too busy to answer in time. A race that was locked against is never lost.
fn assert_store_busy(error: &StoreError) {
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}

fn assert_only_busy<E: Refusal>(refused: &Refused<E>) {
    match refused {
        Refused::Store(error) => assert_store_busy(error),
        refused => panic!("{refused}"),
    }
}

/// Writes a line when it begins, and one for each thing it has done.
pub(crate) fn run_until_killed(url: &str, workspace: &str) -> ExitCode {
    // A rule that breaks must be seen by the process that waits for this one, not swallowed in a task.
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("{panic}");
        std::process::abort();
    }));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let load = Load::on(url, &workspace.parse().unwrap());
        load.prepare().await;
        println!("running");
        load.run_telling(usize::MAX, || println!("done")).await;
    });
    ExitCode::FAILURE
}
