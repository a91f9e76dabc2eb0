use billing_testing::{Suite, TestDatabase, tokens};
use serde_json::{Value, json};

use crate::shop::Shop;
use crate::{DISABLE, ENABLE, OFF, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "plan_is_sold_again_after_billing_was_off",
            plan_is_sold_again_after_billing_was_off,
        )
        .on_every_database("the_catalog_survives_a_crash", the_catalog_survives_a_crash)
}

/// What a newcomer does first, in the demo workspace.
async fn plan_is_sold_again_after_billing_was_off(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");
    let plans = "/v1/dashboard/apps/app_demo/billing/plans";

    assert_eq!(service.get(plans, &owner).await.refusal(), (403, "billing_not_enabled".to_owned()));
    assert_eq!(service.post(ENABLE, &owner).await.status, 200);
    let price = |minor_units: i64, currency: &str, interval: &str| json!({ "amount": { "minorUnits": minor_units, "currency": currency }, "interval": interval });
    let created = service
        .post_json(
            plans,
            &owner,
            &json!({
                "key": "pro",
                "name": "Pro",
                "prices": [price(1250, "USD", "month"), price(1200, "JPY", "month"), price(4500, "KWD", "year")],
            }),
        )
        .await;
    assert_eq!(created.status, 201, "{}", created.text);
    let plan = format!("{plans}/{}", created.json()["id"].as_str().unwrap());
    let feature = json!({ "key": "pro_export", "name": "Export" });
    let attached = service.post_json(&format!("{plan}/features"), &owner, &feature).await;
    assert_eq!(attached.status, 201, "{}", attached.text);

    let read = service.get(&plan, &owner).await.json();
    for (field, value) in [
        ("appId", json!("app_demo")),
        ("key", json!("pro")),
        ("name", json!("Pro")),
        ("description", Value::Null),
        ("payerKind", json!("user")),
        ("visibility", json!("public")),
        ("isDefault", json!(false)),
        ("features", json!([{ "key": "pro_export", "name": "Export", "description": null }])),
        ("archivedAt", Value::Null),
        ("version", json!(1)),
    ] {
        assert_eq!(read[field], value, "{field}");
    }
    let sold_at: Vec<_> = read["prices"].as_array().unwrap().iter().map(terms).collect();
    let expected = [price(1250, "USD", "month"), price(1200, "JPY", "month"), price(4500, "KWD", "year")];
    assert_eq!(sold_at, expected);
    assert!(read["prices"].as_array().unwrap().iter().all(|price| price["planId"] == read["id"]));
    assert_eq!(service.get(plans, &owner).await.json(), json!({ "items": [read], "nextCursor": null }));

    assert_eq!(service.post(DISABLE, &owner).await.text, OFF);
    assert_eq!(service.get(&plan, &owner).await.refusal(), (403, "billing_not_enabled".to_owned()));
    // What was sold is sold again.
    service.post(ENABLE, &owner).await;
    assert_eq!(service.get(&plan, &owner).await.json(), read);
}

fn terms(price: &Value) -> Value {
    json!({ "amount": price["amount"], "interval": price["interval"] })
}

async fn the_catalog_survives_a_crash(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let plan = shop.at(&shop.sold_plan("pro").await);
    let before = shop.service.get(&plan, &shop.owner).await.text;
    shop.service.kill();

    let service = service(&database).await;
    assert_eq!(service.get(&plan, &shop.owner).await.text, before);
    assert_eq!(service.get(STATUS, &shop.owner).await.json()["billingEnabled"], true);
}
