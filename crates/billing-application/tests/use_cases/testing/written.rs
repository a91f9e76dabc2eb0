use crate::prelude::*;
use std::sync::{Arc, Mutex};

use super::{now, owner, workspace_id};

/// A write of a unit of work.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Write {
    InsertApp(App),
    SaveApp { app: App, loaded: Version },
    InsertPlan(Plan),
    SavePlan { plan: Plan, loaded: Version },
    InsertPrice(Price),
    SavePrice(Price),
    InsertFeature(Feature),
    SaveFeature { feature: Feature, loaded: Version },
    DeleteFeature(FeatureId),
    AttachFeature(PlanId, FeatureId),
    DetachFeature(PlanId, FeatureId),
    Schedule(WorkId),
    Commit,
    Rollback,
}

/// The work that brings the plan's products at Stripe up to date.
pub(crate) fn follows(plan: &Plan) -> Write {
    let (workspace_id, key) = (plan.workspace_id.clone(), format!("{}/{}", plan.app_id, plan.id));
    Write::Schedule(WorkId { workspace_id, kind: WorkKind::FollowPlan, key })
}

/// The work that archives the plan's price at Stripe.
pub(crate) fn follows_price(plan: &Plan, price: &Price) -> Write {
    let Write::Schedule(of_plan) = follows(plan) else { unreachable!("work is scheduled") };
    let key = format!("{}/{}", of_plan.key, price.id);
    Write::Schedule(WorkId { kind: WorkKind::FollowPrice, key, ..of_plan })
}

/// The writes of one unit of work, read after the use case.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Record>>);

#[derive(Default)]
struct Record {
    writes: Vec<Write>,
    audited: Vec<AuditEntry>,
    remembered: Vec<(RequestKey, AnsweredRequest)>,
}

impl Written {
    /// The writes in order, and the end of the unit of work.
    pub(crate) fn writes(&self) -> Vec<Write> {
        self.0.lock().unwrap().writes.clone()
    }

    /// The audited changes, all by the owner at the fixed time.
    pub(crate) fn audited(&self) -> Vec<AuditedChange> {
        let audited = &self.0.lock().unwrap().audited;
        for entry in audited {
            let said = (&entry.workspace_id, &entry.actor, entry.at);
            assert_eq!(said, (&workspace_id(), &owner(), now()));
        }
        audited.iter().map(|entry| entry.change.clone()).collect()
    }

    /// The stored responses.
    pub(crate) fn remembered(&self) -> Vec<(RequestKey, AnsweredRequest)> {
        self.0.lock().unwrap().remembered.clone()
    }

    /// Whether nothing was written and the unit of work was rolled back.
    pub(crate) fn is_nothing(&self) -> bool {
        self.writes() == [Write::Rollback] && self.audited().is_empty() && self.remembered().is_empty()
    }

    pub(super) fn write(&self, write: Write) {
        self.0.lock().unwrap().writes.push(write);
    }

    pub(super) fn audit(&self, entry: AuditEntry) {
        self.0.lock().unwrap().audited.push(entry);
    }

    pub(super) fn remember(&self, key: RequestKey, answered: AnsweredRequest) {
        self.0.lock().unwrap().remembered.push((key, answered));
    }
}
