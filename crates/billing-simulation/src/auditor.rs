//! The judge of a life: reads the sandbox's ledger and our tables, never our API.

mod audit_log;
mod calls;
mod chargeable;
mod choices;
mod mirror;
mod payers;
mod plan_changes;
mod refunds;
mod requests;
mod tables;
mod told;
mod trials;

use std::cell::RefMut;
use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::sqlite::SqliteConnection;
use serde_json::Value;
use stripe_sandbox::{InProcess, LedgerObject, Webhook};

use crate::stage::{KEYS, by_hand};
use audit_log::Chains;
use chargeable::HandMade;

pub(crate) use plan_changes::Confirmation;
pub(crate) use refunds::REFUNDS;
pub(crate) use told::Told;

/// A rule that does not hold, in words.
pub(crate) type Verdict = Result<(), String>;

/// The metadata of our workspace on a customer.
const WORKSPACE: &str = "kl_workspace_id";

/// The events about objects of the mirror. Others are of no interest, or are about an object that is not made yet.
const MIRRORED: [&str; 3] = ["checkout.session.", "customer.subscription.", "invoice."];

pub(crate) struct Auditor<'s> {
    database: RefMut<'s, SqliteConnection>,
    sandbox: Arc<InProcess>,
    /// The accounts of the keys, in the order of [`KEYS`].
    accounts: Vec<String>,
    ledger: Vec<LedgerObject>,
    /// Whether Stripe has changed since the ledger was read, and whether that was judged since.
    is_stale: bool,
    is_judged: bool,
    /// The workspaces with the states of their switches.
    switches: Vec<(String, String)>,
    chains: Chains,
    hand_made: HandMade,
}

impl<'s> Auditor<'s> {
    pub(crate) fn new(database: RefMut<'s, SqliteConnection>, sandbox: &Arc<InProcess>) -> Self {
        let account = |(_, key): &(_, &str)| {
            let answer = sandbox.call(&by_hand(key, "GET", "/v1/account", ""));
            answer.body["id"].as_str().unwrap().to_owned()
        };
        Self {
            database,
            sandbox: Arc::clone(sandbox),
            accounts: KEYS.iter().map(account).collect(),
            ledger: Vec::new(),
            is_stale: true,
            is_judged: true,
            switches: Vec::new(),
            chains: Chains::default(),
            hand_made: HandMade::default(),
        }
    }

    /// Judges what has changed since the last look.
    pub(crate) fn look(&mut self, database: bool, stripe: bool) -> Verdict {
        self.is_stale |= stripe;
        if database {
            self.read_audit_log()?;
            self.read_switches()?;
        }
        if database || stripe {
            self.nothing_chargeable_while_off()?;
        }
        if !std::mem::replace(&mut self.is_judged, true) {
            self.one_object_a_call()?;
        }
        Ok(())
    }

    /// The ledger as it is now. It is read only where it is needed.
    fn read_ledger(&mut self) {
        if std::mem::take(&mut self.is_stale) {
            self.ledger = self.sandbox.ledger();
            self.is_judged = false;
        }
    }

    /// Judges what must hold when nothing is left to do.
    pub(crate) fn at_rest(&mut self) -> Verdict {
        self.read_ledger();
        self.nothing_left_over()?;
        self.one_object_a_call()?;
        self.outcomes_are_true()?;
        self.refunds_are_as_asked()?;
        self.changes_charge_once()?;
        self.one_subscription_a_payer()?;
        self.one_trial_a_payer()?;
        self.hand_made_is_noticed()?;
        self.switches_are_as_audited()?;
        self.mirror()
    }

    /// Whether every event that was stored has a workspace. The others are set aside, and reconciliation finds what they
    /// speak of.
    pub(crate) fn has_placed_all(&mut self) -> bool {
        tables::unplaced(&mut self.database) == 0
    }

    /// Has an operator replay work that was set aside because processes died with it.
    pub(crate) fn replay_crashed(&mut self) {
        tables::replay_crashed(&mut self.database);
    }

