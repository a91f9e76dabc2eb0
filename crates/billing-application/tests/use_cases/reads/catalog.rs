use std::convert::Infallible;

use crate::prelude::*;
use crate::testing::{app_id, closing, enabled, export, ports_over, pro, shop, whole, workspace_id};

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
    Reads::new(ports_over(store, Vec::new()))
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
    PageRequest { limit: PageLimit::new(2).unwrap(), cursor, ..PageRequest::default() }
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
        read.plans(&workspace, app, &PlanFilter::default(), &page).await.unwrap_err(),
        of_one(read.plan(&workspace, app, pro().plan.id).await.unwrap_err()),
        read.features(&workspace, app, &FeatureFilter::default(), &page).await.unwrap_err(),
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
    store.plans.expect_plans().returning(|_, _, _, _, _| Ok(whole(Vec::new())));
    store.plans.expect_plan().returning(|_, _, _| Ok(None));
    store.features.expect_features().returning(|_, _, _, _, _| Ok(whole(Vec::new())));
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
async fn plans_are_read_with_their_filter_and_counted_with_it() {
    let filter = PlanFilter {
        archived: true,
        search: SearchText::new("pro"),
        payer_kind: Some(PayerKind::Organization),
    };
    let is_asked = {
        let filter = filter.clone();
        move |workspace: &WorkspaceId, app: &AppId, asked: &PlanFilter| {
            (workspace, app, asked) == (&workspace_id(), &app_id(), &filter)
        }
    };
    let is_counted = is_asked.clone();
    let mut store = store(closing());
    store
        .plans
        .expect_plans()
        .once()
        .withf(move |workspace, app, filter, edge, limit| {
            is_asked(workspace, app, filter) && (*edge, *limit) == (Edge::OlderThan(PlanId::from_uuid(9)), 3)
        })
        .return_once(|_, _, _, _, _| Ok(whole(vec![plan(8)])));
    store
        .plans
        .expect_count_plans()
        .once()
        .withf(move |workspace, app, filter, than| {
            is_counted(workspace, app, filter) && *than == Some(PlanId::from_uuid(8))
        })
        .return_once(|_, _, _, _| Ok(Counted::bounded(4, 5)));

    let page = PageRequest { is_counted: true, ..two_from(Some(PlanId::from_uuid(9).to_string())) };
    let listed = read_catalog(store).plans(&workspace_id(), &app_id(), &filter, &page).await.unwrap();

    let Listed { switch, page } = listed;
    assert_eq!(switch, closing());
    assert_eq!(page.items, [plan(8)]);
    assert_eq!(page.count, Some(PageCount { first: 5, total: 5, is_exact: true }));
}

#[tokio::test]
async fn features_are_read_with_their_filter_and_counted_with_it() {
    let filter = FeatureFilter { search: SearchText::new("export") };
    let (asked, counted) = (filter.clone(), filter.clone());
    let mut store = store(enabled());
    store
        .features
        .expect_features()
        .once()
        .withf(move |workspace, app, filter, edge, limit| {
            (workspace, app, filter) == (&workspace_id(), &app_id(), &asked)
                && (*edge, *limit) == (Edge::Newest, 3)
        })
        .return_once(|_, _, _, _, _| Ok(whole(vec![feature(9), feature(8), feature(7)])));
    store
        .features
        .expect_count_features()
        .once()
        .withf(move |_, _, filter, than| (filter, than) == (&counted, &None))
        .return_once(|_, _, _, _| Ok(Counted::bounded(0, 3)));

    let page = PageRequest { is_counted: true, ..two_from(None) };
    let listed = read_catalog(store).features(&workspace_id(), &app_id(), &filter, &page).await.unwrap();

    let Listed { switch, page } = listed;
    assert_eq!(switch, enabled());
    assert_eq!(page.items, [feature(9), feature(8)]);
    assert_eq!(page.next_cursor, Some(feature(8).id.to_string()));
    assert_eq!(page.count, Some(PageCount { first: 1, total: 3, is_exact: true }));
}

#[tokio::test]
async fn a_search_of_one_page_is_not_counted_by_the_store() {
    let filter = PlanFilter { search: SearchText::new("pro"), ..PlanFilter::default() };
    let mut store = store(enabled());
    store
        .plans
        .expect_plans()
        .returning(|_, _, _, _, _| Ok(Part { items: vec![plan(8)], is_cut: true, counted: None }));

    let page = PageRequest { is_counted: true, ..two_from(None) };
    let listed = read_catalog(store).plans(&workspace_id(), &app_id(), &filter, &page).await.unwrap();

    assert_eq!(listed.page.count, Some(PageCount { first: 1, total: 1, is_exact: false }));
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let read = read_catalog(store(enabled()));
    let (of_a_plan, of_a_feature) = (pro().plan.id.to_string(), export().id.to_string());
    for direction in [Direction::Older, Direction::Newer] {
        let from = |cursor: &str| PageRequest { direction, ..two_from(Some(cursor.to_owned())) };
        let (workspace, app) = (workspace_id(), app_id());

        let plans = read.plans(&workspace, &app, &PlanFilter::default(), &from(&of_a_feature)).await;
        let features = read.features(&workspace, &app, &FeatureFilter::default(), &from(&of_a_plan)).await;

        assert!(matches!(plans, Err(Refused::Rule(InvalidCursor))));
        assert!(matches!(features, Err(Refused::Rule(InvalidCursor))));
    }
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
