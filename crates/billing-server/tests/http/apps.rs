use billing_testing::{Suite, TestDatabase, tokens};
use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{Shop, assert_names_field, new_app};
use crate::{APPS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("an_app_is_made_read_and_changed", an_app_is_made_read_and_changed)
        .on_sqlite(
            "an_app_with_a_wrong_field_is_refused_by_name",
            an_app_with_a_wrong_field_is_refused_by_name,
        )
        .on_sqlite("app_origins_are_unique_and_at_most_50", app_origins_are_unique_and_at_most_50)
        .on_every_database("change_based_on_a_stale_app_is_refused", change_based_on_a_stale_app_is_refused)
        .on_every_database("apps_are_listed_newest_first", apps_are_listed_newest_first)
}

/// While billing is off.
async fn an_app_is_made_read_and_changed(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_shop");
    let body = json!({ "name": "  Shop 東京 ", "allowedRedirectOrigins": ["HTTPS://Shop.Example.com:443/"] });
    let created = service.post_json(APPS, &owner, &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let app = created.json();
    assert!(app["id"].as_str().unwrap().starts_with("app_"));
    assert_eq!(app["name"], "Shop 東京");
    assert_eq!(app["allowedRedirectOrigins"], json!(["https://shop.example.com"]));
    assert_eq!(app["version"], 0);
    let kinds: Vec<_> = app["environments"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["development", "production"]);
    assert!(app["environments"][0]["id"].as_str().unwrap().starts_with("env_"));

    let path = format!("{APPS}/{}", app["id"].as_str().unwrap());
    assert_eq!(service.get(&path, &owner).await.text, created.text);

    let renamed = service.patch_json(&path, &owner, &json!({ "name": "Store" })).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    let mut expected = app.clone();
    expected["name"] = json!("Store");
    expected["version"] = json!(1);
    assert_eq!(renamed.json(), expected);
    let again = service.patch_json(&path, &owner, &json!({ "name": "Store" })).await;
    assert_eq!(again.text, renamed.text, "the second time changes nothing");
    let moved = service.patch_json(&path, &owner, &json!({ "allowedRedirectOrigins": [] })).await.json();
    assert_eq!((&moved["allowedRedirectOrigins"], &moved["version"]), (&json!([]), &json!(2)));
    assert_eq!(service.patch_json(&path, &owner, &json!({})).await.json(), moved);
    assert_eq!(service.get(&path, &owner).await.json(), moved);
}

async fn an_app_with_a_wrong_field_is_refused_by_name(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let app = format!("{APPS}/{}", shop.app);
    let before = shop.service.get(&app, &shop.owner).await.text;
    let cases: Vec<(&str, Value)> = vec![
        ("name", json!("")),
        ("name", json!("   ")),
        ("name", json!("x".repeat(101))),
        ("name", json!("a\nb")),
        ("name", json!("a\u{0}b")),
        ("name", json!("a\u{202e}b")),
        ("name", json!(7)),
        ("name", Value::Null),
        ("name", json!(["Shop"])),
        ("allowedRedirectOrigins", json!("https://example.com")),
        ("allowedRedirectOrigins", Value::Null),
        ("allowedRedirectOrigins[0]", json!(["http://example.com"])),
        ("allowedRedirectOrigins[0]", json!(["javascript:alert(1)"])),
        ("allowedRedirectOrigins[1]", json!(["https://example.com", "https://evil.example/path"])),
        ("allowedRedirectOrigins[0]", json!([7])),
        ("id", json!("app_mine")),
        ("workspaceId", json!("ws_other")),
    ];
    for (field, value) in cases {
        let name = field.split('[').next().unwrap();
        let mut body = json!({ "name": "Shop" });
        body[name] = value;
        assert_names_field(&shop.service.post_json(APPS, &shop.owner, &body).await, field);
        let patch = json!({ name: body[name] });
        assert_names_field(&shop.service.patch_json(&app, &shop.owner, &patch).await, field);
    }
    assert_names_field(&shop.service.post_json(APPS, &shop.owner, &json!({})).await, "name");
    for version in [json!(-1), json!("0"), json!(1.5), Value::Null] {
        let patch = json!({ "name": "Shop", "version": version });
        assert_names_field(&shop.service.patch_json(&app, &shop.owner, &patch).await, "version");
    }
    for path in [APPS, app.as_str()] {
        let method = if path == APPS { Method::POST } else { Method::PATCH };
        let nothing = shop.service.request(method, path).bearer_auth(&shop.owner);
        assert_eq!(shop.service.send(nothing).await.refusal(), (400, "invalid_request".to_owned()));
    }
    assert_eq!(shop.service.get(&app, &shop.owner).await.text, before);
    assert_eq!(shop.log().await.len(), 2, "nothing but enabling and making the app");
}

async fn app_origins_are_unique_and_at_most_50(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let origins = |count: u32| -> Value { (0..count).map(|n| format!("https://a{n}.example")).collect() };
    let twice =
        json!({ "name": "Twice", "allowedRedirectOrigins": ["https://a.example", "https://A.example/"] });
    let created = shop.service.post_json(APPS, &shop.owner, &twice).await;
    assert_eq!(created.json()["allowedRedirectOrigins"], json!(["https://a.example"]));

    let app = format!("{APPS}/{}", shop.app);
    let most =
        shop.service.patch_json(&app, &shop.owner, &json!({ "allowedRedirectOrigins": origins(50) })).await;
    assert_eq!(most.status, 200, "{}", most.text);
    let body = json!({ "name": "Shop", "allowedRedirectOrigins": origins(51) });
    let too_many = shop.service.patch_json(&app, &shop.owner, &body).await;
    assert_eq!(too_many.refusal(), (400, "limit_reached".to_owned()));
    let too_many = shop.service.post_json(APPS, &shop.owner, &body).await;
    assert_eq!(too_many.refusal(), (400, "limit_reached".to_owned()));
}

async fn change_based_on_a_stale_app_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let app = format!("{APPS}/{}", shop.app);
    let patch = |name: &str, version: u32| json!({ "name": name, "version": version });
    let first = shop.service.patch_json(&app, &shop.owner, &patch("First", 0)).await;
    assert_eq!(first.json()["version"], 1, "{}", first.text);

    let stale = shop.service.patch_json(&app, &shop.owner, &patch("Second", 0)).await;

    assert_eq!(stale.refusal(), (409, "concurrent_change".to_owned()));
    assert_eq!(stale.json()["details"]["app"], first.json());
    // Also where nothing would change.
    for unchanged in [json!({ "version": 0 }), patch("First", 0)] {
        let stale = shop.service.patch_json(&app, &shop.owner, &unchanged).await;
        assert_eq!(stale.refusal(), (409, "concurrent_change".to_owned()), "{unchanged}");
    }
    assert_eq!(shop.service.get(&app, &shop.owner).await.text, first.text);
    let informed = shop.service.patch_json(&app, &shop.owner, &patch("Second", 1)).await;
    assert_eq!(informed.json()["name"], "Second");
}

async fn apps_are_listed_newest_first(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_shop");
    let mut made = Vec::new();
    for number in 0..7 {
        made.push(new_app(&service, &owner, &format!("App {number}")).await);
    }
    made.reverse();
    let mut listed = Vec::new();
    let mut path = format!("{APPS}?limit=3");
    loop {
        let page = service.get(&path, &owner).await.json();
        let items = page["items"].as_array().unwrap();
        listed.extend(items.iter().map(|app| app["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        assert_eq!(items.len(), 3);
        path = format!("{APPS}?limit=3&cursor={cursor}");
    }
    assert_eq!(listed, made);
    assert_eq!(service.get(APPS, &tokens::owner("ws_other")).await.json()["items"], json!([]));
}
