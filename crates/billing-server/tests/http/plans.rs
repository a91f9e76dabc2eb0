use billing_testing::{Suite, TestDatabase};
use serde_json::{Value, json};

use crate::shop::{Shop, assert_names_field, usd};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_plan_is_changed_field_by_field", a_plan_is_changed_field_by_field)
        .on_every_database("a_plan_is_created_with_its_features", a_plan_is_created_with_its_features)
        .on_sqlite(
            "a_plan_with_a_wrong_field_is_refused_by_name",
            a_plan_with_a_wrong_field_is_refused_by_name,
        )
        .on_every_database(
            "names_and_descriptions_are_stored_unescaped",
            names_and_descriptions_are_stored_unescaped,
        )
        .on_every_database(
            "plan_key_is_unique_among_plans_that_are_sold",
            plan_key_is_unique_among_plans_that_are_sold,
        )
        .on_every_database("an_archived_plan_is_kept_and_not_sold", an_archived_plan_is_kept_and_not_sold)
        .on_every_database(
            "one_free_plan_per_kind_of_payer_is_the_default",
            one_free_plan_per_kind_of_payer_is_the_default,
        )
        .on_every_database("change_based_on_a_stale_plan_is_refused", change_based_on_a_stale_plan_is_refused)
}

async fn a_plan_is_changed_field_by_field(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = json!({
        "key": "team", "name": "Team", "description": "For teams", "payerKind": "organization",
        "visibility": "hidden", "trialDays": 730,
    });
    let plan = shop.plan(&body).await;
    let mut expected = shop.get(&plan).await.json();
    assert_eq!(expected["payerKind"], "organization");
    for (version, (field, value)) in (1..).zip([
        ("name", json!("Teams")),
        ("description", json!("For\nmany teams")),
        ("description", Value::Null),
        ("trialDays", json!(0)),
        ("visibility", json!("public")),
        ("isDefault", json!(true)),
        ("isDefault", json!(false)),
    ]) {
        let changed = shop.patch(&plan, &json!({ field: value })).await;
        expected[field] = value;
        expected["version"] = json!(version);
        assert_eq!(changed.json(), expected, "{field}");
    }
    assert_eq!(shop.patch(&plan, &json!({})).await.json(), expected);
    assert_eq!(shop.get(&plan).await.json(), expected);
}

async fn a_plan_is_created_with_its_features(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for key in ["export", "sso"] {
        assert_eq!(shop.post("/features", &json!({ "key": key, "name": key })).await.status, 201);
    }
    let body = |features: &[&str]| json!({ "key": "pro", "name": "Pro", "features": features });
    assert_names_field(&shop.post("/plans", &body(&["export", "unheard_of"])).await, "features");
    assert_names_field(&shop.post("/plans", &body(&["export", "Not a key"])).await, "features[1]");

    let created = shop.post("/plans", &body(&["sso", "export"])).await.json();

    let keys: Vec<_> =
        created["features"].as_array().unwrap().iter().map(|feature| &feature["key"]).collect();
    assert_eq!(keys, ["export", "sso"]);
    let plan = format!("/plans/{}", created["id"].as_str().unwrap());
    assert_eq!(shop.get(&plan).await.json(), created);
    let attached = ("plan_feature".to_owned(), "attached".to_owned());
    assert_eq!(shop.log().await[..2], [attached.clone(), attached]);
}

