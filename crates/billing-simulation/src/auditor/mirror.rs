//! The mirror equals Stripe (invariants I3 and I5).

use std::collections::BTreeMap;

use serde_json::Value;

use super::refunds::{RefundedPayment, paid_by};
use super::{Auditor, Verdict, tables};
use crate::template::WORKSPACES;

impl Auditor<'_> {
    pub(crate) fn mirror(&mut self) -> Verdict {
        self.read_ledger();
        let refunds = self.refunds();
        for workspace in WORKSPACES {
            let (mut subscriptions, mut invoices) = (BTreeMap::new(), BTreeMap::new());
            for (account, customer, _) in tables::customers(&mut self.database, workspace) {
                let path = format!("/v1/subscriptions?customer={customer}&status=all&limit=100");
                subscriptions.extend(by_id(self.listed(&account, &path)));
                let path = format!("/v1/invoices?customer={customer}&expand[]=data.payments&limit=100");
                invoices.extend(by_id(self.listed(&account, &path)));
            }
            self.subscriptions(workspace, subscriptions)?;
            self.invoices(workspace, invoices, &refunds)?;
            self.sessions(workspace)?;
        }
        Ok(())
    }

    fn subscriptions(&mut self, workspace: &str, mut fetched: BTreeMap<String, Value>) -> Verdict {
        for mirrored in tables::subscriptions(&mut self.database, workspace) {
            let Some(subscription) = fetched.remove(&mirrored.stripe_id) else {
                return Err(format!("I3: {} of the mirror is not at Stripe", mirrored.stripe_id));
            };
            let mirror = (mirrored.status.as_str(), mirrored.quantity, times_of_mirror(&mirrored.times));
            let quantity = subscription["items"]["data"][0]["quantity"].as_i64().unwrap();
            let status = subscription["status"].as_str().unwrap();
            let stripe = (status, quantity, times_of_stripe(&subscription));
            same("subscription", &mirrored.stripe_id, &mirror, &stripe)?;
        }
        none_left("subscription", &fetched)
    }

    fn invoices(
        &mut self,
        workspace: &str,
        mut fetched: BTreeMap<String, Value>,
        refunds: &BTreeMap<String, RefundedPayment>,
    ) -> Verdict {
        for mirrored in tables::invoices(&mut self.database, workspace) {
            let Some(invoice) = fetched.remove(&mirrored.stripe_id) else {
                return Err(format!("I3: {} of the mirror is not at Stripe", mirrored.stripe_id));
            };
            let details: Value = serde_json::from_str(&mirrored.details).unwrap();
            let amounts =
                ["total", "amountPaid", "amountDue"].map(|field| details[field]["minorUnits"].as_i64());
            let mirror = (
                mirrored.status.as_str(),
                amounts,
                details["number"].clone(),
                mirrored.subscription_id.is_some(),
                refunds_of_mirror(&details),
            );
            let amounts = ["total", "amount_paid", "amount_due"].map(|field| invoice[field].as_i64());
            let subscription = &invoice["parent"]["subscription_details"]["subscription"];
            let status = invoice["status"].as_str().unwrap();
            let refunds = refunds_of_stripe(&invoice, refunds);
            let stripe = (status, amounts, invoice["number"].clone(), subscription.is_string(), refunds);
            same("invoice", &mirrored.stripe_id, &mirror, &stripe)?;
        }
        none_left("invoice", &fetched)
    }

    /// An intent is as its session is.
    fn sessions(&mut self, workspace: &str) -> Verdict {
        for intent in tables::intents(&mut self.database, workspace) {
            let Some(session) = intent.session else { continue };
            let session: Value = serde_json::from_str(&session).unwrap();
            let session =
                self.ledger.iter().find(|it| session["id"] == it.id.as_str() && it.account == intent.account);
            let status = session.map_or("expired", |session| session.status.as_str());
            let state = match status {
                "complete" => "synced",
                other => other,
            };
            same("checkout", &intent.intent_id, &intent.state.as_str(), &state)?;
        }
        Ok(())
    }
}

fn by_id(objects: Vec<Value>) -> impl Iterator<Item = (String, Value)> {
    objects.into_iter().map(|object| (object["id"].as_str().unwrap().to_owned(), object))
}

fn same<T: PartialEq + std::fmt::Debug>(kind: &str, id: &str, mirror: &T, stripe: &T) -> Verdict {
    if mirror == stripe {
        return Ok(());
    }
    Err(format!("I3: {kind} {id} is {mirror:?} in the mirror and {stripe:?} at Stripe"))
}

fn none_left(kind: &str, fetched: &BTreeMap<String, Value>) -> Verdict {
    match fetched.keys().next() {
        Some(id) => Err(format!("I3: {kind} {id} is not in the mirror")),
        None => Ok(()),
    }
}

/// The ids of the refunds of an invoice, in order.
fn refunds_of_mirror(details: &Value) -> Vec<String> {
    let payments = details["payments"].as_array().into_iter().flatten();
    let refunds = payments.flat_map(|payment| payment["refunds"].as_array().unwrap());
    let mut ids: Vec<_> = refunds.map(|refund| refund["id"].as_str().unwrap().to_owned()).collect();
    ids.sort_unstable();
    ids
}

fn refunds_of_stripe(invoice: &Value, refunds: &BTreeMap<String, RefundedPayment>) -> Vec<String> {
    let of_invoice = paid_by(invoice).filter_map(|payment| refunds.get(payment));
    let of_invoice = of_invoice.flat_map(|payment| &payment.refunds);
    let mut ids: Vec<_> = of_invoice.map(|refund| refund["id"].as_str().unwrap().to_owned()).collect();
    ids.sort_unstable();
    ids
}

/// Period, trial, cancellation and end in seconds.
type Times = [Option<i64>; 6];

fn times_of_mirror(times: &str) -> Times {
    let times: Value = serde_json::from_str(times).unwrap();
    let seconds = |field: &str| {
        let time: chrono::DateTime<chrono::Utc> = times[field].as_str()?.parse().unwrap();
        Some(time.timestamp())
    };
    ["periodStart", "periodEnd", "trialEnd", "cancelAt", "canceledAt", "endedAt"].map(seconds)
}

fn times_of_stripe(subscription: &Value) -> Times {
    let item = &subscription["items"]["data"][0];
    let period_end = item["current_period_end"].as_i64();
    let ends_with_period = subscription["cancel_at_period_end"] == true;
    [
        item["current_period_start"].as_i64(),
        period_end,
        subscription["trial_end"].as_i64(),
        subscription["cancel_at"].as_i64().or(period_end.filter(|_| ends_with_period)),
        subscription["canceled_at"].as_i64(),
        subscription["ended_at"].as_i64(),
    ]
}
