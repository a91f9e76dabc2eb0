//! A payer has one live subscription and one trial in an app (invariant I2). A workspace has one app here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Auditor, Verdict, is_live, tables};
use crate::stage::by_hand;
use crate::template::WORKSPACES;

/// The difference that the service allows for between its clock and Stripe's, in seconds.
const CLOCK_SKEW: i64 = 300;

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
            for (account, duplicate) in &subscriptions {
                let end = ended.iter().find(|(id, _)| duplicate["id"] == id.as_str());
                let Some((id, prepared_at)) = end else { continue };
                if duplicate["ended_at"].as_i64().is_some_and(|ended| ended < prepared_at - CLOCK_SKEW) {
                    // It had ended by itself.
                    continue;
                }
                if !subscriptions.iter().any(|(_, other)| is_older(other, duplicate)) {
                    return Err(format!("I2: {id} was ended, and was {payer}'s only one"));
                }
                self.is_paid_back(account, id)?;
            }
        }
        Ok(())
    }

    /// Every payment for the subscription is refunded, all of it.
    fn is_paid_back(&self, account: &str, subscription: &str) -> Verdict {
        let path = format!("/v1/invoices?subscription={subscription}&expand[]=data.payments&limit=100");
        for invoice in self.listed(account, &path) {
            for payment in invoice["payments"]["data"].as_array().unwrap() {
                let Some(intent) = payment["payment"]["payment_intent"].as_str() else { continue };
                let paid = payment["amount_paid"].as_i64().unwrap_or_default();
                let refunds = self.listed(account, &format!("/v1/refunds?payment_intent={intent}&limit=100"));
                let refunded: i64 = refunds.iter().map(|refund| refund["amount"].as_i64().unwrap()).sum();
                if refunded != paid {
                    return Err(format!(
                        "I2: {subscription} was a second subscription, and {refunded} of {paid} is paid back"
                    ));
                }
            }
        }
        Ok(())
    }

    /// What a person was told last of the end of a subscription that still runs.
    pub(crate) fn confirmed_is_so(&mut self, confirmed: &BTreeMap<String, bool>) -> Verdict {
        for workspace in WORKSPACES {
            for mirrored in tables::subscriptions(&mut self.database, workspace) {
                let Some(ends) = confirmed.get(&mirrored.subscription_id) else { continue };
                let path = format!("/v1/subscriptions/{}", mirrored.stripe_id);
                let key = self.key_of(&mirrored.account);
                let subscription = self.sandbox.call(&by_hand(key, "GET", &path, "")).body;
                let is_ending =
                    subscription["cancel_at"].is_i64() || subscription["cancel_at_period_end"] == true;
                if is_live(subscription["status"].as_str().unwrap()) && is_ending != *ends {
                    let told = if *ends { "would end" } else { "would go on" };
                    return Err(format!("{} was said that it {told}, and it does not", mirrored.stripe_id));
                }
            }
        }
        Ok(())
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

/// Whether the other began before and was running when this one was made.
fn is_older(other: &Value, duplicate: &Value) -> bool {
    let made = |it: &Value| (it["created"].as_i64().unwrap(), it["id"].as_str().unwrap().to_owned());
    let (made_at, _) = made(duplicate);
    made(other) < made(duplicate) && other["ended_at"].as_i64().is_none_or(|ended| ended >= made_at)
}
