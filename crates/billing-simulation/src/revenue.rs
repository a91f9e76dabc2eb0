//! Random histories of sales, and their revenue as Stripe's own objects tell it.
//!
//! A history goes from day to day. Subscriptions are sold, changed, discounted, charged in vain and ended, mostly by hand at
//! Stripe; webhooks come at once, late, twice or never; and on some days the service is out. At the end of each day the
//! truth is computed anew from the sandbox's subscriptions, by code that shares nothing with the product. In the end the
//! kept totals must equal it, day by day and to the twelfth of a minor unit.

mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use billing_application::{CreateCheckoutLink, CreatePlan, Executor, Ports, Reads};
use billing_domain::ports::BillingStore;
use billing_domain::{
    BillingInterval, Currency, DisplayName, Money, Payer, PayerKind, PlanDetails, PlanKey, PriceTerms,
    TrialDays, UserId,
};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
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
use truth::{Figures, Truth};

/// The days of a history.
const DAYS: i64 = 100;
/// The most subscriptions of a history, fewer than a page of a list has.
const MOST_SOLD: usize = 30;
/// The days between two reconciliations, while the service is not out.
const RECONCILED_EVERY: i64 = 5;
/// A period that ends within so many days is not changed while the service is out: its renewal would be the last invoice,
/// which dates a change.
const NEAR: i64 = 4 * DAY;
/// The longest outage, in days.
const LONGEST_OUTAGE: i64 = 2;
/// The plans that are sold, one of them with a trial.
const PLANS: [(&str, u32); 2] = [("steady", 0), ("tried", 7)];

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
    /// The subscriptions that were changed since the service went out.
    touched: BTreeSet<String>,
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
        let tenant = tenants[0].clone();
        let executor = Executor::new(ports.clone());
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
            touched: BTreeSet::new(),
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
            let is_seen_today = self.act();
            self.tell(is_seen_today || is_last);
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
        self.touched.clear();
    }

    fn post(&self, path: &str, form: &str) -> Result<Value, String> {
        let answer = self.sandbox.call(&by_hand(KEYS[0].1, "POST", path, form));
        if answer.status == 200 { Ok(answer.body) } else { Err(answer.body["error"]["message"].to_string()) }
    }

    fn listed(&self) -> Vec<Value> {
        let path = "/v1/subscriptions?status=all&limit=100&expand[]=data.discounts.source.coupon";
        let answer = self.sandbox.call(&by_hand(KEYS[0].1, "GET", path, ""));
        assert_eq!(answer.body["has_more"], false, "a history has too many subscriptions for one page");
        answer.body["data"].as_array().unwrap().clone()
    }

    /// Sells or changes something. Returns whether it must be seen today, because Stripe does not say when it was.
    fn act(&mut self) -> bool {
        let sells = self.size.sold < MOST_SOLD && self.rng.u8(..10) < 6;
        if sells && !self.is_out {
            self.sell();
            return false;
        }
        let live: Vec<_> = self.listed().into_iter().filter(|it| self.can_change(it)).collect();
        if live.is_empty() {
            return false;
        }
        let subscription = &live[self.rng.usize(..live.len())];
        let id = subscription["id"].as_str().unwrap().to_owned();
        if self.is_out && !self.touched.insert(id.clone()) {
            return false;
        }
        if self.change(subscription, &id).is_ok() {
            self.size.changes += 1;
        }
        true
    }

    fn can_change(&self, subscription: &Value) -> bool {
        let is_near = subscription["items"]["data"][0]["current_period_end"].as_i64() < Some(self.now + NEAR);
        match subscription["status"].as_str() {
            Some("active" | "trialing") => !self.is_out || !is_near,
            Some("past_due") => !self.is_out,
            _ => false,
        }
    }

    fn sell(&mut self) {
        let (plan, _) = PLANS[self.rng.usize(..PLANS.len())];
        let (currency, interval) = [
            ("USD", BillingInterval::Month),
            ("USD", BillingInterval::Year),
            ("JPY", BillingInterval::Month),
            ("KWD", BillingInterval::Month),
            ("KWD", BillingInterval::Year),
        ][self.rng.usize(..5)];
        let request = CreateCheckoutLink {
            app_id: self.tenant.app_id.clone(),
            environment_id: None,
            payer: Payer::User(UserId::parse(format!("payer_{}", self.size.sold)).unwrap()),
            plan: PlanKey::parse(plan).unwrap(),
            interval,
            currency: Some(Currency::parse(currency).unwrap()),
            quantity: self.rng.u32(1..6),
            success_url: None,
            cancel_url: None,
        };
        let tenant = self.tenant.clone();
        let end = self.runtime.block_on(self.replica.clone().checkout(tenant, request, None));
        assert!(end.succeeded, "{}", end.words);
        let open = self
            .sandbox
            .ledger()
            .into_iter()
            .rfind(|it| it.kind == "checkout.session" && it.status == "open");
        let card = if self.rng.u8(..10) < 2 { "pm_card_chargeCustomerFail" } else { "pm_card_visa" };
        let path = format!("/v1/payment_pages/{}/confirm", open.unwrap().id);
        // A payment that fails leaves the session open.
        let _paid = self.post(&path, &format!("payment_method={card}"));
        self.size.sold += 1;
    }

    fn change(&mut self, subscription: &Value, id: &str) -> Result<Value, String> {
        let path = format!("/v1/subscriptions/{id}");
        let item = &subscription["items"]["data"][0];
        let item_id = item["id"].as_str().unwrap();
        // Of others Stripe does not say when they were made.
        let proration = if self.is_out {
            "always_invoice"
        } else {
            ["always_invoice", "create_prorations", "none"][self.rng.usize(..3)]
        };
        match self.rng.u8(..10) {
            0 => self.delete(&path),
            1 => self.post(&path, "cancel_at_period_end=true"),
            2 | 3 => {
                let quantity = self.rng.u32(1..9);
                self.post(
                    &path,
                    &format!(
                        "items[0][id]={item_id}&items[0][quantity]={quantity}&proration_behavior={proration}"
                    ),
                )
            }
            4 | 5 => {
                let (price, quantity) = (&item["price"], item["quantity"].as_u64().unwrap());
                let (product, currency) =
                    (price["product"].as_str().unwrap(), price["currency"].as_str().unwrap());
                let interval = if self.rng.bool() { "month" } else { "year" };
                let amount = self.rng.i64(100..5_000) * 10;
                let data = format!(
                    "items[0][price_data][product]={product}&items[0][price_data][currency]={currency}&items[0][price_data][recurring][interval]={interval}&items[0][price_data][unit_amount]={amount}"
                );
                self.post(&path, &format!("items[0][id]={item_id}&items[0][quantity]={quantity}&{data}&proration_behavior={proration}"))
            }
            6 if subscription["status"] == "trialing" => self.post(&path, "trial_end=now"),
            7 if !self.is_out => self.post(&path, "discounts="),
            _ => {
                let coupon = self.coupon(subscription["currency"].as_str().unwrap())?;
                self.post(&path, &format!("discounts[0][coupon]={coupon}"))
            }
        }
    }

    fn delete(&self, path: &str) -> Result<Value, String> {
        let answer = self.sandbox.call(&by_hand(KEYS[0].1, "DELETE", path, ""));
        if answer.status == 200 { Ok(answer.body) } else { Err(answer.body.to_string()) }
    }

    fn coupon(&mut self, currency: &str) -> Result<String, String> {
        let off = if self.rng.bool() {
            format!("percent_off={}.{}", self.rng.u8(1..99), ["5", "25", "0"][self.rng.usize(..3)])
        } else {
            format!("amount_off={}&currency={currency}", self.rng.i64(1..300) * 10)
        };
        let duration = [
            "duration=forever",
            "duration=once",
            "duration=repeating&duration_in_months=1",
            "duration=repeating&duration_in_months=3",
        ][self.rng.usize(..4)];
        Ok(self.post("/v1/coupons", &format!("{off}&{duration}"))?["id"].as_str().unwrap().to_owned())
    }

    /// Compares the kept totals with the truth, and with those that are made anew.
    fn judge(mut self) -> Result<HistorySize, String> {
        let kept = self.kept();
        self.truth.compare(&kept)?;
        let workspace = self.tenant.workspace_id().clone();
        self.runtime.block_on(async {
            let mut work = self.ports.store.begin(&workspace).await.unwrap();
            work.switches().lock_workspace(&workspace).await.unwrap();
            work.revenue().rebuild_revenue(&workspace).await.unwrap();
            work.commit().await.unwrap();
        });
        if self.kept() != kept {
            return Err("the totals that are made anew differ from those that were kept".to_owned());
        }
        self.compare_overview()?;
        self.size.compared = kept.len();
        Ok(self.size)
    }

    fn compare_overview(&mut self) -> Result<(), String> {
        let reads = Reads::new(self.ports.clone());
        let (workspace, app) = (self.tenant.workspace_id().clone(), self.tenant.app_id.clone());
        let (_switch, overview) =
            self.runtime.block_on(reads.revenue_overview(&workspace, &app, None)).unwrap();
        let statuses: Vec<_> = self.listed();
        let of = |status: &str| statuses.iter().filter(|it| it["status"] == status).count() as u64;
        let counts = overview.subscriptions;
        let (shown, true_counts) = (
            [counts.active, counts.trialing, counts.past_due],
            [of("active"), of("trialing"), of("past_due")],
        );
        if shown != true_counts {
            return Err(format!(
                "{shown:?} are active, trialing and past due, and {true_counts:?} at Stripe"
            ));
        }
        for revenue in &overview.currencies {
            let now = revenue.now().unwrap().revenue.minor_units();
            let expected = self.truth.now(revenue.currency.code());
            if now != expected {
                return Err(format!("{now} of {} are shown, and {expected} are true", revenue.currency));
            }
        }
        Ok(())
    }

    /// The kept totals of each day and currency.
    fn kept(&mut self) -> BTreeMap<(String, String), Figures> {
        #[derive(QueryableByName)]
        struct Total {
            #[diesel(sql_type = Text)]
            period: String,
            #[diesel(sql_type = Text)]
            currency: String,
            #[diesel(sql_type = BigInt)]
            twelfths: i64,
            #[diesel(sql_type = BigInt)]
            new_count: i64,
            #[diesel(sql_type = BigInt)]
            churned_count: i64,
        }
        let query = "SELECT period, currency, twelfths, new_count, churned_count FROM revenue_totals WHERE grain = 'day'";
        let totals = diesel::sql_query(query).load::<Total>(&mut self.database).unwrap();
        let figures = |total: Total| {
            let figures =
                Figures { twelfths: total.twelfths, new: total.new_count, churned: total.churned_count };
            ((total.period, total.currency), figures)
        };
        totals.into_iter().map(figures).filter(|(_, figures)| *figures != Figures::default()).collect()
    }
}

fn plan(tenant: &Tenant, key: &str, trial_days: u32) -> CreatePlan {
    let price = |amount, currency: &str, interval| {
        PriceTerms::new(Money::new(amount, Currency::parse(currency).unwrap()), interval).unwrap()
    };
    CreatePlan {
        app_id: tenant.app_id.clone(),
        key: PlanKey::parse(key).unwrap(),
        payer_kind: PayerKind::User,
        details: PlanDetails {
            trial_days: TrialDays::new(trial_days).unwrap(),
            ..PlanDetails::named(DisplayName::parse(key).unwrap())
        },
        prices: vec![
            price(1_999, "USD", BillingInterval::Month),
            price(19_990, "USD", BillingInterval::Year),
            price(1_201, "JPY", BillingInterval::Month),
            price(4_510, "KWD", BillingInterval::Month),
            price(45_130, "KWD", BillingInterval::Year),
        ],
        features: Vec::new(),
    }
}
