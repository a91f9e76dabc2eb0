//! Somebody who does whatever can be done in a shop, and repeats what is not answered.

use std::sync::Arc;
use std::time::Duration;

use billing_testing::Answer;
use fastrand::Rng;

use crate::deployment::Request;
use crate::ledger::text;
use crate::lives::Life;
use crate::shop::Shop;

/// The time before a request is repeated.
const BEFORE_REPEAT: Duration = Duration::from_millis(20);

const USERS: u8 = 3;

/// The refusals of rules; a request that gets another answer below 500 was wrong.
const RULES: [&str; 6] = [
    "billing_has_active_end_user_subscriptions",
    "billing_not_enabled",
    "billing_closing",
    "already_subscribed",
    "checkout_completed",
    "payment_gateway_refused",
];

/// The refusals that ask for a repeat.
const LATER: [&str; 6] = [
    "payment_gateway_unavailable",
    "request_timeout",
    "database_unavailable",
    "concurrent_change",
    "idempotency_request_in_progress",
    "too_many_requests",
];

pub(crate) struct Person {
    life: Arc<Life>,
    shop: Shop,
    number: usize,
    chance: Rng,
    requests: u32,
    /// The ids and pages of the links this person has made.
    links: Vec<(String, String)>,
}

impl Person {
    pub(crate) fn new(life: Arc<Life>, number: usize, shop: usize) -> Self {
        let seed = life.seed.wrapping_mul(1_000) + u64::try_from(number).unwrap();
        let (shop, chance) = (life.shops[shop].clone(), Rng::with_seed(seed));
        Self { life, shop, number, chance, requests: 0, links: Vec::new() }
    }

    pub(crate) async fn go_on(mut self) {
        loop {
            self.act().await;
        }
    }

    async fn act(&mut self) {
        match self.chance.u8(0..100) {
            0..15 => drop(self.insist(&self.shop.enable()).await),
            15..45 => self.sell().await,
            45..70 => self.pay().await,
            70..80 => self.cancel().await,
            80..84 => self.end_link().await,
            84..91 => drop(self.insist(&self.shop.rename(&format!("Team {}", self.requests))).await),
            _ => drop(self.insist(&self.shop.disable()).await),
        }
    }

    /// Makes a link, and sometimes asks for the same once more.
    async fn sell(&mut self) {
        self.requests += 1;
        let user = format!("user_{}", self.chance.u8(0..USERS));
        let request = self.shop.sell(&user, format!("key_{}_{}", self.number, self.requests));
        let answer = self.insist(&request).await;
        if answer.status != 201 {
            return;
        }
        let link = answer.json();
        if self.chance.u8(0..4) == 0 {
            let again = self.insist(&request).await;
            assert!(again.status != 201 || again.json()["id"] == link["id"], "one key made two links");
        }
        self.links.push((text(&link, "id").to_owned(), text(&link, "url").to_owned()));
    }

    /// Pays at the newest link, which is most likely open, or at any.
    async fn pay(&mut self) {
        let newest = self.links.last().filter(|_| self.chance.u8(0..4) > 0);
        let Some((_, page)) = newest.or(self.chance.choice(&self.links)).cloned() else { return };
        let _open = self.life.gate.read().await;
        self.life.deployment.stripe.pay(&page).await;
    }

    async fn cancel(&mut self) {
        let listed = self.insist(&self.shop.subscriptions()).await;
        if listed.status != 200 {
            return;
        }
        let listed = listed.json();
        let live = listed["items"].as_array().unwrap().iter().filter(|it| it["status"] != "canceled");
        let Some(subscription) = self.chance.choice(live.collect::<Vec<_>>()) else { return };
        let request = self.shop.cancel(text(subscription, "id"), self.chance.bool());
        self.insist(&request).await;
    }

    async fn end_link(&mut self) {
        let Some((link, _)) = self.chance.choice(&self.links).cloned() else { return };
        self.insist(&self.shop.end_link(&link)).await;
    }

    /// Sends a request to any of the processes until it is answered, whatever becomes of them meanwhile.
    async fn insist(&mut self, request: &Request) -> Answer {
        loop {
            let replica = self.chance.usize(0..self.life.deployment.replicas());
            let open = self.life.gate.read().await;
            let answer = self.life.deployment.ask(replica, request).await;
            drop(open);
            if let Ok(answer) = answer {
                if answer.status.is_success() {
                    return self.answered(answer);
                }
                let error = answer.error();
                if !LATER.contains(&error.as_str()) {
                    assert!(RULES.contains(&error.as_str()), "{request:?}: {}", answer.text);
                    return self.answered(answer);
                }
            }
            tokio::time::sleep(BEFORE_REPEAT).await;
        }
    }

    fn answered(&self, answer: Answer) -> Answer {
        self.life.answers.send_modify(|answers| *answers += 1);
        answer
    }
}
