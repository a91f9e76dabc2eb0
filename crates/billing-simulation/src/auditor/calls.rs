//! A call makes at most one object, and its recorded outcome is what happened (invariant I6).

use std::collections::BTreeMap;

use super::{Auditor, Verdict, tables};

/// The metadata that names the call.
const CALL: &str = "kl_call_id";

impl Auditor<'_> {
    pub(super) fn one_object_a_call(&self) -> Verdict {
        let mut made = BTreeMap::new();
        for object in &self.ledger {
            let Some(call) = object.metadata.get(CALL) else { continue };
            if let Some(other) = made.insert((object.kind, call), &object.id) {
                return Err(format!("I6: call {call} made {other} and {}", object.id));
            }
        }
        Ok(())
    }

    /// Nothing is there of a refused call, and the object of a done one is there.
    pub(super) fn outcomes_are_true(&mut self) -> Verdict {
        let made: BTreeMap<_, _> = self
            .ledger
            .iter()
            .filter(|object| object.kind != "subscription")
            .filter_map(|object| Some((object.metadata.get(CALL)?.as_str(), object.id.as_str())))
            .collect();
        for call in tables::calls(&mut self.database) {
            if !call.subject.starts_with("create_") && !call.subject.starts_with("refund_") {
                continue;
            }
            let made = made.get(call.call_id.as_str()).copied();
            let is_true = match call.outcome.as_str() {
                "refused" => made.is_none(),
                _ => made == call.object_id.as_deref(),
            };
            if !is_true {
                return Err(format!(
                    "I6: {} of {} is {} with {:?}, and made {made:?}",
                    call.call_id, call.subject, call.outcome, call.object_id
                ));
            }
        }
        Ok(())
    }
}
