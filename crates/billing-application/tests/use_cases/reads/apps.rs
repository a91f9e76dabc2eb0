use std::sync::Arc;

use crate::prelude::*;
use crate::testing::{app_id, shop, workspace_id};

fn read_apps(store: MockBillingStore) -> Reads {
    Reads::new(Arc::new(store), GatewayAvailability::default())
}

fn app(id: &str) -> App {
    App { id: AppId::parse(id).unwrap(), ..shop() }
}

#[tokio::test]
async fn consecutive_pages_of_apps_are_adjacent() {
    let mut store = MockBillingStore::default();
    store
        .apps
        .expect_apps()
        .once()
        .withf(|workspace, after, limit| *workspace == workspace_id() && after.is_none() && *limit == 3)
        .return_once(|_, _, _| Ok(vec![app("app_c"), app("app_b"), app("app_a")]));
    let b = (shop().created_at, app("app_b").id);
    store
        .apps
        .expect_apps()
        .once()
        .withf(move |_, after, limit| *after == Some(b.clone()) && *limit == 3)
        .return_once(|_, _, _| Ok(vec![app("app_a")]));
    let read = read_apps(store);
    let limit = PageLimit::new(2).unwrap();

    let first = read.apps(&workspace_id(), &PageRequest { limit, cursor: None }).await.unwrap();
    let rest = PageRequest { limit, cursor: first.next_cursor };
    let second = read.apps(&workspace_id(), &rest).await.unwrap();

    assert_eq!(first.items, [app("app_c"), app("app_b")]);
    assert_eq!(second, Page { items: vec![app("app_a")], next_cursor: None });
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let page = PageRequest { cursor: Some("plan_1".to_owned()), ..PageRequest::default() };
    let refusal = read_apps(MockBillingStore::default()).apps(&workspace_id(), &page).await.unwrap_err();
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
