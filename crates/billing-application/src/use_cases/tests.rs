//! What holds of every change, or of every change of its kind.

use std::fmt::Debug;

use billing_domain::ports::{AnsweredRequest, StoreError};
use billing_domain::{BillingSwitch, Feature, PlanId, RequestKey, WorkspaceId};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::*;
use crate::testing::{
    Stored, Write, Written, add_price, archive_plan, archive_price, attach_feature, catalog, closing,
    create_app, create_feature, create_plan, delete_feature, detach_feature, other_app_id, pro, request_key,
    sso, update_app, update_feature, update_plan,
};
use crate::{
    Absent, AddPriceRequest, AppError, AttachFeatureRequest, CatalogError, CreateAppRequest,
    CreateFeatureRequest, CreatePlanRequest, FeatureError, PlanError,
};

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum Refusal {
    Plan(#[from] PlanError),
    Feature(#[from] FeatureError),
    App(#[from] AppError),
}

impl Refusal {
    fn of_the_catalog(&self) -> Option<&CatalogError> {
        match self {
            Self::Plan(PlanError::Catalog(error)) | Self::Feature(FeatureError::Catalog(error)) => {
                Some(error)
            }
            _ => None,
        }
    }

    fn of_the_store(&self) -> Option<&StoreError> {
        match (self, self.of_the_catalog()) {
            (_, Some(CatalogError::Store(error))) | (Self::App(AppError::Store(error)), _) => Some(error),
            _ => None,
        }
    }

    fn is_request_key_reused(&self) -> bool {
        matches!(
            self,
            Self::Plan(PlanError::RequestKeyReused(_))
                | Self::Feature(FeatureError::RequestKeyReused(_))
                | Self::App(AppError::RequestKeyReused(_))
        )
    }
}

/// A change by its name, and what it answers when it is asked for under this key, if it takes one.
type Change = (&'static str, fn(Changes, Option<RequestKey>) -> BoxFuture<'static, Answer>);
type Answer = Result<String, Refusal>;

fn answer<T: Debug, E: Into<Refusal>>(
    execution: impl Future<Output = Result<T, E>> + Send + 'static,
) -> BoxFuture<'static, Answer> {
    execution.map(|result| result.map(|value| format!("{value:?}")).map_err(Into::into)).boxed()
}

/// Those that a client may send again under its key.
const CATALOG_CHANGES_UNDER_A_KEY: [Change; 4] = [
    ("create_plan", |changes, request_key| {
        let request = CreatePlanRequest { request_key, ..create_plan() };
        answer(async move { changes.create_plan.execute(request).await })
    }),
    ("add_price", |changes, request_key| {
        let request = AddPriceRequest { request_key, ..add_price() };
        answer(async move { changes.add_price.execute(request).await })
    }),
    ("attach_feature", |changes, request_key| {
        let request = AttachFeatureRequest { request_key, ..attach_feature() };
        answer(async move { changes.attach_feature.execute(request).await })
    }),
    ("create_feature", |changes, request_key| {
        let request = CreateFeatureRequest { request_key, ..create_feature() };
        answer(async move { changes.create_feature.execute(request).await })
    }),
];

const OTHER_CATALOG_CHANGES: [Change; 6] = [
    ("update_plan", |changes, _| answer(async move { changes.update_plan.execute(update_plan()).await })),
    ("archive_plan", |changes, _| answer(async move { changes.archive_plan.execute(archive_plan()).await })),
    ("archive_price", |changes, _| {
        answer(async move { changes.archive_price.execute(archive_price()).await })
    }),
    ("detach_feature", |changes, _| {
        answer(async move { changes.detach_feature.execute(detach_feature()).await })
    }),
    ("update_feature", |changes, _| {
        answer(async move { changes.update_feature.execute(update_feature()).await })
    }),
    ("delete_feature", |changes, _| {
        answer(async move { changes.delete_feature.execute(delete_feature()).await })
    }),
];

const CREATE_APP: Change = ("create_app", |changes, request_key| {
    let request = CreateAppRequest { request_key, ..create_app() };
    answer(async move { changes.create_app.execute(request).await })
});

const UPDATE_APP: Change =
    ("update_app", |changes, _| answer(async move { changes.update_app.execute(update_app()).await }));

fn catalog_changes() -> Vec<Change> {
    [&CATALOG_CHANGES_UNDER_A_KEY[..], &OTHER_CATALOG_CHANGES].concat()
}

fn changes_under_a_key() -> Vec<Change> {
    [&CATALOG_CHANGES_UNDER_A_KEY[..], &[CREATE_APP]].concat()
}

fn every_change() -> Vec<Change> {
    [&catalog_changes()[..], &[CREATE_APP, UPDATE_APP]].concat()
}

async fn run(change: Change, stored: Stored, key: Option<RequestKey>) -> (Answer, Written) {
    let (ports, written) = stored.ports();
    let changes = Changes::new(&ports, GatewayAvailability::default());
    (change.1(changes, key).await, written)
}

/// A request was answered, and the catalog is such now that it would be refused if it were new.
fn answered_before(answered: AnsweredRequest) -> Stored {
    let mut with_the_key = pro();
    with_the_key.plan.id = PlanId::from_uuid(2_000);
    with_the_key.plan.key = create_plan().key;
    Stored {
        plans: vec![with_the_key],
        features: vec![Feature { key: create_feature().key, ..sso() }],
        answered: Some((request_key(), answered)),
        ..catalog()
    }
}

#[tokio::test]
async fn the_catalog_is_not_changed_while_billing_is_off() {
    for change in catalog_changes() {
        let off = Stored { switch: BillingSwitch::Disabled, ..catalog() };
        let (answer, written) = run(change, off, Some(request_key())).await;
        let refusal = answer.unwrap_err();
        let not_enabled = matches!(refusal.of_the_catalog(), Some(CatalogError::NotEnabled));
        assert!(not_enabled && written.is_nothing(), "{}: {refusal:?}", change.0);
    }
}

#[tokio::test]
async fn the_catalog_can_be_changed_until_billing_is_off() {
    for change in catalog_changes() {
        let (answer, written) = run(change, Stored { switch: closing(), ..catalog() }, None).await;
        assert!(answer.is_ok() && written.writes().ends_with(&[Write::Commit]), "{}: {answer:?}", change.0);
    }
}

#[tokio::test]
async fn apps_can_be_changed_while_billing_is_off() {
    for change in [CREATE_APP, UPDATE_APP] {
        let off = Stored { switch: BillingSwitch::Disabled, ..catalog() };
        let (answer, written) = run(change, off, None).await;
        assert!(answer.is_ok() && written.writes().ends_with(&[Write::Commit]), "{}: {answer:?}", change.0);
    }
}

#[tokio::test]
async fn the_catalog_of_somebody_elses_app_is_not_there() {
    for change in catalog_changes() {
        let mut stored = catalog();
        stored.apps[0].workspace_id = WorkspaceId::parse("ws_other").unwrap();
        let (answer, written) = run(change, stored, Some(request_key())).await;
        let refusal = answer.unwrap_err();
        let absent = matches!(refusal.of_the_catalog(), Some(CatalogError::NotFound(Absent::App)));
        assert!(absent && written.is_nothing(), "{}: {refusal:?}", change.0);
    }
}

#[tokio::test]
async fn a_plan_of_another_app_is_not_there() {
    for change in catalog_changes() {
        if ["create_plan", "create_feature", "update_feature", "delete_feature"].contains(&change.0) {
            continue;
        }
        let mut stored = catalog();
        stored.plans[0].plan.app_id = other_app_id();
        let (answer, written) = run(change, stored, Some(request_key())).await;
        let refusal = answer.unwrap_err();
        let absent = matches!(refusal.of_the_catalog(), Some(CatalogError::NotFound(Absent::Plan)));
        assert!(absent && written.is_nothing(), "{}: {refusal:?}", change.0);
    }
}

#[tokio::test]
async fn whatever_the_store_fails_at_is_told_and_nothing_is_committed() {
    for change in every_change() {
        let mut call = 0;
        loop {
            let failing = Stored { fails_at: Some(call), ..catalog() };
            let (answer, written) = run(change, failing, Some(request_key())).await;
            let Err(refusal) = answer else { break };
            let Some(StoreError::Unavailable(cause)) = refusal.of_the_store() else {
                panic!("{}: call {call} became {refusal:?}", change.0)
            };
            assert_eq!(cause.to_string(), format!("call {call}"), "{}", change.0);
            assert!(!written.writes().contains(&Write::Commit), "{}: call {call}", change.0);
            call += 1;
        }
        assert!(call >= 5, "{}: the lock, a read, a write, its audit entry and the commit", change.0);
    }
}

#[tokio::test]
async fn a_repeat_under_the_same_key_gets_the_first_answer_and_writes_nothing() {
    for change in changes_under_a_key() {
        let (first, written) = run(change, catalog(), Some(request_key())).await;
        let [(key, answered)] = written.remembered().try_into().unwrap();
        assert_eq!(key, request_key());
        assert_eq!(written.writes().last(), Some(&Write::Commit), "remembered with the change itself");

        let (repeat, written) = run(change, answered_before(answered), Some(request_key())).await;

        assert_eq!(repeat.unwrap(), first.unwrap(), "{}", change.0);
        assert!(written.is_nothing(), "{}", change.0);
    }
}

#[tokio::test]
async fn a_key_that_was_used_for_another_kind_of_change_is_refused() {
    let changes = changes_under_a_key();
    for (change, other) in changes.iter().zip(changes.iter().cycle().skip(1)) {
        let (_, written) = run(*other, catalog(), Some(request_key())).await;
        let [(_, answered)] = written.remembered().try_into().unwrap();

        let (answer, written) = run(*change, answered_before(answered), Some(request_key())).await;

        let refusal = answer.unwrap_err();
        let reused = refusal.is_request_key_reused() && written.is_nothing();
        assert!(reused, "{} after {}: {refusal:?}", change.0, other.0);
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_remembered() {
    for change in every_change() {
        let (answer, written) = run(change, catalog(), None).await;
        assert!(answer.is_ok() && written.remembered().is_empty(), "{}: {answer:?}", change.0);
    }
}
