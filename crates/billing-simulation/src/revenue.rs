//! Random histories of sales, and their revenue as Stripe's own objects tell it.
//!
//! A history goes from day to day. Subscriptions are sold in two environments, changed, discounted, charged in vain and
//! ended, mostly by hand at Stripe; webhooks come at once, late, twice or never; and on some days the service is out. At the
//! end of each day the truth is computed anew from the sandbox's subscriptions, by code that shares nothing with the product.
//! In the end the kept totals must equal it, day by day and to the twelfth of a minor unit, and so must the overviews.

mod judgment;
mod sales;
mod truth;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use billing_application::{Executor, Ports};
use billing_domain::ports::BillingStore;
use billing_domain::{App, AppId, Environment, EnvironmentId, EnvironmentKind, Timestamp};
use diesel::Connection;
use diesel::sqlite::SqliteConnection;
use serde_json::Value;
use stripe_sandbox::{InProcess, Webhook};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::orders::work_all;
use crate::replica::{self, Job, Replica};
use crate::scene::Scene;
use crate::stage::{self, BEGINNING, DAY, KEYS, MEMORY, by_hand};
use crate::template::{self, Tenant};
use sales::{PLANS, plan};
use truth::Truth;

/// The environments in which is sold. Both are for test money: no gateway of a history takes other.
const ENVIRONMENTS: [&str; 2] = ["env_first", "env_second"];
/// The days of a history.
const DAYS: i64 = 100;
/// The days between two reconciliations, while the service is not out.
const RECONCILED_EVERY: i64 = 5;
/// The longest outage, in days.
const LONGEST_OUTAGE: i64 = 2;

/// The size of a history.
#[derive(Debug, Clone, Copy, Default)]
pub struct HistorySize {
    /// Subscriptions that were sold.
    pub sold: usize,
    /// Changes at Stripe.
    pub changes: usize,
    /// Totals that were compared.
    pub compared: usize,
}

struct History {
    runtime: Runtime,
    sandbox: Arc<InProcess>,
    scene: Scene,
    tenant: Tenant,
    ports: Ports,
    replica: Replica,
    rng: fastrand::Rng,
    database: SqliteConnection,
    now: i64,
    is_out: bool,
    out_for: i64,
    /// The subscriptions of which nothing is left to be seen that was done by hand, each with its status when it was seen.
    seen: BTreeMap<String, String>,
    undelivered: Vec<Webhook>,
    truth: Truth,
    size: HistorySize,
    _folder: TempDir,
}

/// Goes through the history of a seed. The error tells how the figures differ from the truth.
///
/// # Errors
/// The first difference.
pub fn revenue_history(seed: u64) -> Result<HistorySize, String> {
    let mut history = History::new(seed);
    for day in 0..DAYS {
        history.day(day);
    }
    history.judge()
}

impl History {
    fn new(seed: u64) -> Self {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let memory = Path::new(MEMORY);
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let path = folder.path().join("history");
        let sandbox = Arc::new(InProcess::new(seed, BEGINNING));
        let secrets = stage::register_webhooks(&sandbox);
        let scene = Scene::new(0, BEGINNING, false);
        runtime.block_on(template::migrate(&path));
        let gateway = Arc::new(stage::gateway(&scene, &sandbox, &secrets, None));
        let store: Arc<dyn BillingStore> = replica::store(&scene, &path);
        let ports = replica::ports(&scene, store, gateway, 0);
        let tenants = runtime.block_on(template::fill(&ports));
        let tenant = Tenant { app_id: AppId::parse("app_of_histories").unwrap(), ..tenants[0].clone() };
        let executor = Executor::new(ports.clone());
        runtime.block_on(executor.seed_app(app(&tenant, ports.clock.now()))).unwrap();
        for (key, trial_days) in PLANS {
            let plan = plan(&tenant, key, trial_days);
            runtime.block_on(executor.change(&tenant.administrator, &plan)).unwrap();
        }
        let database = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        let replica = Replica::new(ports.clone(), None);
        let mut history = Self {
            runtime,
            sandbox,
            scene,
            tenant,
            ports,
            replica,
            rng: fastrand::Rng::with_seed(seed),
            database,
            now: BEGINNING,
            is_out: false,
            out_for: 0,
            seen: BTreeMap::new(),
            undelivered: Vec::new(),
            truth: Truth::default(),
            size: HistorySize::default(),
            _folder: folder,
        };
        history.run(Replica::boot);
        history
    }

