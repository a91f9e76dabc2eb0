//! What was confirmed is what was charged.

use std::collections::BTreeSet;

use billing_domain::ShownChange;
use serde_json::Value;

use super::{Auditor, Verdict, requests, tables};
use crate::template::WORKSPACES;

/// A change of plan that somebody has confirmed, and was told is made.
pub(crate) struct Confirmation<'a> {
    pub(crate) workspace: &'a str,
    pub(crate) subscription: &'a str,
    /// The idempotency key of the request.
    pub(crate) key: &'a str,
    pub(crate) shown: ShownChange,
    /// The latest event at Stripe before it was first confirmed.
    pub(crate) since: Option<&'a str>,
}

impl Auditor<'_> {
    /// The latest event on the account of a subscription.
    pub(crate) fn latest_event_of(&mut self, workspace: &str, subscription: &str) -> Option<String> {
        let mirrored = self.mirrored(workspace, subscription)?;
        let events = self.fetched(&mirrored.account, "/v1/events?limit=1");
        events["data"][0]["id"].as_str().map(str::to_owned)
    }

    fn mirrored(&mut self, workspace: &str, subscription: &str) -> Option<tables::Subscription> {
        let mirrored = tables::subscriptions(&mut self.database, workspace);
        mirrored.into_iter().find(|it| it.subscription_id == subscription)
    }

    /// The invoice of a change, or that it has none, is what was shown.
    pub(crate) fn charged_as_confirmed(&mut self, confirmation: &Confirmation<'_>) -> Verdict {
        let Confirmation { workspace, subscription, key, shown, since } = *confirmation;
        // Without a call the subscription was as asked already.
        let Some(call) = requests::done_call_of(&mut self.database, workspace, key) else { return Ok(()) };
        let Some(tables::Subscription { account, stripe_id, .. }) = self.mirrored(workspace, subscription)
        else {
            return Ok(());
        };
        let invoices = self.listed(&account, &format!("/v1/invoices?subscription={stripe_id}&limit=100"));
        let is_of_call = |it: &&Value| changed_by(it) == Some(call.call_id.as_str());
        let made: Vec<_> = invoices.iter().filter(is_of_call).collect();
        let sum = |field: &str| made.iter().map(|invoice| invoice[field].as_i64().unwrap()).sum::<i64>();
        let (charged, confirmed) = ((sum("total"), sum("amount_due")), (shown.total, shown.amount_due));
        if charged == confirmed {
            return Ok(());
        }
        let stripe = self.fetched(&account, &format!("/v1/subscriptions/{stripe_id}"));
        let customer = stripe["customer"].as_str().unwrap();
        if self.is_disturbed(&account, customer, since, &call.key) {
            return Ok(());
        }
        Err(format!("{confirmed:?} was confirmed for {stripe_id}, and {charged:?} was charged"))
    }

    /// Whether something else happened to the customer between this event and the change, or that is not known: Stripe has no
    /// way to be told what a change may cost, so that its price may differ from what it was a moment before.
    fn is_disturbed(&self, account: &str, customer: &str, since: Option<&str>, key: &str) -> bool {
        let events = self.fetched(account, "/v1/events?limit=100");
        let (mut is_made, mut is_disturbed) = (false, false);
        for event in events["data"].as_array().unwrap() {
            if event["id"].as_str() == since {
                return !is_made || is_disturbed;
            }
            let object = &event["data"]["object"];
            let is_own = event["request"]["idempotency_key"] == key;
            let is_of_customer = object["customer"] == customer || object["id"] == customer;
            is_disturbed |= is_made && !is_own && is_of_customer;
            is_made |= is_own;
        }
        true
    }

    /// A change that was refused has charged nothing, and one that was made once at most.
    pub(super) fn changes_charge_once(&mut self) -> Verdict {
        let changes = requests::plan_changes(&mut self.database);
        let mut charged = BTreeSet::new();
        for workspace in WORKSPACES {
            for (account, customer, _) in tables::customers(&mut self.database, workspace) {
                let invoices = self.listed(&account, &format!("/v1/invoices?customer={customer}&limit=100"));
                for invoice in invoices.iter().filter(|it| is_of_change(it)) {
                    let (id, call) = (invoice["id"].as_str().unwrap(), changed_by(invoice));
                    let call = call.unwrap_or_default().to_owned();
                    let outcome = changes.get(&call).map_or("unknown", String::as_str);
                    if outcome != "done" {
                        return Err(format!("{id} charges for change {call}, which is {outcome}"));
                    }
                    if !charged.insert(call) {
                        return Err(format!("{id} charges for a change a second time"));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether an invoice is for a change in the middle of a period. In a life, only the service makes those.
fn is_of_change(invoice: &Value) -> bool {
    invoice["billing_reason"] == "subscription_update"
}

/// The call that made an invoice of a change.
fn changed_by(invoice: &Value) -> Option<&str> {
    let metadata = &invoice["parent"]["subscription_details"]["metadata"];
    metadata["kl_call_id"].as_str().filter(|_| is_of_change(invoice))
}
