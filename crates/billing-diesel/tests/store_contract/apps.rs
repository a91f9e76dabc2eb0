use billing_domain::ports::{AppFilter, AppPosition, Edge};
use billing_domain::{App, AppDetails, DisplayName, RedirectOrigin, Version};
use billing_testing::builders::{app, app_id, test_app, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{
    add_app, apps_of, assert_conflict, assert_corrupt, locked, locked_in, migrated, other_workspace,
    transact, transact_in, with_app,
};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("an_app_reads_back_exactly", an_app_reads_back_exactly)
        .on_every_database(
            "apps_are_listed_newest_first_each_on_one_page",
            apps_are_listed_newest_first_each_on_one_page,
        )
        .on_every_database(
            "the_id_of_an_app_or_environment_is_taken_once",
            the_id_of_an_app_or_environment_is_taken_once,
        )
        .on_every_database("saving_an_app_changes_its_details_only", saving_an_app_changes_its_details_only)
        .on_every_database("a_stale_app_is_not_saved", a_stale_app_is_not_saved)
        .on_every_database("apps_are_read_by_their_ids", apps_are_read_by_their_ids)
        .on_every_database("names_of_apps_are_those_of_the_newest", names_of_apps_are_those_of_the_newest)
        .on_every_database("an_app_is_of_its_workspace_only", an_app_is_of_its_workspace_only)
        .on_every_database("an_app_goes_with_its_transaction", an_app_goes_with_its_transaction)
        .on_every_database("a_corrupt_app_is_named", a_corrupt_app_is_named)
}

fn details() -> AppDetails {
    let origins = ["https://shop.example", "http://localhost:3000"];
    AppDetails {
        name: DisplayName::parse("Équipe 東京 🚀 \"it's\"").unwrap(),
        allowed_redirect_origins: origins.map(|origin| RedirectOrigin::parse(origin).unwrap()).to_vec(),
    }
}

async fn an_app_reads_back_exactly(database: TestDatabase) {
    let store = migrated(&database).await;
    let full = App { details: details(), version: Version::from_stored(7), ..app(2) };
    let bare = App { environments: Vec::new(), ..app(1) };
    for app in [&full, &bare] {
        add_app(&store, app).await;
        assert_eq!(store.apps().app(&app.workspace_id, &app.id).await.unwrap().as_ref(), Some(app));
        let mut work = locked(&store).await;
        assert_eq!(work.apps().app_to_change(&app.workspace_id, &app.id).await.unwrap().as_ref(), Some(app));
    }

    assert_eq!(apps_of(&store, &workspace_id()).await, [full, bare]);
    assert_eq!(store.apps().app(&workspace_id(), &app_id()).await.unwrap(), None);
}

async fn apps_are_read_by_their_ids(database: TestDatabase) {
    let store = migrated(&database).await;
    for number in 1..=3 {
        add_app(&store, &app(number)).await;
    }
    let ids = [app(3).id, app(1).id, app_id()];
    let mut found = store.apps().apps_with_ids(&workspace_id(), &ids).await.unwrap();
    found.sort_by_key(|app| app.id.to_string());
    assert_eq!(found, [app(1), app(3)]);
    assert_eq!(store.apps().apps_with_ids(&other_workspace(), &ids).await.unwrap(), []);
    assert_eq!(store.apps().apps_with_ids(&workspace_id(), &[]).await.unwrap(), []);
}

async fn names_of_apps_are_those_of_the_newest(database: TestDatabase) {
    let store = migrated(&database).await;
    for number in 1..=3 {
        add_app(&store, &app(number)).await;
    }
    let named = |number| (app(number).id, app(number).details.name);
    assert_eq!(store.apps().app_names(&workspace_id(), 2).await.unwrap(), [named(3), named(2)]);
    assert_eq!(store.apps().app_names(&other_workspace(), 2).await.unwrap(), []);
}

/// Moments with and without decimals, of which some are the same.
async fn apps_are_listed_newest_first_each_on_one_page(database: TestDatabase) {
    let store = migrated(&database).await;
    let moments = [
        "2026-11-22T12:34:56.500001Z",
        "2026-11-22T12:34:57Z",
        "2026-11-22T12:34:56Z",
        "2026-11-22T12:34:56.5Z",
        "2026-11-22T12:34:57Z",
        "2026-11-22T12:34:56.000001Z",
        "2026-11-22T12:34:57Z",
    ];
    let mut expected = Vec::new();
    for (number, moment) in (1..).zip(moments) {
        let app = App { created_at: moment.parse().unwrap(), ..app(number) };
        add_app(&store, &app).await;
        expected.push(app);
    }
    expected.sort_by_key(|app| std::cmp::Reverse((app.created_at, app.id.clone())));

    let mut listed: Vec<App> = Vec::new();
    let position = |app: &App| AppPosition { created_at: app.created_at, id: app.id.clone() };
    for _ in 0..=expected.len() {
        let edge = listed.last().map_or(Edge::Newest, |app| Edge::OlderThan(position(app)));
        let page = store.apps().apps(&workspace_id(), &AppFilter::default(), edge, 2).await.unwrap().items;
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }

    assert_eq!(listed, expected);
}

