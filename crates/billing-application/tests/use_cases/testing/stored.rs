use crate::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::TimeDelta;

use super::{Write, Written, now, ports, workspace};

/// The stored data at the start of a use case's unit of work.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) switch: BillingSwitch,
    pub(crate) apps: Vec<App>,
    pub(crate) plans: Vec<PlanOffer>,
    pub(crate) features: Vec<Feature>,
    pub(crate) answered: Option<(RequestKey, AnsweredRequest)>,
    /// The number of the call to the unit of work that fails, from zero.
    pub(crate) fails_at: Option<usize>,
}

impl Stored {
    /// The ports over the data, and a record of what they write.
    pub(crate) fn ports(self) -> (Ports, Written) {
        let written = Written::default();
        let work = Work {
            stored: self,
            written: written.clone(),
            calls: AtomicUsize::new(0),
            is_locked: AtomicBool::new(false),
        };
        (ports(vec![mock(Arc::new(work))]), written)
    }

    fn app(&self, workspace: &WorkspaceId, app: &AppId) -> Option<App> {
        self.apps.iter().find(|stored| stored.workspace_id == *workspace && stored.id == *app).cloned()
    }

    fn plan(&self, workspace: &WorkspaceId, app: &AppId, plan: PlanId) -> Option<PlanOffer> {
        self.plans_of(workspace, app).find(|offer| offer.plan.id == plan).cloned()
    }

    fn sold_plan(&self, workspace: &WorkspaceId, app: &AppId, key: &PlanKey) -> Option<Plan> {
        let sold = |plan: &&Plan| !plan.is_archived() && plan.key == *key;
        self.plans_of(workspace, app).map(|offer| &offer.plan).find(sold).cloned()
    }

    fn default_plan(&self, workspace: &WorkspaceId, app: &AppId, payer_kind: PayerKind) -> Option<Plan> {
        let default = |plan: &&Plan| plan.details.is_default && plan.payer_kind == payer_kind;
        self.plans_of(workspace, app).map(|offer| &offer.plan).find(default).cloned()
    }

    fn plans_of(&self, workspace: &WorkspaceId, app: &AppId) -> impl Iterator<Item = &PlanOffer> {
        self.plans
            .iter()
            .filter(move |offer| offer.plan.workspace_id == *workspace && offer.plan.app_id == *app)
    }

    fn feature(&self, workspace: &WorkspaceId, app: &AppId, key: &FeatureKey) -> Option<Feature> {
        let is_it = |stored: &&Feature| {
            stored.workspace_id == *workspace && stored.app_id == *app && stored.key == *key
        };
        self.features.iter().find(is_it).cloned()
    }

    fn plans_with(&self, feature: &Feature, limit: u32) -> Vec<Plan> {
        let with = self.plans.iter().filter(|offer| offer.feature(&feature.key).is_some());
        with.map(|offer| offer.plan.clone()).take(limit as usize).collect()
    }

    fn answered(&self, key: &RequestKey) -> Option<AnsweredRequest> {
        self.answered.as_ref().filter(|(stored, _)| stored == key).map(|(_, answered)| answered.clone())
    }
}

struct Work {
    stored: Stored,
    written: Written,
    calls: AtomicUsize,
    is_locked: AtomicBool,
}

impl Work {
    /// Counts a call and fails it if told to.
    fn call(&self) -> Result<(), StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        if self.stored.fails_at == Some(call) {
            return Err(StoreError::Unavailable(format!("call {call}").into()));
        }
        Ok(())
    }

    fn read<T>(&self, value: impl FnOnce(&Stored) -> T) -> Result<T, StoreError> {
        self.call()?;
        assert!(self.is_locked.load(Ordering::SeqCst), "the workspace is to be locked first");
        Ok(value(&self.stored))
    }

    fn write(&self, write: Write) -> Result<(), StoreError> {
        self.read(|_| self.written.write(write))
    }

    fn end(&self, how: Write) -> Result<(), StoreError> {
        self.call()?;
        self.written.write(how);
        Ok(())
    }
}

fn mock(work: Arc<Work>) -> MockUnitOfWork {
    let mut mock = MockUnitOfWork::default();
    expect! { mock.switches, work,
        expect_lock_workspace = |_| {
            work.call()?;
            work.is_locked.store(true, Ordering::SeqCst);
            Ok(workspace(work.stored.switch, 1))
        };
    }
    expect! { mock.apps, work,
        expect_app_to_change = |of, app| work.read(|stored| stored.app(of, app));
        expect_insert_app = |app| work.write(Write::InsertApp(app.clone()));
        expect_save_app = |app, loaded| work.write(Write::SaveApp { app: app.clone(), loaded });
    }
    expect! { mock.plans, work,
        expect_plan_to_change = |of, app, plan| work.read(|stored| stored.plan(of, app, plan));
        expect_sold_plan_with_key = |of, app, key| work.read(|stored| stored.sold_plan(of, app, key));
        expect_default_plan = |of, app, kind| work.read(|stored| stored.default_plan(of, app, kind));
        expect_plans_with_feature = |feature, limit| work.read(|stored| stored.plans_with(feature, limit));
        expect_insert_plan = |plan| work.write(Write::InsertPlan(plan.clone()));
        expect_save_plan = |plan, loaded| work.write(Write::SavePlan { plan: plan.clone(), loaded });
        expect_insert_price = |_, price| work.write(Write::InsertPrice(price.clone()));
        expect_save_price = |_, price| work.write(Write::SavePrice(price.clone()));
        expect_attach_feature = |plan, feature| work.write(Write::AttachFeature(plan.id, feature.id));
        expect_detach_feature = |plan, feature| work.write(Write::DetachFeature(plan.id, feature.id));
    }
    expect! { mock.features, work,
        expect_feature_to_change = |of, app, key| work.read(|stored| stored.feature(of, app, key));
        expect_insert_feature = |feature| work.write(Write::InsertFeature(feature.clone()));
        expect_save_feature = |feature, loaded| {
            work.write(Write::SaveFeature { feature: feature.clone(), loaded })
        };
        expect_delete_feature = |feature| work.write(Write::DeleteFeature(feature.id));
    }
    expect! { mock.answered_requests, work,
        expect_answered_request = |_, key, since| {
            assert_eq!(since, now() - TimeDelta::hours(24));
            work.read(|stored| stored.answered(key))
        };
        expect_remember_request = |_, key, answered, since, at| {
            assert_eq!((since, at), (now() - TimeDelta::hours(24), now()));
            work.read(|_| work.written.remember(key.clone(), answered.clone()))
        };
    }
    expect! { mock.work, work,
        expect_schedule = |id, due_at| {
            assert_eq!(due_at, now());
            work.write(Write::Schedule(id.clone()))
        };
    }
    expect! { mock.audit_log, work,
        expect_append_audit_entry = |entry| work.read(|_| work.written.audit(entry.clone()));
    }
    let committing = Arc::clone(&work);
    mock.ending.expect_commit().returning(move || committing.end(Write::Commit));
    mock.ending.expect_rollback().returning(move || work.end(Write::Rollback));
    mock
}
