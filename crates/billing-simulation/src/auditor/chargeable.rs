//! Nothing can be charged for while billing is off (invariant I1).

use std::collections::{BTreeMap, BTreeSet};

use stripe_sandbox::LedgerObject;

use super::{Auditor, Verdict, is_live, tables};

/// Objects that the merchant made at Stripe, past the service. What is made while the guard looks may be overlooked, and
/// what is made while billing is off turns it on when it is seen.
#[derive(Default)]
pub(super) struct HandMade {
    /// Those made since the workspace's present closing began, and while it is off. The others are to be found.
    late: BTreeMap<String, BTreeSet<String>>,
}

impl Auditor<'_> {
    /// No creation of a workspace that is off is unresolved.
    pub(super) fn read_switches(&mut self) -> Verdict {
        let before = std::mem::replace(&mut self.switches, tables::switches(&mut self.database));
        for (workspace, state) in &self.switches {
            let was_enabled = before.iter().any(|(known, state)| known == workspace && state == "enabled");
            if state == "enabled" && !was_enabled {
                self.hand_made.late.remove(workspace);
            }
            if state == "disabled"
                && let Some(subject) = tables::unresolved_creations(&mut self.database, workspace).first()
            {
                return Err(format!("I1: {workspace} is off, and {subject} is unresolved"));
            }
        }
        Ok(())
    }

    pub(super) fn nothing_chargeable_while_off(&mut self) -> Verdict {
        if self.switches.iter().all(|(_, state)| state != "disabled") {
            return Ok(());
        }
        self.read_ledger();
        for (workspace, _) in self.switches.iter().filter(|(_, state)| state == "disabled") {
            if let Some(object) = self.chargeable(workspace).find(|it| !self.hand_made.excuses(workspace, it))
            {
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
    pub(crate) fn made_by_hand(&mut self, customer: &str, id: &str) {
        let workspace = self.workspaces_of_customers().get(customer).map(|workspace| (*workspace).to_owned());
        let Some(workspace) = workspace else { return };
        if self.switches.iter().any(|(known, state)| *known == workspace && state != "enabled") {
            self.hand_made.late.entry(workspace).or_default().insert(id.to_owned());
        }
    }

    /// Billing is on where the merchant's own subscription is live (I1.4).
    pub(super) fn hand_made_is_noticed(&self) -> Verdict {
        for (workspace, state) in &self.switches {
            let live = self.chargeable(workspace).find(|object| object.kind == "subscription");
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
    /// Whether the guard could not know of it. Its invoices are as late as it is.
    fn excuses(&self, workspace: &str, object: &LedgerObject) -> bool {
        let Some(late) = self.late.get(workspace) else { return false };
        late.contains(&object.id) || object.kind == "invoice"
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
