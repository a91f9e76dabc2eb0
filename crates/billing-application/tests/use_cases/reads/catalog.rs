use std::convert::Infallible;
use std::sync::Arc;

use crate::prelude::*;
use crate::testing::{app_id, closing, enabled, export, pro, shop, workspace_id};

/// A store with this switch and the shop's catalog.
fn store(switch: BillingSwitch) -> MockBillingStore {
    let mut store = MockBillingStore::default();
    store
        .switches
        .expect_billing_switch()
        .withf(|workspace| *workspace == workspace_id())
        .returning(move |_| Ok(switch));
    store.apps.expect_app().returning(|workspace, app| {
        Ok(Some(shop()).filter(|shop| (workspace, app) == (&shop.workspace_id, &shop.id)))
    });
    store
}

fn read_catalog(store: MockBillingStore) -> Reads {
    Reads::new(Arc::new(store), GatewayAvailability::default())
}

fn plan(number: u128) -> PlanOffer {
    let mut offer = pro();
    offer.plan.id = PlanId::from_uuid(number);
    offer
}

fn feature(number: u128) -> Feature {
    Feature { id: FeatureId::from_uuid(number), ..export() }
}

fn two_from(cursor: Option<String>) -> PageRequest {
    PageRequest { limit: PageLimit::new(2).unwrap(), cursor }
}

/// The refusal of each of the four reads.
async fn refusals(read: &Reads, app: &AppId) -> [Refused<InvalidCursor>; 4] {
    fn of_one(refused: Refused<Infallible>) -> Refused<InvalidCursor> {
        match refused {
            Refused::Absent(absent) => absent.into(),
            Refused::NotEnabled => Refused::NotEnabled,
            refused => StoreError::from(refused).into(),
        }
    }
    let (workspace, page) = (workspace_id(), PageRequest::default());
    [
        read.plans(&workspace, app, false, &page).await.unwrap_err(),
        of_one(read.plan(&workspace, app, pro().plan.id).await.unwrap_err()),
        read.features(&workspace, app, &page).await.unwrap_err(),
        of_one(read.feature(&workspace, app, &export().key).await.unwrap_err()),
    ]
}

#[tokio::test]
async fn the_catalog_is_not_read_while_billing_is_off() {
    for refusal in refusals(&read_catalog(store(BillingSwitch::Disabled)), &app_id()).await {
        assert!(matches!(refusal, Refused::NotEnabled), "{refusal:?}");
    }
}

#[tokio::test]
async fn the_catalog_of_an_unknown_app_is_absent() {
    let other = AppId::parse("app_other").unwrap();
    let mut store = store(enabled());
    store.plans.expect_plans().returning(|_, _, _, _, _| Ok(Vec::new()));
    store.plans.expect_plan().returning(|_, _, _| Ok(None));
    store.features.expect_features().returning(|_, _, _, _| Ok(Vec::new()));
    store.features.expect_feature().returning(|_, _, _| Ok(None));
    for refusal in refusals(&read_catalog(store), &other).await {
        assert!(matches!(refusal, Refused::Absent(Absent::App)), "{refusal:?}");
    }
}

#[tokio::test]
async fn a_store_failure_is_not_a_refusal() {
    let mut store = MockBillingStore::default();
    store.switches.expect_billing_switch().returning(|_| Err(StoreError::Unavailable("down".into())));
    for error in refusals(&read_catalog(store), &app_id()).await {
        assert!(matches!(error, Refused::Store(StoreError::Unavailable(_))), "{error:?}");
    }
}

#[tokio::test]
async fn consecutive_pages_of_plans_are_adjacent() {
    for archived in [false, true] {
        let mut store = store(closing());
        store
            .plans
            .expect_plans()
            .once()
            .withf(move |workspace, app, asked, before, limit| {
                (workspace, app, *asked) == (&workspace_id(), &app_id(), archived)
                    && (*before, *limit) == (None, 3)
            })
            .return_once(|_, _, _, _, _| Ok(vec![plan(9), plan(8), plan(7)]));
        store
            .plans
            .expect_plans()
            .once()
            .withf(|_, _, _, before, limit| (*before, *limit) == (Some(PlanId::from_uuid(8)), 3))
            .return_once(|_, _, _, _, _| Ok(vec![plan(7)]));
        let read = read_catalog(store);

        let first = read.plans(&workspace_id(), &app_id(), archived, &two_from(None)).await.unwrap();
        let rest = two_from(first.next_cursor);
        let second = read.plans(&workspace_id(), &app_id(), archived, &rest).await.unwrap();

        assert_eq!(first.items, [plan(9), plan(8)]);
        assert_eq!(second, Page { items: vec![plan(7)], next_cursor: None });
    }
}

#[tokio::test]
async fn consecutive_pages_of_features_are_adjacent() {
    let mut store = store(enabled());
    store
        .features
        .expect_features()
        .once()
        .withf(|workspace, app, before, limit| {
            (workspace, app, *before, *limit) == (&workspace_id(), &app_id(), None, 3)
        })
        .return_once(|_, _, _, _| Ok(vec![feature(9), feature(8), feature(7)]));
    store
        .features
        .expect_features()
        .once()
        .withf(|_, _, before, limit| (*before, *limit) == (Some(FeatureId::from_uuid(8)), 3))
        .return_once(|_, _, _, _| Ok(vec![feature(7)]));
    let read = read_catalog(store);

    let first = read.features(&workspace_id(), &app_id(), &two_from(None)).await.unwrap();
    let second = read.features(&workspace_id(), &app_id(), &two_from(first.next_cursor)).await.unwrap();

    assert_eq!(first.items, [feature(9), feature(8)]);
    assert_eq!(second, Page { items: vec![feature(7)], next_cursor: None });
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let read = read_catalog(store(enabled()));
    let (of_a_plan, of_a_feature) = (pro().plan.id.to_string(), export().id.to_string());

    let plans = read.plans(&workspace_id(), &app_id(), false, &two_from(Some(of_a_feature))).await;
    let features = read.features(&workspace_id(), &app_id(), &two_from(Some(of_a_plan))).await;

    assert!(matches!(plans, Err(Refused::Rule(InvalidCursor))));
    assert!(matches!(features, Err(Refused::Rule(InvalidCursor))));
}

#[tokio::test]
async fn one_plan_is_read_and_an_unknown_one_is_absent() {
    let mut store = store(enabled());
    store.plans.expect_plan().returning(|_, _, plan| Ok(Some(pro()).filter(|offer| offer.plan.id == plan)));
    let read = read_catalog(store);

    assert_eq!(read.plan(&workspace_id(), &app_id(), pro().plan.id).await.unwrap(), pro());
    let absent = read.plan(&workspace_id(), &app_id(), PlanId::from_uuid(9)).await;
    assert!(matches!(absent, Err(Refused::Absent(Absent::Plan))));
}

#[tokio::test]
async fn one_feature_is_read_and_an_unknown_one_is_absent() {
    let mut store = store(enabled());
    store
        .features
        .expect_feature()
        .returning(|_, _, key| Ok(Some(export()).filter(|export| export.key == *key)));
    let read = read_catalog(store);

    assert_eq!(read.feature(&workspace_id(), &app_id(), &export().key).await.unwrap(), export());
    let absent = read.feature(&workspace_id(), &app_id(), &FeatureKey::parse("api").unwrap()).await;
    assert!(matches!(absent, Err(Refused::Absent(Absent::Feature))));
}
