use billing_domain::ports::MockUnitOfWork;
use billing_domain::{
    Actor, AuditedChange, BillingSwitch, Blocker, Blockers, Gateway, StripeSubscriptionId,
    SubscriptionStatus, Version, WorkspaceBilling,
};

use super::{at, now, workspace_id};

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
    let mut work = MockUnitOfWork::new();
    work.expect_lock_workspace().once().withf(|id| *id == workspace_id()).return_once(move |_| Ok(workspace));
    work
}

/// Expectations that read as the story of one unit of work.
pub(crate) trait Expecting {
    /// The blockers are asked for and are these.
    fn finding(self, blockers: Blockers) -> Self;
    /// This switch is saved over `loaded` with an audit entry by `actor`, and all is committed.
    fn saving(self, loaded: u32, switch: BillingSwitch, actor: Actor) -> Self;
    /// Everything is undone.
    fn rolling_back(self) -> Self;
}

impl Expecting for MockUnitOfWork {
    fn finding(mut self, blockers: Blockers) -> Self {
        self.expect_blockers().once().return_once(move |_| Ok(blockers));
        self
    }

    fn saving(mut self, loaded: u32, switch: BillingSwitch, actor: Actor) -> Self {
        self.expect_save_switch()
            .once()
            .withf(move |_, version, saved| version.number() == loaded && *saved == switch)
            .return_once(|_, version, _| Ok(version.next()));
        self.expect_append_audit_entry()
            .once()
            .withf(move |entry| {
                let AuditedChange::BillingSwitch(change) = &entry.change else { return false };
                entry.actor == actor && entry.at == now() && change.after == switch
            })
            .return_once(|_| Ok(()));
        self.expect_commit().once().return_once(|| Ok(()));
        self
    }

    fn rolling_back(mut self) -> Self {
        self.expect_rollback().once().return_once(|| Ok(()));
        self
    }
}
