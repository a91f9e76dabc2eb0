use crate::prelude::*;
use crate::testing::{app_id, ports_over, shop, whole, workspace_id};

fn read_apps(store: MockBillingStore) -> Reads {
    Reads::new(ports_over(store, Vec::new()))
}

fn app(id: &str) -> App {
    App { id: AppId::parse(id).unwrap(), ..shop() }
}

#[tokio::test]
async fn apps_are_read_with_their_filter_and_counted_with_it() {
    let filter = AppFilter { search: SearchText::new("shop") };
    let (asked, counted) = (filter.clone(), filter.clone());
    let at = |id| AppPosition { created_at: shop().created_at, id: app(id).id };
    let mut store = MockBillingStore::default();
    store
        .apps
        .expect_apps()
        .once()
        .withf(move |workspace, filter, edge, limit| {
            (workspace, filter) == (&workspace_id(), &asked)
                && (edge, *limit) == (&Edge::NewerThan(at("app_a")), 3)
        })
        .return_once(|_, _, _, _| Ok(whole(vec![app("app_d"), app("app_c"), app("app_b")])));
    store
        .apps
        .expect_count_apps()
        .once()
        .withf(move |_, filter, than| (filter, than) == (&counted, &Some(at("app_c"))))
        .return_once(|_, _, _| Ok(Counted::bounded(1, 4)));

    let cursor = format!("{}.app_a", shop().created_at.timestamp_micros());
    let page = PageRequest {
        limit: PageLimit::new(2).unwrap(),
        cursor: Some(cursor.clone()),
        direction: Direction::Newer,
        is_counted: true,
    };
    let page = read_apps(store).apps(&workspace_id(), &filter, &page).await.unwrap();

    assert_eq!(page.items, [app("app_c"), app("app_b")]);
    assert_eq!(page.next_cursor, Some(cursor.replace("app_a", "app_b")));
    assert_eq!(page.previous_cursor, Some(cursor.replace("app_a", "app_c")));
    assert_eq!(page.count, Some(PageCount { first: 2, total: 4, is_exact: true }));
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let page = PageRequest { cursor: Some("plan_1".to_owned()), ..PageRequest::default() };
    let refusal = read_apps(MockBillingStore::default());
    let refusal = refusal.apps(&workspace_id(), &AppFilter::default(), &page).await.unwrap_err();
    assert!(matches!(refusal, Refused::Rule(InvalidCursor)));
}

#[tokio::test]
async fn one_app_is_read_and_an_unknown_one_is_absent() {
    let mut store = MockBillingStore::default();
    store.apps.expect_app().returning(|workspace, app| {
        Ok(Some(shop()).filter(|shop| (workspace, app) == (&shop.workspace_id, &shop.id)))
    });
    let read = read_apps(store);

    assert_eq!(read.app(&workspace_id(), &app_id()).await.unwrap(), shop());
    let absent = read.app(&workspace_id(), &AppId::parse("app_other").unwrap()).await;
    assert!(matches!(absent, Err(Refused::Absent(Absent::App))));
    let of_others = read.app(&WorkspaceId::parse("ws_other").unwrap(), &app_id()).await;
    assert!(matches!(of_others, Err(Refused::Absent(Absent::App))));
}

#[tokio::test]
async fn a_store_failure_is_not_an_absence() {
    let mut store = MockBillingStore::default();
    store.apps.expect_app().return_once(|_, _| Err(StoreError::Unavailable("down".into())));
    let error = read_apps(store).app(&workspace_id(), &app_id()).await.unwrap_err();
    assert!(matches!(error, Refused::Store(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn apps_with_ids_are_read_at_once() {
    let mut store = MockBillingStore::default();
    store
        .apps
        .expect_apps_with_ids()
        .once()
        .withf(|workspace, ids| (workspace, ids) == (&workspace_id(), &[app_id(), app("app_other").id]))
        .returning(|_, _| Ok(vec![shop()]));
    let read = read_apps(store);
    let ids = [app_id(), app("app_other").id];
    assert_eq!(read.apps_with_ids(&workspace_id(), &ids).await.unwrap(), [shop()]);
    assert_eq!(read.apps_with_ids(&workspace_id(), &[]).await.unwrap(), []);
}
