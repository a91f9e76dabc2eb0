use billing_testing::{Suite, TestDatabase};
use serde_json::{Value, json};

use crate::shop::{Shop, assert_names_field};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_feature_is_made_changed_and_deleted", a_feature_is_made_changed_and_deleted)
        .on_every_database("attaching_an_unknown_feature_creates_it", attaching_an_unknown_feature_creates_it)
        .on_every_database("a_feature_in_use_is_not_deleted", a_feature_in_use_is_not_deleted)
        .on_every_database("a_detached_feature_is_not_in_the_plan", a_detached_feature_is_not_in_the_plan)
        .on_sqlite(
            "a_feature_with_a_wrong_field_is_refused_by_name",
            a_feature_with_a_wrong_field_is_refused_by_name,
        )
        .on_sqlite("plan_with_50_features_takes_no_more", plan_with_50_features_takes_no_more)
        .on_every_database("features_are_listed_newest_first", features_are_listed_newest_first)
}

fn not_found() -> (u16, String) {
    (404, "not_found".to_owned())
}

async fn a_feature_is_made_changed_and_deleted(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = json!({ "key": "pro_export", "name": "Export", "description": "As CSV" });
    let created = shop.post("/features", &body).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let feature = "/features/pro_export";
    assert_eq!(shop.get(feature).await.text, created.text);
    let mut expected = created.json();
    for (field, value) in [("key", "pro_export"), ("name", "Export"), ("description", "As CSV")] {
        assert_eq!(expected[field], value);
    }
    let taken = shop.post("/features", &json!({ "key": "pro_export", "name": "Other" })).await;
    assert_eq!(taken.refusal(), (409, "feature_key_taken".to_owned()));

    let changed = shop.patch(feature, &json!({ "name": "Exports", "description": null, "version": 0 })).await;
    expected["name"] = json!("Exports");
    expected["description"] = Value::Null;
    expected["version"] = json!(1);
    assert_eq!(changed.json(), expected);
    assert_eq!(shop.patch(feature, &json!({ "name": "Exports" })).await.json(), expected);
    let stale = shop.patch(feature, &json!({ "name": "Stale", "version": 0 })).await;
    assert_eq!(stale.refusal(), (409, "concurrent_change".to_owned()));
    assert_eq!(stale.json()["details"]["feature"], expected);
    // Also where nothing would change.
    for unchanged in [json!({ "version": 0 }), json!({ "name": "Exports", "version": 0 })] {
        let stale = shop.patch(feature, &unchanged).await;
        assert_eq!(stale.refusal(), (409, "concurrent_change".to_owned()), "{unchanged}");
    }

    let deleted = shop.delete(feature).await;
    assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (204, ""));
    assert_eq!(shop.get(feature).await.refusal(), not_found());
    assert_eq!(shop.delete(feature).await.refusal(), not_found());
    assert_eq!(shop.patch(feature, &json!({ "name": "X" })).await.refusal(), not_found());
    assert_eq!(shop.post("/features", &body).await.status, 201, "the key is free again");
}

async fn attaching_an_unknown_feature_creates_it(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let features = format!("{plan}/features");
    let body = json!({ "key": "pro_export", "name": "Export", "description": "As CSV" });

    let attached = shop.post(&features, &body).await;
    assert_eq!(attached.status, 201, "{}", attached.text);
    assert_eq!(shop.get("/features/pro_export").await.text, attached.text);
    let again = shop.post(&features, &body).await;
    assert_eq!((again.status.as_u16(), &again.text), (200, &attached.text));

    // One that exists keeps its name, and needs none.
    let other = shop.sold_plan("team").await;
    let renaming = json!({ "key": "pro_export", "name": "Another name" });
    let kept = shop.post(&format!("{other}/features"), &renaming).await;
    assert_eq!((kept.status.as_u16(), &kept.text), (201, &attached.text));
    shop.post("/features", &json!({ "key": "seats", "name": "Seats" })).await;
    assert_eq!(shop.post(&features, &json!({ "key": "seats" })).await.status, 201);
    let names: Vec<_> = shop.get(&plan).await.json()["features"].as_array().unwrap().clone();
    assert_eq!(names[0], json!({ "key": "pro_export", "name": "Export", "description": "As CSV" }));
    assert_eq!(names[1], json!({ "key": "seats", "name": "Seats", "description": null }));

    let nameless = shop.post(&features, &json!({ "key": "nameless" })).await;
    assert_names_field(&nameless, "name");
    assert_eq!(shop.get("/features/nameless").await.refusal(), not_found());
}