async fn a_plan_with_a_wrong_field_is_refused_by_name(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let before = shop.get(&plan).await.text;
    let wrong_in_both: Vec<(&str, Value)> = vec![
        ("name", json!("")),
        ("name", json!("x".repeat(101))),
        ("name", json!("two\nlines")),
        ("name", json!(true)),
        ("name", Value::Null),
        ("description", json!("")),
        ("description", json!("x".repeat(501))),
        ("description", json!("bell\u{7}here")),
        ("description", json!({})),
        ("trialDays", json!(-1)),
        ("trialDays", json!(731)),
        ("trialDays", json!(1.5)),
        ("trialDays", json!("14")),
        ("trialDays", Value::Null),
        ("visibility", json!("secret")),
        ("visibility", json!({ "public": null })),
        ("visibility", Value::Null),
        ("isDefault", json!("yes")),
        ("isDefault", json!(1)),
        ("isDefault", Value::Null),
        ("archivedAt", Value::Null),
        ("id", json!("plan_mine")),
    ];
    for (field, value) in &wrong_in_both {
        assert_names_field(&shop.patch(&plan, &json!({ *field: value })).await, field);
    }
    let wrong_in_new: Vec<(&str, Value)> = vec![
        ("key", json!("")),
        ("key", json!("Pro")),
        ("key", json!("pro-1")),
        ("key", json!("prö")),
        ("key", json!(" pro")),
        ("key", json!("k".repeat(65))),
        ("key", json!("'; DROP TABLE plans; --")),
        ("key", Value::Null),
        ("payerKind", json!("team")),
        ("payerKind", Value::Null),
        ("prices", json!({})),
        ("prices", Value::Null),
        ("prices[0]", json!([7])),
        ("prices[0].amount.minorUnits", json!([{ "amount": { "minorUnits": "7", "currency": "USD" } }])),
        ("prices[0].interval", json!([{ "interval": "week" }])),
        ("prices[0].extra", json!([{ "extra": 1 }])),
        ("prices[1].amount.minorUnits", json!([usd(5), usd(0)])),
        ("prices[0].amount.minorUnits", json!([usd(-5)])),
        ("prices[0].amount.minorUnits", json!([usd(100_000_000)])),
        ("prices[0]", json!([[usd(5)["amount"], "month"]])),
        ("prices", json!([usd(5), usd(6)])),
    ];
    for (field, value) in wrong_in_both.iter().chain(&wrong_in_new) {
        let name = field.split('[').next().unwrap();
        let mut body = json!({ "key": "new", "name": "New" });
        body[name] = value.clone();
        assert_names_field(&shop.post("/plans", &body).await, field);
    }
    for name in ["key", "payerKind", "prices"] {
        assert_names_field(&shop.patch(&plan, &json!({ name: "x" })).await, name);
    }
    assert_names_field(&shop.post("/plans", &json!({ "name": "New" })).await, "key");
    assert_names_field(&shop.post("/plans", &json!({ "key": "new" })).await, "name");
    assert_eq!(shop.get(&plan).await.text, before);
    assert_eq!(shop.get("/plans").await.json()["items"].as_array().unwrap().len(), 1);
}

/// Script and SQL are text like any other.
async fn names_and_descriptions_are_stored_unescaped(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for (number, text) in [
        "<script>alert(1)</script>",
        "'; DROP TABLE plans; --",
        "Robert\\\"); --",
        "${7*7} {{7*7}} %s %00",
        "Équipe 東京 🚀",
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({ "key": format!("plan_{number}"), "name": text, "description": text });
        let plan = shop.plan(&body).await;
        let read = shop.get(&plan).await.json();
        assert_eq!((&read["name"], &read["description"]), (&json!(text), &json!(text)));
    }
    assert_eq!(shop.get("/plans").await.json()["items"].as_array().unwrap().len(), 5);
}

