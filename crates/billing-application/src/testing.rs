//! Builders for the unit tests of the use cases.

use std::sync::Arc;

use billing_domain::ports::{FixedClock, MockBillingStore, MockUnitOfWork, SequentialIds, UnitOfWork};
use billing_domain::{
    Actor, AuditedChange, BillingSwitch, Blocker, Blockers, DashboardUserId, PaymentGateway,
    StripeSubscriptionId, SubscriptionStatus, Timestamp, Version, WorkspaceBilling, WorkspaceId,
};
use mockall::Sequence;

use crate::Ports;

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp(second, 0).unwrap()
}

/// The moment at which every use case under test runs.
pub(crate) fn now() -> Timestamp {
    at(100)
}

pub(crate) fn workspace_id() -> WorkspaceId {
    WorkspaceId::parse("ws_test").unwrap()
}

pub(crate) fn owner() -> Actor {
    Actor::DashboardUser(DashboardUserId::parse("owner").unwrap())
}

pub(crate) fn enabled() -> BillingSwitch {
    BillingSwitch::Enabled { since: at(10), gateway: PaymentGateway::Managed }
}

pub(crate) fn closing() -> BillingSwitch {
    BillingSwitch::Closing { since: at(10), gateway: PaymentGateway::Managed, closing_since: now() }
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

/// Ports over a store on which these units of work begin, one after the other and no more.
pub(crate) fn ports(units: Vec<MockUnitOfWork>) -> Ports {
    ports_over(MockBillingStore::new(), units)
}

/// The same over a store that answers reads as well.
pub(crate) fn ports_over(mut store: MockBillingStore, units: Vec<MockUnitOfWork>) -> Ports {
    let mut sequence = Sequence::new();
    for work in units {
        let work: Box<dyn UnitOfWork> = Box::new(work);
        store.expect_begin().once().in_sequence(&mut sequence).return_once(move || Ok(work));
    }
    Ports {
        store: Arc::new(store),
        clock: Arc::new(FixedClock(now())),
        ids: Arc::new(SequentialIds::default()),
    }
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
