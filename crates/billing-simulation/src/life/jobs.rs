//! What people and the worker ask of the service.

use billing_application::{CreateCheckoutLink, EnableBilling, EnableWish, EndCheckoutLink, PlanPatch};
use billing_domain::{BillingInterval, CheckoutIntentId, DisplayName, Gateway, RequestKey};

use super::Life;
use crate::replica::End;
use crate::template::Tenant;
use crate::weather::Weather;

/// A task of an actor in a workspace.
#[derive(Clone, Copy)]
enum Wish {
    Checkout,
    Enable,
    Disable,
    Cancel,
    Resume,
    EndLink,
    Rename,
    Refund,
    Act,
    ChangePlan,
    Trial,
    Sweep,
}

impl Life<'_> {
    /// Lets an idle actor begin a job.
    pub(super) fn begin_job(&mut self, actor: usize) {
        let place = self.actors[actor].replica;
        let replica = self.processes[place].replica.clone();
        if !self.processes[place].booted {
            self.processes[place].booted = true;
            return self.begin(actor, "boot", replica.boot());
        }
        if self.chance(self.weather.works) {
            return self.begin(actor, "work", replica.work());
        }
        let number = self.rng.usize(..self.weather.tenants);
        let tenant = self.stage.tenants[number].clone();
        match self.wish() {
            Wish::Enable => {
                let gateway = self.gateway(number > 0);
                let request = EnableBilling { gateway, wish: EnableWish::EnableOrSwitch };
                self.begin(actor, "enable", replica.enable(tenant, request));
            }
            Wish::Checkout => {
                let (request, key) = (self.link(&tenant), self.request_key());
                self.begin(actor, "checkout", replica.checkout(tenant, request, key));
            }
            Wish::Disable => self.begin(actor, "disable", replica.disable(tenant)),
            Wish::EndLink => {
                let links = self.auditor.links(tenant.workspace_id().as_str());
                let Some(id) = self.one_of(&links) else { return };
                let (app_id, id) = (tenant.app_id.clone(), CheckoutIntentId::parse(&id).unwrap());
                self.begin(actor, "end link", replica.end_link(tenant, EndCheckoutLink { app_id, id }));
            }
            Wish::Cancel => self.begin_cancel(actor, replica, tenant),
            Wish::Resume => self.begin_resume(actor, replica, tenant),
            Wish::Refund => self.begin_refund(actor, replica, tenant),
            Wish::Act => self.begin_act(actor, replica, tenant),
            Wish::ChangePlan => self.begin_plan_change(actor, replica, number),
            Wish::Trial => self.begin_trial(actor, replica, tenant),
            Wish::Rename => {
                let plan = self.rng.usize(..tenant.plans.len());
                let name = DisplayName::parse(&format!("Name {}", self.rng.u8(..))).unwrap();
                let patch = PlanPatch { name: Some(name), ..PlanPatch::default() };
                self.begin(actor, "rename", replica.rename(tenant, plan, patch));
            }
            Wish::Sweep => self.begin(actor, "sweep", replica.sweep()),
        }
    }

    fn wish(&mut self) -> Wish {
        let Weather { enable, disable, cancel, money, .. } = self.weather;
        let cancel = cancel.saturating_sub(money).max(1);
        let weights = [
            (Wish::Checkout, 8),
            (Wish::Enable, enable),
            (Wish::Disable, disable),
            (Wish::Cancel, cancel),
            (Wish::Resume, cancel / 2),
            (Wish::EndLink, 1),
            (Wish::Rename, 1),
            (Wish::Refund, money),
            (Wish::ChangePlan, money),
            (Wish::Act, money.div_ceil(2)),
            (Wish::Trial, money.div_ceil(2)),
            (Wish::Sweep, 1),
        ];
        let total: u32 = weights.iter().map(|(_, weight)| weight).sum();
        let mut place = self.rng.u32(..total);
        for (wish, weight) in weights {
            if place < weight {
                return wish;
            }
            place -= weight;
        }
        Wish::Sweep
    }

    /// The effects of a finished job.
    pub(super) fn job_ended(&mut self, actor: usize, name: &'static str, end: &End) {
        let (replica, succeeded) = (self.actors[actor].replica, end.succeeded);
        self.wish_ended(actor, end);
        if name == "boot" && !succeeded {
            self.processes[replica].booted = false;
        }
        if name == "work" {
            self.worked = succeeded;
        }
        let Some(webhook) = self.actors[actor].webhook.take() else { return };
        if !succeeded || (!self.is_quiet && self.chance(self.weather.webhook_twice)) {
            self.webhooks.push(webhook.clone());
        }
        if succeeded && let Err(broken) = self.auditor.acknowledged(&webhook) {
            self.violate(broken);
        }
    }

    fn gateway(&mut self, is_second: bool) -> Gateway {
        if is_second && self.weather.has_platform && self.rng.bool() {
            Gateway::StripePlatform
        } else {
            Gateway::Managed
        }
    }

    fn link(&mut self, tenant: &Tenant) -> CreateCheckoutLink {
        let payer = tenant.payers[self.rng.usize(..self.weather.payers)].clone();
        let [without_trial, with_trial] = &tenant.plans;
        let (_, plan) = if self.chance(self.weather.trials) { with_trial } else { without_trial };
        let plan = plan.clone();
        let interval = if self.rng.u8(..4) == 0 { BillingInterval::Year } else { BillingInterval::Month };
        CreateCheckoutLink {
            app_id: tenant.app_id.clone(),
            environment_id: None,
            payer,
            plan,
            interval,
            currency: None,
            quantity: self.rng.u32(1..3),
            success_url: None,
            cancel_url: None,
        }
    }

    fn request_key(&mut self) -> Option<RequestKey> {
        let key = self.rng.u8(..8);
        (key < 4).then(|| RequestKey::parse(&format!("request-{key}")).unwrap())
    }

    pub(super) fn one_of(&mut self, ids: &[String]) -> Option<String> {
        if ids.is_empty() { None } else { Some(ids[self.rng.usize(..ids.len())].clone()) }
    }
}
