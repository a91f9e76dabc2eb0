//! Builders for the unit tests of the use cases.

mod catalog;
mod requests;
mod stored;
mod switch;
mod written;

use std::sync::Arc;

use billing_domain::ports::{FixedClock, MockBillingStore, MockUnitOfWork, SequentialIds, UnitOfWork};
use billing_domain::{Actor, Administrator, DashboardUserId, RequestKey, Timestamp, WorkspaceId};
use mockall::Sequence;

use crate::Ports;

pub(crate) use catalog::{
    app_id, catalog, export, export_in, monthly, monthly_price, origin, other_app_id, plan_feature, pro,
    shop, sso, terms,
};
pub(crate) use requests::{
    add_price, archive_plan, archive_price, attach_feature, create_app, create_feature, create_plan,
    delete_feature, detach_feature, update_app, update_feature, update_plan,
};
pub(crate) use stored::Stored;
pub(crate) use switch::{Expecting, closing, enabled, one_blocker, work_on, workspace};
pub(crate) use written::{Write, Written};

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

pub(crate) fn administrator() -> Administrator {
    Administrator { workspace_id: workspace_id(), actor: owner() }
}

pub(crate) fn request_key() -> RequestKey {
    RequestKey::parse("key-1").unwrap()
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
