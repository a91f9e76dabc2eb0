//! A bound on the use cases that one workspace has in flight, so that its queue takes neither memory nor time from the
//! others (contract, I11).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use billing_domain::WorkspaceId;

/// The number of use cases a workspace may have in flight in one process.
const IN_FLIGHT: usize = 128;
/// The number of those that only ask the payment gateway. All workspaces on one account share its rate.
const ASKING_GATEWAY: usize = 4;

/// The use cases in flight by workspace.
#[derive(Clone)]
pub(crate) struct Admission {
    most: usize,
    in_flight: Arc<Mutex<HashMap<WorkspaceId, usize>>>,
}

/// One admitted use case, until dropped.
pub(crate) struct Admitted {
    admission: Admission,
    workspace: WorkspaceId,
}

impl Admission {
    /// Of use cases of any kind.
    pub(crate) fn of_all() -> Self {
        Self { most: IN_FLIGHT, in_flight: Arc::default() }
    }

    /// Of use cases that only ask the payment gateway.
    pub(crate) fn of_questions() -> Self {
        Self { most: ASKING_GATEWAY, in_flight: Arc::default() }
    }

    /// Admits a use case; `None` when the workspace has too many in flight.
    pub(crate) fn admit(&self, workspace: &WorkspaceId) -> Option<Admitted> {
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = in_flight.get_mut(workspace) {
            if *count >= self.most {
                return None;
            }
            *count += 1;
        } else {
            in_flight.insert(workspace.clone(), 1);
        }
        Some(Admitted { admission: self.clone(), workspace: workspace.clone() })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut in_flight = self.admission.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = in_flight.get_mut(&self.workspace) {
            *count -= 1;
            if *count == 0 {
                in_flight.remove(&self.workspace);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_has_a_bound_of_its_own() {
        let admission = Admission::of_all();
        let [busy, other] = ["ws_busy", "ws_other"].map(|id| WorkspaceId::parse(id).unwrap());
        let mut admitted: Vec<_> = (0..IN_FLIGHT).map(|_| admission.admit(&busy).unwrap()).collect();
        assert!(admission.admit(&busy).is_none());
        assert!(admission.admit(&other).is_some());
        drop(admitted.pop());
        admitted.push(admission.admit(&busy).unwrap());
        assert!(admission.admit(&busy).is_none());
        drop(admitted);
        assert!(admission.in_flight.lock().unwrap().is_empty());
    }
}