async fn the_id_of_an_app_or_environment_is_taken_once(database: TestDatabase) {
    let store = migrated(&database).await;
    add_app(&store, &app(1)).await;

    let same_id = App { id: app(1).id, ..app(2) };
    assert_conflict(transact(&store, |work| work.apps().insert_app(&same_id)).await);
    let same_environment = App { environments: app(1).environments, ..app(2) };
    assert_conflict(transact(&store, |work| work.apps().insert_app(&same_environment)).await);

    assert_eq!(apps_of(&store, &workspace_id()).await, [app(1)]);
}

async fn saving_an_app_changes_its_details_only(database: TestDatabase) {
    let store = with_app(&database).await;
    let saved = App { version: Version::NEW.next(), details: details(), ..app(9) };
    let saved = App { id: app_id(), ..saved };

    transact(&store, |work| work.apps().save_app(&saved, Version::NEW)).await.unwrap();

    let expected = App { details: saved.details, version: saved.version, ..test_app() };
    assert_eq!(store.apps().app(&workspace_id(), &app_id()).await.unwrap(), Some(expected));
}

async fn a_stale_app_is_not_saved(database: TestDatabase) {
    let store = with_app(&database).await;
    let first = test_app().revise(details()).unwrap();
    transact(&store, |work| work.apps().save_app(&first, Version::NEW)).await.unwrap();

    let second = App { details: app(2).details, ..first.clone() };
    assert_conflict(transact(&store, |work| work.apps().save_app(&second, Version::NEW)).await);

    assert_eq!(store.apps().app(&workspace_id(), &app_id()).await.unwrap(), Some(first));
}

async fn an_app_is_of_its_workspace_only(database: TestDatabase) {
    let store = with_app(&database).await;
    let theirs = App { workspace_id: other_workspace(), details: details(), ..test_app() };

    let other = other_workspace();
    assert_eq!(store.apps().app(&other, &app_id()).await.unwrap(), None);
    assert_eq!(apps_of(&store, &other).await, []);
    let mut work = locked_in(&store, &other).await;
    assert_eq!(work.apps().app_to_change(&other, &app_id()).await.unwrap(), None);
    drop(work);
    let save = transact_in(&store, &other, |work| work.apps().save_app(&theirs, Version::NEW));
    assert_conflict(save.await);

    add_app(&store, &theirs).await;
    assert_eq!(store.apps().app(&other, &app_id()).await.unwrap().as_ref(), Some(&theirs));
    assert_eq!(apps_of(&store, &other).await, std::slice::from_ref(&theirs));
    let renamed = App { version: Version::NEW.next(), ..theirs };
    transact(&store, |work| work.apps().save_app(&renamed, Version::NEW)).await.unwrap();
    assert_eq!(store.apps().app(&workspace_id(), &app_id()).await.unwrap(), Some(test_app()));
    assert_eq!(apps_of(&store, &workspace_id()).await, [test_app()]);
}

async fn an_app_goes_with_its_transaction(database: TestDatabase) {
    let store = with_app(&database).await;
    let changed = test_app().revise(details()).unwrap();
    let mut work = locked(&store).await;
    work.apps().insert_app(&app(1)).await.unwrap();
    work.apps().save_app(&changed, Version::NEW).await.unwrap();
    drop(work);

    assert_eq!(apps_of(&store, &workspace_id()).await, [test_app()]);
}

async fn a_corrupt_app_is_named(database: TestDatabase) {
    let store = with_app(&database).await;
    for (column, value, right) in [
        ("allowed_redirect_origins", "[", "[]"),
        ("allowed_redirect_origins", "[7]", "[]"),
        ("version", "-1", "0"),
    ] {
        raw::execute(&database.url, &format!("UPDATE apps SET {column} = '{value}'")).await;
        assert_corrupt(store.apps().app(&workspace_id(), &app_id()).await, ("apps", column, "app_test"));
        raw::execute(&database.url, &format!("UPDATE apps SET {column} = '{right}'")).await;
    }
    raw::execute(&database.url, "UPDATE environments SET kind = 'staging'").await;
    let app = store.apps().app(&workspace_id(), &app_id()).await;
    assert_corrupt(app, ("environments", "kind", "env_test"));
}
