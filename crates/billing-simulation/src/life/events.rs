//! What happens around the service: crashes, time, payers, Stripe's webhooks and requests that arrive late.

use std::time::Duration;

use chrono::TimeDelta;

use super::Life;
use crate::mutation::Mutation;
use crate::scene::{LateRequest, Point};
use crate::stage::by_hand;
use crate::stripe::carry_out;
use crate::weather::MOVES;

/// How many times likelier a crash is between a commit and its answer.
const AFTER_COMMIT: f64 = 8.0;
/// A late request arrives at this rate.
const ARRIVES: f64 = 0.03;
/// The amount that the merchant gives back, which is none of those that people ask of the service.
const BY_HAND: i64 = 101;
/// No network delivers a request later than this.
const LATEST: TimeDelta = TimeDelta::minutes(30);

impl Life<'_> {
    /// Whether something happened in this step that is no actor's.
    pub(super) fn strike(&mut self) -> bool {
        let point = self.scene.lock().seats[self.last].point;
        let is_commit = point == Some(Point::AfterSql { commits: true });
        if self.chance(self.weather.crash * if is_commit { AFTER_COMMIT } else { 1.0 }) {
            let place = self.rng.usize(..self.processes.len());
            self.crash(place);
        } else if self.chance(self.weather.disconnect) {
            let actor = self.rng.usize(..self.actors.len());
            self.drop_job(actor);
        } else if self.chance(self.weather.clock) {
            let seconds = MOVES[self.rng.usize(..self.weather.moves)];
            self.move_clock(seconds);
        } else if self.chance(self.weather.pay) {
            self.pay();
        } else if self.chance(self.weather.by_hand) {
            match self.rng.u8(..5) {
                0 | 1 => self.sell_by_hand(),
                2 | 3 => self.cancel_by_hand(),
                _ => self.refund_by_hand(),
            }
        } else if self.chance(self.weather.webhook) {
            return self.bring_webhook();
        } else {
            return self.chance(ARRIVES) && self.arrive();
        }
        true
    }

    /// Everything that the process had in memory is gone; the database and Stripe are as they are.
    fn crash(&mut self, place: usize) {
        self.scene.say(format_args!("p{place} crashes"));
        for actor in 0..self.actors.len() {
            if self.actors[actor].replica == place {
                self.drop_job(actor);
            }
        }
        self.processes[place] = self.started(place);
    }

    fn drop_job(&mut self, actor: usize) {
        let Some((name, _)) = &self.actors[actor].job else { return };
        self.scene.say(format_args!("a{actor} {name} is dropped"));
        self.stand_up(actor);
        self.wishes.dropped(actor);
        // Stripe has no answer, and sends it again.
        let webhook = self.actors[actor].webhook.take();
        if self.mutation != Some(Mutation::AcknowledgeBeforeCommit) {
            self.webhooks.extend(webhook);
        }
    }

    pub(super) fn move_clock(&mut self, seconds: i64) {
        self.scene.say(format_args!("clock +{seconds}"));
        let now = {
            let mut state = self.scene.lock();
            state.now += TimeDelta::seconds(seconds);
            state.stripe_changed = true;
            state.now
        };
        self.stage.sandbox.move_clock(now.timestamp());
        self.stage.runtime.block_on(tokio::time::advance(Duration::from_secs(seconds.unsigned_abs())));
    }

    /// A payer pays an open session, mostly with a card that is good.
    fn pay(&mut self) {
        let open = self.auditor.open_sessions();
        if open.is_empty() {
            return;
        }
        let (account, session) = open[self.rng.usize(..open.len())].clone();
        let card = if self.rng.u8(..8) == 0 { "pm_card_chargeCustomerFail" } else { "pm_card_visa" };
        let path = format!("/v1/payment_pages/{session}/confirm");
        self.change_by_hand(&account, "POST", &path, &format!("payment_method={card}"));
    }

    /// The merchant ends a subscription in Stripe's own dashboard.
    fn cancel_by_hand(&mut self) {
        let live = self.auditor.live_subscriptions();
        if live.is_empty() {
            return;
        }
        let (account, subscription) = live[self.rng.usize(..live.len())].clone();
        self.change_by_hand(&account, "DELETE", &format!("/v1/subscriptions/{subscription}"), "");
    }

    /// The merchant makes a subscription or an invoice item for a customer in Stripe's own dashboard.
    fn sell_by_hand(&mut self) {
        let customers = self.auditor.customers();
        if customers.is_empty() {
            return;
        }
        let (account, customer) = customers[self.rng.usize(..customers.len())].clone();
        let made = if self.rng.u8(..4) == 0 {
            let form = format!("customer={customer}&amount=500&currency=usd");
            self.change_by_hand(&account, "POST", "/v1/invoiceitems", &form)
        } else {
            let path = "/v1/payment_methods/pm_card_visa/attach";
            let card = self.change_by_hand(&account, "POST", path, &format!("customer={customer}"));
            let prices = self.auditor.prices(&account);
            let (Some(card), Some(price)) = (card["id"].as_str(), prices.first()) else { return };
            // The invoices of some are sent to be paid, and not charged.
            let is_sent = self.rng.u8(..4) == 0;
            let sent = if is_sent { "&collection_method=send_invoice&days_until_due=7" } else { "" };
            let form =
                format!("customer={customer}&default_payment_method={card}&items[0][price]={price}{sent}");
            self.change_by_hand(&account, "POST", "/v1/subscriptions", &form)
        };
        if let Some(id) = made["id"].as_str() {
            self.auditor.made_by_hand(&customer, id);
        }
    }

    /// The merchant gives back a part of a payment in Stripe's own dashboard, while the service is not giving back any of it:
    /// every refund that is decided on later has seen it.
    fn refund_by_hand(&mut self) {
        let payments = self.auditor.payments_at_rest();
        if payments.is_empty() || self.wishes.is_refunding() {
            return;
        }
        let (account, payment) = payments[self.rng.usize(..payments.len())].clone();
        let form = format!("payment_intent={payment}&amount={BY_HAND}");
        self.change_by_hand(&account, "POST", "/v1/refunds", &form);
    }

    /// Changes something at Stripe past the service. Returns the body of the answer.
    pub(super) fn change_by_hand(
        &mut self,
        account: &str,
        method: &str,
        path: &str,
        form: &str,
    ) -> serde_json::Value {
        let key = self.auditor.key_of(account);
        self.scene.say(format_args!("by hand"));
        let answer = carry_out(&self.scene, &self.stage.sandbox, &by_hand(key, method, path, form));
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// Lets a late request arrive.
    pub(super) fn arrive(&mut self) -> bool {
        let LateRequest { request, .. } = {
            let mut state = self.scene.lock();
            let oldest = state.now - LATEST;
            state.in_flight.retain(|late| late.sent_at >= oldest);
            if state.in_flight.is_empty() {
                return false;
            }
            let place = self.rng.usize(..state.in_flight.len());
            state.in_flight.swap_remove(place)
        };
        self.scene.say(format_args!("late"));
        carry_out(&self.scene, &self.stage.sandbox, &request);
        true
    }

    /// Takes what Stripe has to tell. Some of it gets lost.
    pub(super) fn take_webhooks(&mut self) {
        for webhook in self.stage.sandbox.take_webhooks() {
            if !self.is_quiet && self.chance(self.weather.webhook_lost) {
                self.lost_webhooks += 1;
            } else {
                self.webhooks.push(webhook);
            }
        }
    }

    /// Begins to bring a webhook to a process with an idle actor.
    pub(super) fn bring_webhook(&mut self) -> bool {
        let idle: Vec<usize> =
            (0..self.actors.len()).filter(|actor| self.actors[*actor].job.is_none()).collect();
        if idle.is_empty() || self.webhooks.is_empty() {
            return false;
        }
        let actor = idle[self.rng.usize(..idle.len())];
        let place = self.rng.usize(..self.webhooks.len());
        let webhook = self.webhooks.swap_remove(place);
        self.scene.say(format_args!("webhook {}", webhook.kind));
        let at = self.scene.lock().now.timestamp();
        let job = self.processes[self.actors[actor].replica].replica.clone().receive(&webhook, at);
        self.actors[actor].webhook = Some(webhook);
        self.begin(actor, "webhook", job);
        true
    }
}
