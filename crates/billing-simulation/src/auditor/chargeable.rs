//! Nothing can be charged for while billing is off (invariant I1).

use std::collections::{BTreeMap, BTreeSet};

use stripe_sandbox::LedgerObject;

use super::{Auditor, Verdict, WORKSPACE, is_live, tables};

/// Objects that the merchant made at Stripe, past the service. What is made while the guard looks may be overlooked, and
/// what is made while billing is off turns it on when it is seen.
#[derive(Default)]
pub(super) struct HandMade {
    /// Made before the present closing: to be found.
    known: BTreeSet<String>,
    /// Made since it began.
    late: BTreeSet<String>,
    /// The last state of each workspace.
    states: BTreeMap<String, String>,
}

impl Auditor {
    pub(super) fn nothing_chargeable_while_off(&mut self) -> Verdict {
        for (workspace, state) in tables::switches(&mut self.database) {
            let before = self.hand_made.states.insert(workspace.clone(), state.clone());
            if state == "enabled" && before.as_deref() != Some("enabled") {
                let late = std::mem::take(&mut self.hand_made.late);
                self.hand_made.known.extend(late);
            }
            if state != "disabled" {
                continue;
            }
            if let Some(subject) = tables::unresolved_creations(&mut self.database, &workspace).first() {
                return Err(format!("I1: {workspace} is off, and {subject} is unresolved"));
            }
            if let Some(object) = self.chargeable(&workspace).find(|it| !self.hand_made.excuses(it)) {
                return Err(format!(
                    "I1: {workspace} is off, and {} {} is {}",
                    object.kind, object.id, object.status
                ));
            }
        }
        Ok(())
    }

    fn chargeable(&self, workspace: &str) -> impl Iterator<Item = &LedgerObject> {
        let customers = self.workspaces_of_customers();
        let is_of = move |object: &LedgerObject| {
            let customer = object.customer.as_deref()?;
            Some(*customers.get(customer)? == workspace)
        };
        self.ledger.iter().filter(move |object| is_chargeable(object) && is_of(object) == Some(true))
    }

    /// Remembers what the merchant has made for a customer.
    pub(crate) fn made_by_hand(&mut self, customer: &str, ids: &[&str]) {
        let workspace = self.ledger.iter().find(|it| it.id == customer).and_then(|it| it.metadata.get(WORKSPACE));
        let state = workspace.and_then(|workspace| self.hand_made.states.get(workspace));
        let is_on = state.is_some_and(|state| state == "enabled");
        let made = if is_on { &mut self.hand_made.known } else { &mut self.hand_made.late };
        made.extend(ids.iter().map(|id| (*id).to_owned()));
    }

    /// Billing is on where the merchant's own subscription is live (I1.4).
    pub(super) fn hand_made_is_noticed(&mut self) -> Verdict {
        for (workspace, state) in tables::switches(&mut self.database) {
            let live = self.chargeable(&workspace).find(|object| object.kind == "subscription");
            if state == "disabled"
                && let Some(live) = live
            {
                return Err(format!("I1: {workspace} stays off with {}", live.id));
            }
        }
        Ok(())
    }
}

impl HandMade {
    /// Whether the guard could not know of it. Its invoices are as late as it is, and carry no metadata of ours.
    fn excuses(&self, object: &LedgerObject) -> bool {
        self.late.contains(&object.id) || (object.kind == "invoice" && !self.late.is_empty())
    }
}

fn is_chargeable(object: &LedgerObject) -> bool {
    match object.kind {
        "checkout.session" => object.status == "open",
        "subscription" => is_live(&object.status),
        "subscription_schedule" => object.status == "not_started",
        "invoiceitem" => object.status == "pending",
        "invoice" => matches!(object.status.as_str(), "draft" | "open"),
        _ => false,
    }
}