    /// Lets reconciliation wait, so that it repairs nothing that events should have.
    pub(crate) fn put_off_reconciliation(&mut self) {
        tables::put_off(&mut self.database, "reconcile");
    }

    /// The event of a webhook that was answered with success is durable (invariant I4).
    pub(crate) fn acknowledged(&mut self, webhook: &Webhook) -> Verdict {
        let is_mirrored = MIRRORED.iter().any(|family| webhook.kind.starts_with(family));
        if !is_mirrored || webhook.kind == "invoice.upcoming" {
            return Ok(());
        }
        let event: Value = serde_json::from_str(&webhook.body).unwrap();
        let id = event["id"].as_str().unwrap();
        if tables::has_event(&mut self.database, id) {
            return Ok(());
        }
        Err(format!("I4: {} {id} was acknowledged and is not stored", webhook.kind))
    }

    /// The open sessions with their accounts.
    pub(crate) fn open_sessions(&mut self) -> Vec<(String, String)> {
        self.read_ledger();
        let open = |object: &&LedgerObject| object.kind == "checkout.session" && object.status == "open";
        self.ledger.iter().filter(open).map(|it| (it.account.clone(), it.id.clone())).collect()
    }

    /// The live subscriptions with their accounts.
    pub(crate) fn live_subscriptions(&mut self) -> Vec<(String, String)> {
        self.read_ledger();
        let live = |object: &&LedgerObject| object.kind == "subscription" && is_live(&object.status);
        self.ledger.iter().filter(live).map(|it| (it.account.clone(), it.id.clone())).collect()
    }

    /// The customers with their accounts.
    pub(crate) fn customers(&mut self) -> Vec<(String, String)> {
        self.read_ledger();
        let customers = self.ledger.iter().filter(|object| object.kind == "customer");
        customers.map(|it| (it.account.clone(), it.id.clone())).collect()
    }

    /// The prices of an account.
    pub(crate) fn prices(&self, account: &str) -> Vec<String> {
        let prices = self.ledger.iter().filter(|object| object.kind == "price" && object.account == account);
        prices.map(|price| price.id.clone()).collect()
    }

    /// The key of an account.
    pub(crate) fn key_of(&self, account: &str) -> &'static str {
        let place = self.accounts.iter().position(|known| known == account).unwrap();
        KEYS[place].1
    }

    /// The customers of each workspace, as Stripe has them.
    fn workspaces_of_customers(&self) -> BTreeMap<&str, &str> {
        let customers = self.ledger.iter().filter(|object| object.kind == "customer");
        let ours = customers.filter_map(|it| Some((it.id.as_str(), it.metadata.get(WORKSPACE)?.as_str())));
        ours.collect()
    }

    /// The answer to a read of an account.
    fn fetched(&self, account: &str, path: &str) -> Value {
        self.sandbox.call(&by_hand(self.key_of(account), "GET", path, "")).body
    }

    /// Every object of a list of an account.
    fn listed(&self, account: &str, path: &str) -> Vec<Value> {
        let list = self.fetched(account, path);
        assert_eq!(list["has_more"], false, "a life has too many objects for one page");
        list["data"].as_array().unwrap().clone()
    }

    /// No call is unresolved, no closing is under way, and no work was given up.
    fn nothing_left_over(&mut self) -> Verdict {
        if let Some((workspace, _)) = self.switches.iter().find(|(_, state)| state == "closing") {
            return Err(format!("I1: {workspace} is closing for ever"));
        }
        if let Some(subject) = tables::unresolved_calls(&mut self.database).first() {
            return Err(format!("I6: {subject} is unresolved for ever"));
        }
        match tables::set_aside(&mut self.database).first() {
            Some((kind, reason)) => Err(format!("{kind} was set aside: {reason}")),
            None => Ok(()),
        }
    }
}

/// Whether a subscription can charge in this status.
fn is_live(status: &str) -> bool {
    !matches!(status, "canceled" | "incomplete_expired")
}
