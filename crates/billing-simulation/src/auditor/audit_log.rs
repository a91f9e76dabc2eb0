//! The numbers of the audit log have no gap, and the chain of before and after never breaks (invariant I10).

use std::collections::BTreeMap;

use serde_json::Value;

use super::tables::{self, Entry};
use super::{Auditor, Verdict};

/// The last audited state of each object.
#[derive(Default)]
pub(super) struct Chains {
    /// The last row that was read, and the last number of each workspace.
    row: i64,
    numbers: BTreeMap<String, i64>,
    /// The state of each object after its last entry.
    states: BTreeMap<(String, String), Value>,
}

/// The subject of the entries about the switch.
const SWITCH: &str = "billing_switch";
/// What the events of a change of plan begin with, and the fields that they add to those of the subscription.
const PLAN_CHANGE: &str = "plan_change_";
const OF_PLAN_CHANGES: [&str; 6] = ["planName", "amount", "interval", "total", "charged", "reason"];

impl Auditor<'_> {
    pub(super) fn read_audit_log(&mut self) -> Verdict {
        for entry in tables::entries(&mut self.database, self.chains.row) {
            self.chains.add(&entry)?;
        }
        Ok(())
    }

    /// The switch is as its last entry says.
    pub(super) fn switches_are_as_audited(&self) -> Verdict {
        for (workspace, state) in &self.switches {
            let audited =
                self.chains.states.iter().find(|((known, key), _)| known == workspace && key == SWITCH);
            let audited =
                audited.map_or("disabled", |(_, after)| after["state"].as_str().unwrap_or_default());
            if audited != state {
                return Err(format!("I10: {workspace} is {state}, and {audited} in the audit log"));
            }
        }
        Ok(())
    }
}

impl Chains {
    fn add(&mut self, entry: &Entry) -> Verdict {
        let workspace = &entry.workspace;
        self.row = entry.row;
        let last = self.numbers.entry(workspace.clone()).or_default();
        if entry.number != *last + 1 {
            return Err(format!("I10: audit entry {} of {workspace} follows {last}", entry.number));
        }
        *last = entry.number;
        let parsed = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        let (mut before, after) = (parsed(&entry.before), parsed(&entry.after));
        // It says what was asked for and what became of that, at the subscription as it is meanwhile: the change itself is an
        // entry of its own, once it is seen at Stripe. Its `after` is a wish.
        let is_of_plan_change = entry.event.starts_with(PLAN_CHANGE);
        if let Some(fields) = before.as_object_mut().filter(|_| is_of_plan_change) {
            fields.retain(|field, _| !OF_PLAN_CHANGES.contains(&field.as_str()));
        }
        let Some(key) = key(&entry.subject, &before, &after) else { return Ok(()) };
        let key = (workspace.clone(), key);
        if let Some(known) = self.states.get(&key)
            && *known != before
        {
            return Err(format!(
                "I10: entry {} of {workspace} about {} was {known} and begins with {before}",
                entry.number, key.1
            ));
        }
        if !is_of_plan_change {
            self.states.insert(key, after);
        }
        Ok(())
    }
}

/// The object of an entry; `None` where one entry speaks of two objects.
fn key(subject: &str, before: &Value, after: &Value) -> Option<String> {
    if subject == SWITCH {
        return Some(subject.to_owned());
    }
    let id = |state: &Value| state["id"].as_str().map(str::to_owned);
    match (id(before), id(after)) {
        (Some(before), Some(after)) if before != after => None,
        (before, after) => Some(format!("{subject} {}", before.or(after)?)),
    }
}