async fn a_feature_in_use_is_not_deleted(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let mut plans = Vec::new();
    for key in ["basic", "pro"] {
        let plan = shop.sold_plan(key).await;
        shop.post(&format!("{plan}/features"), &json!({ "key": "export", "name": "Export" })).await;
        plans.push(json!({ "id": plan.strip_prefix("/plans/").unwrap(), "name": key }));
    }
    // Whoever has an archived plan would lose it too.
    shop.delete(&format!("/plans/{}", plans[0]["id"].as_str().unwrap())).await;

    let refused = shop.delete("/features/export").await;

    assert_eq!(refused.refusal(), (409, "feature_in_use".to_owned()));
    plans.reverse();
    assert_eq!(refused.json()["details"]["plans"], json!(plans));
    assert_eq!(shop.get("/features/export").await.status, 200);
    for plan in &plans {
        let path = format!("/plans/{}/features/export", plan["id"].as_str().unwrap());
        assert_eq!(shop.delete(&path).await.status, 204);
    }
    assert_eq!(shop.delete("/features/export").await.status, 204);
}

async fn a_detached_feature_is_not_in_the_plan(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    shop.post(&format!("{plan}/features"), &json!({ "key": "export", "name": "Export" })).await;
    let path = format!("{plan}/features/export");

    let detached = shop.delete(&path).await;

    assert_eq!((detached.status.as_u16(), detached.text.as_str()), (204, ""));
    let after = shop.get(&plan).await;
    assert_eq!(after.json()["features"], json!([]));
    assert_eq!(shop.delete(&path).await.status, 204, "it may be repeated");
    assert_eq!(shop.get(&plan).await.text, after.text);
    assert_eq!(shop.get("/features/export").await.status, 200, "the feature itself stays");
    assert_eq!(shop.delete(&format!("{plan}/features/unknown")).await.refusal(), not_found());
}

async fn a_feature_with_a_wrong_field_is_refused_by_name(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    shop.post("/features", &json!({ "key": "there", "name": "There" })).await;
    let cases: Vec<(&str, Value)> = vec![
        ("key", json!("")),
        ("key", json!("Pro Export")),
        ("key", json!("<b>")),
        ("key", json!("k".repeat(65))),
        ("key", json!(7)),
        ("name", json!("")),
        ("name", json!("x".repeat(101))),
        ("name", json!("a\u{7}b")),
        ("name", json!({ "en": "Export" })),
        ("description", json!("")),
        ("description", json!("x".repeat(501))),
        ("description", json!(7)),
        ("limit", json!(5)),
    ];
    for (field, value) in cases {
        let mut body = json!({ "key": "new", "name": "New" });
        body[field] = value.clone();
        assert_names_field(&shop.post("/features", &body).await, field);
        assert_names_field(&shop.post(&format!("{plan}/features"), &body).await, field);
        assert_names_field(&shop.patch("/features/there", &json!({ field: value })).await, field);
    }
    for missing in ["key", "name"] {
        let mut body = json!({ "key": "new", "name": "New" });
        body.as_object_mut().unwrap().remove(missing);
        assert_names_field(&shop.post("/features", &body).await, missing);
    }
    assert_names_field(&shop.patch("/features/there", &json!({ "name": null })).await, "name");
    assert_eq!(shop.get("/features").await.json()["items"].as_array().unwrap().len(), 1);
}

async fn plan_with_50_features_takes_no_more(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let features = format!("{plan}/features");
    let feature = |number: u32| json!({ "key": format!("feature_{number}"), "name": "Feature" });
    for number in 0..50 {
        assert_eq!(shop.post(&features, &feature(number)).await.status, 201);
    }
    let too_many = shop.post(&features, &feature(50)).await;
    assert_eq!(too_many.refusal(), (400, "limit_reached".to_owned()));
    assert_eq!(shop.get("/features/feature_50").await.refusal(), not_found());
    assert_eq!(shop.post(&features, &feature(49)).await.status, 200);
}

async fn features_are_listed_newest_first(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for number in 0..5 {
        let body = json!({ "key": format!("feature_{number}"), "name": "Feature" });
        shop.post("/features", &body).await;
    }
    let first = shop.get("/features?limit=3").await.json();
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = shop.get(&format!("/features?limit=3&cursor={cursor}")).await.json();
    assert!(second["nextCursor"].is_null());
    let items = [&first, &second].into_iter().flat_map(|page| page["items"].as_array().unwrap());
    let keys: Vec<_> = items.map(|feature| feature["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["feature_4", "feature_3", "feature_2", "feature_1", "feature_0"]);
}
