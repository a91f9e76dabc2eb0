//! What people ask of subscriptions and invoices.

use billing_application::{
    ActOnInvoice, CancelSubscription, ChangePlan, ChangeTrial, PlanChange, RefundInvoice, ResumeSubscription,
};
use billing_domain::{
    BillingInterval, ChangeFrom, InvoiceAction, InvoiceId, RequestKey, SubscriptionId, TrialEnd,
};
use chrono::TimeDelta;

use super::Life;
use super::wishes::{Asked, Preview};
use crate::auditor::{Confirmation, REFUNDS};
use crate::replica::{End, Replica};
use crate::template::Tenant;

/// The invoices that people give back, so that some are given back again and again.
const LATEST: usize = 2;

impl Life<'_> {
    pub(super) fn begin_cancel(&mut self, actor: usize, replica: Replica, tenant: Tenant) {
        let live = self.auditor.live_mirrors(tenant.workspace_id().as_str());
        let Some(id) = self.one_of(&live) else { return };
        let request = CancelSubscription {
            app_id: tenant.app_id.clone(),
            subscription_id: SubscriptionId::parse(&id).unwrap(),
            at_period_end: self.rng.bool(),
        };
        self.wishes.ends.begin(actor, &id, request.at_period_end.then_some(true));
        self.begin(actor, "cancel", replica.cancel(tenant, request));
    }

    pub(super) fn begin_resume(&mut self, actor: usize, replica: Replica, tenant: Tenant) {
        let live = self.auditor.live_mirrors(tenant.workspace_id().as_str());
        let Some(id) = self.one_of(&live) else { return };
        let subscription_id = SubscriptionId::parse(&id).unwrap();
        let request = ResumeSubscription { app_id: tenant.app_id.clone(), subscription_id };
        self.wishes.ends.begin(actor, &id, Some(false));
        self.begin(actor, "resume", replica.resume(tenant, request));
    }

    pub(super) fn begin_refund(&mut self, actor: usize, replica: Replica, tenant: Tenant) {
        let paid = self.auditor.paid_invoices(tenant.workspace_id().as_str());
        let Some(id) = self.one_of(&paid[paid.len().saturating_sub(LATEST)..]) else { return };
        let place = self.rng.usize(..REFUNDS.len());
        let (amount, reason) = REFUNDS[place];
        let key = RequestKey::parse(&format!("refund-{place}-{id}")).unwrap();
        let request = RefundInvoice {
            app_id: tenant.app_id.clone(),
            invoice_id: InvoiceId::parse(&id).unwrap(),
            amount,
            reason: Some(reason),
        };
        self.wishes.asked.insert(actor, Asked::Refund(id, place));
        self.begin(actor, "refund", replica.refund(tenant, request, key));
    }

    pub(super) fn begin_act(&mut self, actor: usize, replica: Replica, tenant: Tenant) {
        let open = self.auditor.open_invoices(tenant.workspace_id().as_str());
        let Some(id) = self.one_of(&open) else { return };
        let action = InvoiceAction::ALL[self.rng.usize(..InvoiceAction::ALL.len())];
        let invoice_id = InvoiceId::parse(&id).unwrap();
        let request = ActOnInvoice { app_id: tenant.app_id.clone(), invoice_id, action };
        if action == InvoiceAction::Void {
            self.wishes.asked.insert(actor, Asked::Void(id));
        }
        self.begin(actor, "act", replica.act(tenant, request));
    }

    /// Extends a trial, or ends it.
    pub(super) fn begin_trial(&mut self, actor: usize, replica: Replica, tenant: Tenant) {
        let trials = self.auditor.trials(tenant.workspace_id().as_str());
        let Some(id) = self.one_of(&trials) else { return };
        let (is_end, days) = (self.rng.u8(..3) == 0, self.rng.i64(8..=20));
        let extended = TrialEnd::at(self.scene.lock().now + TimeDelta::days(days));
        let ends = if is_end { TrialEnd::Now } else { extended };
        let key = is_end.then(|| RequestKey::parse(&format!("end-trial-{id}")).unwrap());
        let subscription_id = SubscriptionId::parse(&id).unwrap();
        let request = ChangeTrial { app_id: tenant.app_id.clone(), subscription_id, ends };
        self.wishes.trials.begin(actor, &id, Some(ends));
        self.begin(actor, "change trial", replica.change_trial(tenant, request, key));
    }

    /// Confirms one of the latest previews, or asks for another one.
    pub(super) fn begin_plan_change(&mut self, actor: usize, replica: Replica, number: usize) {
        let tenant = self.stage.tenants[number].clone();
        let previews = self.wishes.latest_previews(number);
        if !previews.is_empty() && self.rng.bool() {
            let place = previews[self.rng.usize(..previews.len())];
            return self.begin_confirmation(actor, replica, tenant, place);
        }
        let changeable = self.auditor.changeable(tenant.workspace_id().as_str());
        let Some(id) = self.one_of(&changeable) else { return };
        let (_, plan) = &tenant.plans[self.rng.usize(..tenant.plans.len())];
        let change = PlanChange {
            app_id: tenant.app_id.clone(),
            subscription_id: SubscriptionId::parse(&id).unwrap(),
            plan: plan.clone(),
            interval: if self.rng.u8(..3) == 0 { BillingInterval::Year } else { BillingInterval::Month },
            currency: None,
            quantity: Some(self.rng.u32(1..4)),
            from: ChangeFrom::Now,
        };
        self.wishes.asked.insert(actor, Asked::Preview(number, change.clone()));
        self.begin(actor, "preview", replica.preview(tenant, change));
    }

    fn begin_confirmation(&mut self, actor: usize, replica: Replica, tenant: Tenant, place: usize) {
        let preview = &mut self.wishes.previews[place];
        if preview.since.is_none() {
            let subscription = preview.request.change.subscription_id.to_string();
            let workspace = tenant.workspace_id().as_str();
            preview.since = self.auditor.latest_event_of(workspace, &subscription);
        }
        let (request, key) = (preview.request.clone(), preview.key.clone());
        self.wishes.asked.insert(actor, Asked::Change(place));
        self.begin(actor, "change plan", replica.change_plan(tenant, request, key));
    }

    /// What follows from the end of a job for the one who asked.
    pub(super) fn wish_ended(&mut self, actor: usize, end: &End) {
        self.wishes.ends.end(actor, end.succeeded);
        if let Some((id, TrialEnd::Now)) = self.wishes.trials.end(actor, end.succeeded) {
            let now = self.scene.lock().now.timestamp();
            self.wishes.told.ended_trials.entry(id).or_insert(now);
        }
        let asked = self.wishes.asked.remove(&actor);
        match asked.filter(|_| end.succeeded) {
            None => {}
            Some(Asked::Refund(invoice, place)) => {
                self.wishes.told.refunded.insert((invoice, place));
            }
            Some(Asked::Void(invoice)) => {
                self.wishes.told.voided.insert(invoice);
            }
            Some(Asked::Preview(tenant, change)) => {
                let previews = &mut self.wishes.previews;
                let key = RequestKey::parse(&format!("change-{}", previews.len())).unwrap();
                if let Some(shown) = end.shown {
                    let request = ChangePlan { change, shown };
                    previews.push(Preview { tenant, request, key, since: None });
                }
            }
            Some(Asked::Change(place)) => self.judge_charge(place),
        }
    }

    fn judge_charge(&mut self, place: usize) {
        let Preview { tenant, request, key, since } = &self.wishes.previews[place];
        let confirmation = Confirmation {
            workspace: self.stage.tenants[*tenant].workspace_id().as_str(),
            subscription: &request.change.subscription_id.to_string(),
            key: key.as_str(),
            shown: request.shown,
            since: since.as_deref(),
        };
        if let Err(broken) = self.auditor.charged_as_confirmed(&confirmation) {
            self.violate(broken);
        }
    }
}