async fn plan_key_is_unique_among_plans_that_are_sold(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let body = json!({ "key": "pro", "name": "Pro" });
    let plan = shop.plan(&body).await;

    assert_eq!(shop.post("/plans", &body).await.refusal(), (409, "plan_key_taken".to_owned()));
    shop.delete(&plan).await;
    let successor = shop.plan(&body).await;

    assert_ne!(successor, plan);
    // Many at once make one.
    let asked = (0..8).map(|number| {
        let body = json!({ "key": "once", "name": format!("Once {number}") });
        let (service, path, owner) = (&shop.service, shop.at("/plans"), &shop.owner);
        async move { service.post_json(&path, owner, &body).await.status.as_u16() }
    });
    let mut statuses = futures_util::future::join_all(asked).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

async fn an_archived_plan_is_kept_and_not_sold(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let sold = shop.sold_plan("still_sold").await;

    let archived = shop.delete(&plan).await;

    assert_eq!(archived.status, 200, "{}", archived.text);
    assert!(archived.json()["archivedAt"].is_string());
    assert_eq!(shop.delete(&plan).await.text, archived.text, "the second time changes nothing");
    assert_eq!(shop.get(&plan).await.text, archived.text);
    let ids = |list: Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().clone();
        items.iter().map(|plan| format!("/plans/{}", plan["id"].as_str().unwrap())).collect()
    };
    assert_eq!(ids(shop.get("/plans").await.json()), [sold.as_str()]);
    assert_eq!(ids(shop.get("/plans?archived=false").await.json()), [sold]);
    assert_eq!(ids(shop.get("/plans?archived=true").await.json()), [plan.as_str()]);

    let refused = (409, "plan_archived".to_owned());
    assert_eq!(shop.patch(&plan, &json!({ "name": "Again" })).await.refusal(), refused);
    assert_eq!(shop.post(&format!("{plan}/prices"), &usd(900)).await.refusal(), refused);
    let price = archived.json()["prices"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(shop.delete(&format!("{plan}/prices/{price}")).await.status, 200);
    // Those who have it can get more of it.
    let feature = json!({ "key": "extra", "name": "Extra" });
    assert_eq!(shop.post(&format!("{plan}/features"), &feature).await.status, 201);
}

async fn one_free_plan_per_kind_of_payer_is_the_default(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let default =
        |key: &str, payer: &str| json!({ "key": key, "name": key, "payerKind": payer, "isDefault": true });
    let not_free = (400, "default_plan_must_be_free".to_owned());
    let taken = (409, "default_plan_taken".to_owned());

    let mut body = default("free", "user");
    body["trialDays"] = json!(1);
    assert_eq!(shop.post("/plans", &body).await.refusal(), not_free);
    let mut body = default("free", "user");
    body["prices"] = json!([usd(1)]);
    assert_eq!(shop.post("/plans", &body).await.refusal(), not_free);

    let free = shop.plan(&default("free", "user")).await;
    shop.plan(&default("free_team", "organization")).await;
    let second = shop.post("/plans", &default("second", "user")).await;
    assert_eq!(second.refusal(), taken);
    assert_eq!(format!("/plans/{}", second.json()["details"]["planId"].as_str().unwrap()), free);
    assert_eq!(shop.post(&format!("{free}/prices"), &usd(5)).await.refusal(), not_free);
    assert_eq!(shop.patch(&free, &json!({ "trialDays": 7 })).await.refusal(), not_free);

    let other = shop.plan(&json!({ "key": "other", "name": "Other" })).await;
    assert_eq!(shop.patch(&other, &json!({ "isDefault": true })).await.refusal(), taken);
    shop.delete(&free).await;
    assert_eq!(shop.patch(&other, &json!({ "isDefault": true })).await.status, 200);
    assert_eq!(shop.get(&free).await.json()["isDefault"], false, "an archived plan is no default");
    let sold = shop.sold_plan("pro").await;
    assert_eq!(shop.patch(&sold, &json!({ "isDefault": true })).await.refusal(), not_free);
}

async fn change_based_on_a_stale_plan_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.sold_plan("pro").await;
    let first = shop.patch(&plan, &json!({ "name": "First", "version": 0 })).await;
    assert_eq!(first.json()["version"], 1, "{}", first.text);

    let stale = (409, "concurrent_change".to_owned());
    let second = shop.patch(&plan, &json!({ "name": "Second", "version": 0 })).await;
    assert_eq!(second.refusal(), stale);
    // Also where nothing would change.
    for unchanged in [json!({ "version": 0 }), json!({ "name": "First", "version": 0 })] {
        assert_eq!(shop.patch(&plan, &unchanged).await.refusal(), stale, "{unchanged}");
    }
    let mut offered = usd(1250);
    offered["version"] = json!(0);
    assert_eq!(shop.post(&format!("{plan}/prices"), &offered).await.refusal(), stale);
    assert_eq!(second.json()["details"]["plan"], first.json());
    let mut price = usd(900);
    price["version"] = json!(0);
    let added = shop.post(&format!("{plan}/prices"), &price).await;
    assert_eq!(added.refusal(), stale);
    assert_eq!(added.json()["details"]["plan"], first.json());
    assert_eq!(shop.get(&plan).await.text, first.text);

    price["version"] = json!(1);
    assert_eq!(shop.post(&format!("{plan}/prices"), &price).await.status, 201);
    // A price and a feature are changes of the plan too.
    assert_eq!(shop.patch(&plan, &json!({ "name": "Third", "version": 1 })).await.refusal(), stale);
    assert_eq!(shop.patch(&plan, &json!({ "name": "Third" })).await.json()["version"], 3);
}