    fn run(&mut self, job: impl FnOnce(Replica) -> Job) {
        self.runtime.block_on(job(self.replica.clone()));
    }

    fn work(&mut self) {
        work_all(&self.runtime, || self.replica.clone().work());
    }

    fn go_to(&mut self, at: i64, certain: bool) {
        self.now = self.now.max(at);
        self.scene.lock().now = chrono::DateTime::from_timestamp(self.now, 0).unwrap();
        self.sandbox.move_clock(self.now);
        self.tell(certain);
    }

    /// Takes Stripe's webhooks, and delivers what arrives now; all of it, if it is `certain`.
    fn tell(&mut self, certain: bool) {
        for webhook in self.sandbox.take_webhooks() {
            let is_lost = !certain && self.rng.u8(..10) < 3;
            if !is_lost && self.rng.u8(..10) < 2 {
                self.undelivered.push(webhook.clone());
            }
            if !is_lost {
                self.undelivered.push(webhook);
            }
        }
        if self.is_out {
            return;
        }
        self.rng.shuffle(&mut self.undelivered);
        let late = if certain { 0 } else { self.undelivered.len() / 3 };
        let arrived = self.undelivered.len() - late;
        for webhook in self.undelivered.drain(..arrived).collect::<Vec<_>>() {
            let at = self.now;
            self.run(|replica| replica.receive(&webhook, at));
        }
        self.work();
    }

    fn day(&mut self, day: i64) {
        let (begins, is_last) = (BEGINNING + day * DAY, day + 1 == DAYS);
        let was_out = self.is_out;
        self.is_out = !is_last && day > 3 && self.out_for < LONGEST_OUTAGE && self.rng.u8(..10) < 2;
        self.out_for = if self.is_out { self.out_for + 1 } else { 0 };
        if !self.is_out && (was_out || day % RECONCILED_EVERY == 0) {
            self.reconcile();
        }
        let mut moments: Vec<_> = (0..self.rng.usize(1..4)).map(|_| self.rng.i64(3_600..80_000)).collect();
        moments.sort_unstable();
        for moment in moments {
            self.go_to(begins + moment, is_last);
            let is_seen_at_once = self.act();
            self.tell(is_seen_at_once || is_last);
        }
        if is_last {
            self.go_to(begins + 84_000, is_last);
            self.reconcile();
        }
        self.go_to(begins + DAY - 1, is_last);
        let subscriptions = self.listed();
        self.truth.end_of_day(begins, &subscriptions);
    }

    /// Everything is fetched, in the time that it takes.
    fn reconcile(&mut self) {
        self.run(Replica::boot);
        for _ in 0..12 {
            self.work();
            self.go_to(self.now + 10, true);
        }
        self.work();
        let word = |it: &Value, field: &str| it[field].as_str().unwrap().to_owned();
        self.seen = self.listed().iter().map(|it| (word(it, "id"), word(it, "status"))).collect();
    }

    fn listed(&self) -> Vec<Value> {
        let path = "/v1/subscriptions?status=all&limit=100&expand[]=data.discounts.source.coupon";
        let answer = self.sandbox.call(&by_hand(KEYS[0].1, "GET", path, ""));
        assert_eq!(answer.body["has_more"], false, "a history has too many subscriptions for one page");
        answer.body["data"].as_array().unwrap().clone()
    }
}

/// The app of a history.
fn app(tenant: &Tenant, created_at: Timestamp) -> App {
    let kind = EnvironmentKind::Development;
    let environment = |id: &str| Environment { id: EnvironmentId::parse(id).unwrap(), kind };
    App {
        environments: ENVIRONMENTS.map(environment).to_vec(),
        ..template::app(tenant.workspace_id(), &tenant.app_id, created_at)
    }
}
