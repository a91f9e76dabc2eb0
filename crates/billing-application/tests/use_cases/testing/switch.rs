use super::{at, now, workspace_id};
use chrono::TimeDelta;

use crate::prelude::*;

pub(crate) fn enabled() -> BillingSwitch {
    BillingSwitch::Enabled { since: at(10), gateway: Gateway::Managed }
}

pub(crate) fn closing() -> BillingSwitch {
    BillingSwitch::Closing { since: at(10), gateway: Gateway::Managed, closing_since: now() }
}

pub(crate) fn workspace(switch: BillingSwitch, version: u32) -> WorkspaceBilling {
    WorkspaceBilling { id: workspace_id(), switch, version: Version::from_stored(version) }
}

pub(crate) fn one_blocker() -> Blockers {
    let blocker = Blocker::WorkspaceSubscription {
        id: StripeSubscriptionId::parse("sub_1").unwrap(),
        status: SubscriptionStatus::Active,
    };
    Blockers::new(vec![blocker], 1)
}

/// A unit of work that locks the workspace in this state.
pub(crate) fn work_on(workspace: WorkspaceBilling) -> MockUnitOfWork {
    let mut work = MockUnitOfWork::default();
    work.switches
        .expect_lock_workspace()
        .once()
        .withf(|id| *id == workspace_id())
        .return_once(move |_| Ok(workspace));
    work
}

/// The work that recovers a closing of the workspace.
pub(crate) fn recovery() -> WorkId {
    WorkId::of_workspace(&workspace_id(), WorkKind::RecoverClosing)
}

/// Expectations on one unit of work.
pub(crate) trait Expecting {
    /// The blockers are read.
    fn finding(self, blockers: Blockers) -> Self;
    /// The recovery of the closing is scheduled.
    fn scheduling(self) -> Self;
    /// The recovery of the closing is cancelled.
    fn cancelling(self) -> Self;
    /// The switch is saved over `loaded` with an audit entry by `actor`, and committed.
    fn saving(self, loaded: u32, switch: BillingSwitch, actor: Actor) -> Self;
    /// The unit of work is rolled back.
    fn rolling_back(self) -> Self;
}

impl Expecting for MockUnitOfWork {
    fn finding(mut self, blockers: Blockers) -> Self {
        self.switches.expect_blockers().once().return_once(move |_| Ok(blockers));
        self
    }

    fn scheduling(mut self) -> Self {
        let expected = (recovery(), now() + TimeDelta::seconds(15));
        self.work
            .expect_schedule()
            .once()
            .withf(move |id, due_at| (id, due_at) == (&expected.0, &expected.1))
            .return_once(|_, _| Ok(()));
        self
    }

    fn cancelling(mut self) -> Self {
        let expected = recovery();
        self.work.expect_cancel().once().withf(move |id| *id == expected).return_once(|_| Ok(()));
        self
    }

    fn saving(mut self, loaded: u32, switch: BillingSwitch, actor: Actor) -> Self {
        self.switches
            .expect_save_switch()
            .once()
            .withf(move |_, version, saved| version.number() == loaded && *saved == switch)
            .return_once(|_, version, _| Ok(version.next()));
        let after = serde_json::to_string(&switch).unwrap();
        self.audit_log
            .expect_append_audit_entry()
            .once()
            .withf(move |entry| entry.actor == actor && entry.at == now() && entry.change.after == after)
            .return_once(|_| Ok(()));
        self.ending.expect_commit().once().return_once(|| Ok(()));
        self
    }

    fn rolling_back(mut self) -> Self {
        self.ending.expect_rollback().once().return_once(|| Ok(()));
        self
    }
}
