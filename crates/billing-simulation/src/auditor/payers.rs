//! A payer has one live subscription and one trial in an app (invariant I2). A workspace has one app here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Auditor, Verdict, is_live, tables};
use crate::template::WORKSPACES;

impl Auditor<'_> {
    /// The subscriptions of each payer of a workspace, on whatever account.
    fn by_payer(&mut self) -> BTreeMap<(&'static str, String), Vec<(String, Value)>> {
        let mut by_payer: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for workspace in WORKSPACES {
            for (account, customer, payer) in tables::customers(&mut self.database, workspace) {
                let path = format!("/v1/subscriptions?customer={customer}&status=all&limit=100");
                let listed = self.listed(&account, &path).into_iter().map(|it| (account.clone(), it));
                by_payer.entry((workspace, payer)).or_default().extend(listed);
            }
        }
        by_payer
    }

    /// Of two subscriptions the younger was ended, and paid back.
    pub(super) fn one_subscription_a_payer(&mut self) -> Verdict {
        let ended = tables::ended_duplicates(&mut self.database);
        for ((workspace, payer), subscriptions) in self.by_payer() {
            let live: Vec<_> = subscriptions
                .iter()
                .filter(|(_, it)| is_live(it["status"].as_str().unwrap()))
                .map(|(_, it)| it["id"].as_str().unwrap())
                .collect();
            if live.len() > 1 {
                return Err(format!("I2: {payer} of {workspace} has {}", live.join(" and ")));
            }
            let duplicates =
                subscriptions.iter().filter(|(_, it)| ended.iter().any(|id| it["id"] == id.as_str()));
            for (account, duplicate) in duplicates {
                self.is_paid_back(account, duplicate)?;
            }
        }
        Ok(())
    }

    fn is_paid_back(&self, account: &str, subscription: &Value) -> Verdict {
        let id = subscription["id"].as_str().unwrap();
        let invoices = self.listed(account, &format!("/v1/invoices?subscription={id}&limit=100"));
        if !invoices.iter().any(|invoice| invoice["amount_paid"].as_i64().unwrap() > 0) {
            return Ok(());
        }
        let customer = subscription["customer"].as_str();
        let is_refund = |object: &&stripe_sandbox::LedgerObject| {
            object.kind == "refund" && object.customer.as_deref() == customer
        };
        match self.ledger.iter().find(is_refund) {
            Some(_) => Ok(()),
            None => Err(format!("I2: {id} was a second subscription, and is not paid back")),
        }
    }

    /// Only subscriptions that we have sold count: a merchant may give another trial.
    pub(super) fn one_trial_a_payer(&mut self) -> Verdict {
        for ((workspace, payer), subscriptions) in self.by_payer() {
            let is_trial =
                |it: &Value| it["trial_end"].is_i64() && it["metadata"]["kl_intent_id"].is_string();
            let trials = subscriptions.iter().filter(|(_, it)| is_trial(it)).count();
            if trials > 1 {
                return Err(format!("{payer} of {workspace} had {trials} trials"));
            }
        }
        Ok(())
    }
}
