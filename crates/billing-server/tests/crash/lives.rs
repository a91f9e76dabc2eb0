//! The whole life of sales while the service is killed: enabled, sold, paid, renewed, canceled, disabled, enabled again.

use std::sync::Arc;
use std::time::Duration;

use billing_testing::{Suite, TestDatabase, setting};
use fastrand::Rng;
use futures_util::{StreamExt, stream};
use tokio::sync::{RwLock, RwLockWriteGuard, watch};
use tokio::task::JoinSet;

use crate::auditor::Auditor;
use crate::deployment::Deployment;
use crate::kill::KILLS_SETTING;
use crate::ledger::{Ledger, text};
use crate::person::Person;
use crate::shop::Shop;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite("a_service_killed_at_any_moment_of_its_life_heals_within_30_seconds", |database| {
            lives(database, 1)
        })
        .on_postgres("a_service_killed_at_any_moment_of_its_life_heals_within_30_seconds", |database| {
            lives(database, 2)
        })
}

/// How many processes are killed on each database, unless the setting of the other kills says otherwise.
const KILLS: u32 = 15;
const KILLS_OF_A_LIFE: u32 = 3;
const LIVES_AT_ONCE: usize = 5;

const SHOPS: usize = 3;
const PEOPLE_OF_A_SHOP: usize = 2;

/// A process is killed when the people have had fewer answers than this, and within this time after.
const MOST_ANSWERS: u64 = 40;
const MOST_MICROSECONDS: u64 = 20_000;

/// More than a month.
const TO_RENEWAL: u32 = 32 * 24 * 60 * 60;

/// The actions of people, and their knowledge of the outcomes.
pub(crate) struct Life {
    pub(crate) deployment: Deployment,
    pub(crate) shops: Vec<Shop>,
    /// Shared by those who ask, each for one attempt; held alone while nobody may.
    pub(crate) gate: RwLock<()>,
    pub(crate) answers: watch::Sender<u64>,
    pub(crate) seed: u64,
}

/// The counts of what happened in lives.
#[derive(Debug, Default)]
struct Tally {
    kills: u32,
    answers: u64,
    left_behind: usize,
    sold: usize,
    renewed: usize,
    slowest: Duration,
}

/// Every second life of `most_replicas` has that many processes, the others have one.
async fn lives(database: TestDatabase, most_replicas: usize) {
    let kills = setting(KILLS_SETTING).map_or(KILLS, |kills| kills.parse().unwrap());
    let lives = kills.div_ceil(KILLS_OF_A_LIFE);
    let living = stream::iter(0..lives).map(|seed| {
        let replicas = if seed % 2 == 0 { most_replicas } else { 1 };
        live(&database, replicas, seed.into())
    });
    let tallies: Vec<Tally> = living.buffer_unordered(LIVES_AT_ONCE).collect().await;

    let mut all = Tally::default();
    for tally in tallies {
        all.kills += tally.kills;
        all.answers += tally.answers;
        all.left_behind += tally.left_behind;
        all.sold += tally.sold;
        all.renewed += tally.renewed;
        all.slowest = all.slowest.max(tally.slowest);
    }
    println!("{lives} lives: {all:?}");
    // Kills that never hit anything would prove nothing.
    assert!(all.left_behind > 0 && all.sold > 0 && all.renewed > 0);
}

async fn live(database: &TestDatabase, replicas: usize, seed: u64) -> Tally {
    let database = database.another().await;
    let removal = database.removal();
    let deployment = Deployment::start(database, replicas).await;
    let mut shops = Vec::new();
    for number in 0..SHOPS {
        shops.push(Shop::open(&deployment, &format!("ws_{number}")).await);
    }
    let (answers, _) = watch::channel(0);
    let life = Arc::new(Life { deployment, shops, gate: RwLock::default(), answers, seed });
    let mut people = JoinSet::new();
    for number in 0..SHOPS * PEOPLE_OF_A_SHOP {
        people.spawn(Person::new(Arc::clone(&life), number, number % SHOPS).go_on());
    }

    let tally = life.kill_again_and_again(&mut people).await;

    drop(life);
    removal.await;
    tally
}

impl Life {
    async fn kill_again_and_again(&self, people: &mut JoinSet<()>) -> Tally {
        let mut chance = Rng::with_seed(self.seed);
        let (mut tally, auditor) = (Tally::default(), Auditor::of(&self.deployment));
        for kill in 0..KILLS_OF_A_LIFE {
            let victim = chance.usize(0..self.deployment.replicas());
            let closed = self.kill_amid_requests(&mut chance, victim, people).await;
            auditor.assert_safe().await;
            tally.left_behind += auditor.unhealed().await.len();
            self.deployment.resume(victim).await;
            tally.slowest = tally.slowest.max(auditor.heal().await);
            tally.kills += 1;
            if kill + 2 == KILLS_OF_A_LIFE {
                // The last kill is amid renewals. Nothing is on its way: Stripe forgets keys of a month ago.
                self.deployment.stripe.advance_clock(TO_RENEWAL).await;
            }
            drop(closed);
        }
        let _closed = self.gate.write().await;
        people.shutdown().await;
        tally.answers = *self.answers.borrow();
        self.end_all_sales(&auditor, &mut tally).await;
        tally
    }

    /// Kills a process at a random moment. Afterwards nobody asks for anything until the guard is dropped.
    async fn kill_amid_requests(
        &self,
        chance: &mut Rng,
        victim: usize,
        people: &mut JoinSet<()>,
    ) -> RwLockWriteGuard<'_, ()> {
        let enough = *self.answers.borrow() + chance.u64(1..=MOST_ANSWERS);
        let mut answers = self.answers.subscribe();
        tokio::select! {
            // People end only when an answer was wrong.
            Some(ended) = people.join_next() => ended.unwrap(),
            reached = async { answers.wait_for(|answers| *answers >= enough).await.map(drop) } => reached.unwrap(),
        }
        // Not a wait for something: the moment of the kill is the thing under test.
        tokio::time::sleep(Duration::from_micros(chance.u64(0..MOST_MICROSECONDS))).await;
        // Polled in this order: whoever asks next waits, and what is on its way is hit.
        let (closed, ()) = futures_util::join!(self.gate.write(), async { self.deployment.kill(victim) });
        closed
    }

    /// Every subscription can be ended and every workspace disabled.
    async fn end_all_sales(&self, auditor: &Auditor<'_>, tally: &mut Tally) {
        auditor.heal().await;
        let ledger = Ledger::read(&self.deployment.stripe).await;
        tally.sold = ledger.of_kind("subscription").count();
        tally.renewed = ledger.renewals();
        for shop in &self.shops {
            let listed = shop.done(&self.deployment, &shop.enable()).await;
            assert!(listed.json()["billingEnabled"] == true, "{}", listed.text);
            let listed = shop.done(&self.deployment, &shop.subscriptions()).await.json();
            let listed = listed["items"].as_array().unwrap();
            for subscription in listed.iter().filter(|it| it["status"] != "canceled") {
                shop.done(&self.deployment, &shop.cancel(text(subscription, "id"), false)).await;
            }
            shop.done(&self.deployment, &shop.disable()).await;
        }
        auditor.heal().await;
    }
}
